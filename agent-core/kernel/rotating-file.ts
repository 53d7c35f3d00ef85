// An append-only file that is renamed to `<name>.1` … when it grows past its size. A failing disk costs log lines,
// never the agent: the first failure goes to stderr, writing is tried again with each later line.
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Disposable } from './disposable.ts'
import { errorText } from './errors.ts'

export class RotatingFile implements Disposable {
  #fd: number | undefined
  #size = 0
  #failed = false
  #closed = false
  readonly #path: string
  readonly #maxBytes: number
  readonly #backups: number

  constructor(path: string, maxBytes: number, backups: number) {
    this.#path = path
    this.#maxBytes = Math.max(1, maxBytes)
    this.#backups = Math.max(0, backups)
  }

  write(line: string): void {
    if (this.#closed) return
    try {
      const bytes = Buffer.byteLength(line)
      if (this.#fd !== undefined && this.#size > 0 && this.#size + bytes > this.#maxBytes) this.#rotate()
      this.#fd ??= this.#open()
      writeSync(this.#fd, line)
      this.#size += bytes
      this.#failed = false
    } catch (error) {
      if (!this.#failed) process.stderr.write(`log ${this.#path}: ${errorText(error)}\n`)
      this.#failed = true
      this.#close()
    }
  }

  dispose(): void {
    this.#closed = true
    this.#close()
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true })
    const fd = openSync(this.#path, 'a', 0o640)
    this.#size = fstatSync(fd).size
    return fd
  }

  #close(): void {
    if (this.#fd === undefined) return
    try {
      closeSync(this.#fd)
    } catch {
      // The descriptor is gone already: nothing to release.
    }
    this.#fd = undefined
  }

  #rotate(): void {
    this.#close()
    if (this.#backups === 0) return rmSync(this.#path, { force: true })
    rmSync(`${this.#path}.${this.#backups}`, { force: true })
    for (let i = this.#backups - 1; i >= 0; i--) {
      const from = i === 0 ? this.#path : `${this.#path}.${i}`
      try {
        renameSync(from, `${this.#path}.${i + 1}`)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
    }
  }
}
