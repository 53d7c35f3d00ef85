// What goes to a lane and comes back: raw bytes in, encoded fragments and counts out, never points.
import type { Category } from '../../point/category.ts'
import type { ScriptContext, ScriptMap } from '../scripts/script.ts'
import type { ScriptRuns } from '../scripts/runtime.ts'
import type { Tasks, TaskName } from './tasks.ts'

export interface LaneData {
  /** One Int32: 1-based index in the context's scripts of the script that is running, 0 = none. */
  readonly current: SharedArrayBuffer
  readonly bridge: BridgeData
}

export interface BridgeData {
  readonly port: MessagePort
  /** One Int32: set and notified when the answer is in the port. */
  readonly ready: SharedArrayBuffer
}

export interface BatchArgs {
  readonly category: Category
  /** PBPoints. */
  readonly bytes: Uint8Array
  readonly map: ScriptMap | undefined
  readonly budgetMs: number
}

export interface EncodedBatch {
  readonly category: Category
  readonly source: string
  readonly fragment: Uint8Array
  readonly points: number
}

export interface BatchReply {
  readonly fragment: Uint8Array
  readonly points: number
  readonly dropped: number
  /** Times of the points that go on, ns; of use when there are any. */
  readonly oldest: bigint
  readonly newest: bigint
  readonly created: readonly EncodedBatch[]
  readonly runs: readonly ScriptRuns[]
}

export type ToLane =
  | { readonly id: number; readonly call: 'load'; readonly context: ScriptContext }
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
  /** The budget was exceeded; `script` is the key of the script that was running. */
  | { readonly kind: 'over_budget'; readonly script: string | undefined }
  | { readonly kind: 'failed'; readonly message: string }

export interface FromLane {
  readonly id: number
  readonly answer: LaneAnswer
  /** Scripts of this lane keep state between points. */
  readonly holdsState: boolean
}
