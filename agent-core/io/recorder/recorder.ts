// `[recorder]`: what is fed, after scripts and filters, in files `<category>/<source, / as ->.<unix ns>.<ext>`, one a feed.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { diagnostic, type Diagnostic } from '../../kernel/diagnostic.ts'
import type { Disposable } from '../../kernel/disposable.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Category } from '../../point/category.ts'
import { encodePbJson } from '../../point/json-encode.ts'
import { encodeLineProtocol } from '../../point/line-protocol.ts'
import { decodePoints } from '../../point/protobuf-decode.ts'
import type { FeedListener } from '../feed.ts'

export interface RecorderSettings {
  readonly enabled: boolean
  readonly path: string
  /** v2: protobuf JSON; v1: line protocol. */
  readonly encoding: 'v1' | 'v2'
  /** 0 or less: without end. */
  readonly durationMs: number
  /** Sources, empty = all. */
  readonly inputs: readonly string[]
  /** Full names, empty = all. */
  readonly categories: readonly string[]
}

/** Feeds that may wait for the disk; more are left out and said so. */
const MOST_WAITING = 256

export class Recorder implements Disposable {
  readonly #settings: RecorderSettings
  readonly #clock: Clock
  readonly #until: number
  readonly #writing = new Set<Promise<void>>()
  #lastNs = 0n
  #problem: string | undefined

  constructor(settings: RecorderSettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
    this.#until = settings.durationMs > 0 ? clock.monotonic() + settings.durationMs : Infinity
  }

  readonly listen: FeedListener = (category, fragment, _points, source) => {
    if (!this.#wants(category, source)) return
    if (this.#writing.size >= MOST_WAITING) {
      this.#problem = 'the disk is too slow: feeds were left out'
      return
    }
    const writing = this.#write(category, fragment, source)
      .catch((error: unknown) => void (this.#problem = errorText(error)))
      .finally(() => this.#writing.delete(writing))
    this.#writing.add(writing)
  }

  diagnostics(): Diagnostic[] {
    if (this.#problem === undefined) return []
    const message = `Recording to ${this.#settings.path}: ${this.#problem}`
    return [diagnostic('CONFIG_WRITE', message, { severity: 'warning', path: 'recorder.path' })]
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#writing)
  }

  #wants(category: Category, source: string): boolean {
    const { enabled, inputs, categories } = this.#settings
    if (!enabled || this.#clock.monotonic() > this.#until) return false
    return (
      (inputs.length === 0 || inputs.includes(source)) &&
      (categories.length === 0 || categories.includes(category))
    )
  }

  async #write(category: Category, fragment: Uint8Array, source: string): Promise<void> {
    // Before anything waits: the fragment is the feed's.
    const points = decodePoints(fragment)
    if (!points.ok) throw points.error
    const { path, encoding } = this.#settings
    const dir = join(path, category)
    const now = this.#clock.nowNs()
    this.#lastNs = now > this.#lastNs ? now : this.#lastNs + 1n
    const name = `${source.replaceAll(/[/\\:*?"<>|]/g, '-')}.${this.#lastNs}`
    const file = join(dir, `${name}.${encoding === 'v1' ? 'lp' : 'pbjson'}`)
    const body =
      encoding === 'v1' ? encodeLineProtocol(points.value).body : `{"arr":${encodePbJson(points.value)}}`
    await mkdir(dir, { recursive: true })
    await writeFile(file, body)
  }
}
