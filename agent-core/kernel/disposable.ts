// Whatever starts something returns a Disposable; a Scope disposes what was added, in reverse order, once.

export interface Disposable {
  dispose(): void | Promise<void>
}

export const disposable = (dispose: () => void | Promise<void>): Disposable => ({ dispose })

export class Scope implements Disposable {
  #parts: Disposable[] = []
  #closed: Promise<void> | undefined

  get disposed(): boolean {
    return this.#closed !== undefined
  }

  /** Registers a part. A part added after dispose() is disposed at once. */
  add<T extends Disposable>(part: T): T {
    if (this.#closed) void part.dispose()
    else this.#parts.push(part)
    return part
  }

  defer(dispose: () => void | Promise<void>): void {
    this.add({ dispose })
  }

  /** Disposes every part even when one throws; rejects with the first error. */
  dispose(): Promise<void> {
    this.#closed ??= this.#disposeAll()
    return this.#closed
  }

  async #disposeAll(): Promise<void> {
    const errors: unknown[] = []
    for (const part of this.#parts.splice(0).toReversed()) {
      try {
        await part.dispose()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
