// What goes to a lane and comes back: raw bytes in, encoded fragments and counts out, never points.
import type { Tags } from '../../point/add-tags.ts'
import type { Category } from '../../point/category.ts'
import type { Body, BodyFault } from '../../point/decode.ts'
import type { FilterSource } from '../../io/filter/filter.ts'
import type { BatchCounts } from '../process-batch.ts'
import type { ScriptContext, ScriptMap } from '../scripts/script.ts'
import type { HeldPoints, ScriptRuns } from '../scripts/runtime.ts'
import type { Tasks, TaskName } from './tasks.ts'

/** What `current` says while the blacklist runs. */
export const IN_FILTER = -1

export interface LaneData {
  /** One Int32: 1-based index in the context's scripts of the script that is running, 0 = none, IN_FILTER. */
  readonly current: SharedArrayBuffer
  readonly bridge: BridgeData
}

export interface BridgeData {
  readonly port: MessagePort
  /** One Int32: set and notified when the answer is in the port. */
  readonly ready: SharedArrayBuffer
}

/** The body of a write call as it came, and the tags that its points get. */
export interface RawBody extends Omit<Body, 'body' | 'category'> {
  readonly tags: Tags
}

export interface BatchArgs {
  readonly category: Category
  /** PBPoints, or with `raw` a body in its encoding. */
  readonly bytes: Uint8Array
  readonly raw: RawBody | undefined
  /** Where the fragment goes if it fits. */
  readonly output: SharedArrayBuffer | undefined
  /** false: points that scripts made, which meet no script again. */
  readonly scripts: boolean
  readonly map: ScriptMap | undefined
  /** Whether the blacklist that the lane was sent last is obeyed. */
  readonly filter: boolean
  /** The present, ns, for time correction; undefined = off. */
  readonly correctTo: bigint | undefined
  /** Somebody looks at the points between scripts and blacklist. */
  readonly showPiped: boolean
  readonly budgetMs: number
}

export interface EncodedBatch {
  readonly category: Category
  readonly source: string
  readonly fragment: Uint8Array
  readonly points: number
  /** Points that came in and were held back till now, not new ones. */
  readonly released: boolean
}

export interface BatchReply extends BatchCounts {
  /** Points that came in. */
  readonly read: number
  /** Those that go on, in shared memory where the batch came with some. */
  readonly fragment: Uint8Array
  readonly points: number
  readonly created: readonly EncodedBatch[]
  readonly runs: readonly ScriptRuns[]
  /** The points behind the scripts, when asked for. */
  readonly piped?: Uint8Array
}

/** A body that cannot be read: nothing of it was processed. */
export interface BodyRefused {
  readonly fault: BodyFault
}

export type ToLane =
  | { readonly id: number; readonly call: 'load'; readonly context: ScriptContext }
  | { readonly id: number; readonly call: 'filters'; readonly filters: FilterSource }
  | ({ readonly id: number; readonly call: 'batch' } & BatchArgs)
  | { readonly id: number; readonly call: 'due' }
  | { readonly id: number; readonly call: 'close' }
  | {
      readonly id: number
      readonly call: 'task'
      readonly task: TaskName
      readonly args: Tasks[TaskName]['args']
      readonly budgetMs: number
    }

export type LaneAnswer =
  | { readonly kind: 'value'; readonly value: unknown }
  /** The budget was exceeded; `script` is the key of the script that was running, `filter`: it was the blacklist. */
  | { readonly kind: 'over_budget'; readonly script: string | undefined; readonly filter: boolean }
  /** What came out is far larger than what went in; `script` is the key of the script that made most of it. */
  | { readonly kind: 'over_size'; readonly script: string | undefined; readonly bytes: number }
  | { readonly kind: 'failed'; readonly message: string }

export interface FromLane {
  readonly id: number
  readonly answer: LaneAnswer
  /** Scripts of this lane keep state between points. */
  readonly holdsState: boolean
  readonly held: HeldPoints
}
