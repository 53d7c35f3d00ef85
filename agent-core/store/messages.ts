// What crosses between the store's main-thread port and its worker: plain data, points only as protobuf bytes.
import type { Diagnostic } from '../kernel/diagnostic.ts'
import type { ErrorCode } from '../kernel/error-codes.ts'
import type { Category } from '../point/category.ts'
import type { StoreLimits } from './limits.ts'
import type { SeriesQuery } from './series-dictionary.ts'

export interface WorkerSettings {
  readonly path: string
  readonly limits: StoreLimits
}

/** Points of one category and source. */
export interface EncodedFeed {
  readonly category: Category
  readonly source: string
  readonly count: number
  /** A fragment of PBPoints. */
  readonly bytes: Uint8Array
}

/** A batch's feeds lie one after the other in one transferred buffer. */
export interface BatchArgs {
  readonly feeds: readonly (Omit<EncodedFeed, 'bytes'> & { readonly length: number })[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface SeriesArgs {
  readonly queries: readonly SeriesQuery[]
  /** ms since the Unix epoch, both ends included. */
  readonly from: number
  readonly to: number
  /** Most values a series, nulls included. */
  readonly points: number
}

/** One line of a chart. */
export interface SeriesData {
  readonly measurement: string
  readonly field: string
  readonly tags: Readonly<Record<string, string>>
  readonly unit: string
  /** ms, ascending; a value of null says that nothing was measured from there to the next. */
  readonly times: number[]
  readonly values: (number | null)[]
  /** Where values are averages: the smallest and largest sample in each. */
  readonly min?: (number | null)[]
  readonly max?: (number | null)[]
}

export interface SeriesReply {
  readonly series: SeriesData[]
  readonly stepMs: number
}

export interface RecentArgs {
  readonly category: Category
  readonly source?: string | undefined
  /** Only points with this text in their name, tag values or text fields; upper and lower case alike. */
  readonly text?: string | undefined
  readonly limit: number
  /** Only points with a smaller sequence number: `next` of the page before. */
  readonly before?: number | undefined
}

export interface RecentRows {
  /** Newest first. */
  readonly entries: readonly { readonly seq: number; readonly source: string; readonly received: number }[]
  /** The entries' points, in the same order, as a PBPoints message. */
  readonly bytes: Uint8Array
  /** Where to go on, null at the end. */
  readonly next: number | null
}

export interface Calls {
  batch: { args: BatchArgs; result: null }
  maintain: { args: { readonly monotonic: number }; result: null }
  series: { args: SeriesArgs; result: SeriesReply }
  recent: { args: RecentArgs; result: RecentRows }
  objects: { args: { readonly class: string }; result: Uint8Array }
  close: { args: null; result: null }
}
export type CallName = keyof Calls

/** `now` is the agent's clock: the worker has none of its own. */
export type ToWorker = {
  [K in CallName]: {
    readonly id: number
    readonly call: K
    readonly now: number
    readonly args: Calls[K]['args']
  }
}[CallName]

/** An AgentError without its class. */
export interface Failure {
  readonly code: ErrorCode
  readonly detail: string
}

export interface FromWorker {
  readonly id: number
  readonly reply: { readonly ok: true; readonly value: unknown } | ({ readonly ok: false } & Failure)
  readonly status: WorkerStatus
}

export interface WorkerStatus {
  /** Why the file cannot be used now. */
  readonly failure: Failure | null
  /** Bytes in use by the database. */
  readonly bytes: number
  /** Recent points kept, series known, samples refused since the start because of a cap or their time. */
  readonly rows: number
  readonly series: number
  readonly refused: number
  /** Points dropped because the file could not be written and memory was full. */
  readonly lost: number
  readonly diagnostics: readonly Diagnostic[]
}
