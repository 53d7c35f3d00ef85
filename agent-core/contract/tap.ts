// The live tap: points as they pass the data path, while somebody looks.
import * as v from 'valibot'
import { stream } from './define.ts'
import { timestamp } from './common.ts'

/** collected = as fed; piped = with global tags, behind the pipeline; filtered = what the blacklist left; queued = in
 * the WAL or the local store; sent = acknowledged by a DataWay. */
export const tapPlace = v.picklist(['collected', 'piped', 'filtered', 'queued', 'sent'])

const scalar = v.union([v.string(), v.number(), v.boolean(), v.null()])

export const tapEvent = v.object({
  time: timestamp,
  place: tapPlace,
  category: v.string(),
  /** Who fed it; at `sent` the address it went to. */
  source: v.string(),
  /** Points that matched and were not shown since the one before: the rate was reached. */
  skipped: v.number(),
  point: v.object({
    name: v.string(),
    tags: v.record(v.string(), v.string()),
    /** Integers beyond 2^53 and bytes as text, arrays as JSON text; secrets masked. */
    fields: v.record(v.string(), scalar),
    /** ns since the epoch, as text: a number would lose the end. */
    time: v.string(),
  }),
})
export type TapEventView = v.InferOutput<typeof tapEvent>

export const tapArgs = v.strictObject({
  places: v.pipe(v.array(tapPlace), v.minLength(1), v.maxLength(5)),
  /** Empty: all. */
  categories: v.pipe(v.array(v.string()), v.maxLength(20)),
  /** A blacklist rule that shows instead of dropping: `{ source = 'nginx' }`. Empty: everything. */
  filter: v.pipe(v.string(), v.maxLength(10_000)),
  /** Points a second. */
  perSecond: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)),
})
export type TapArgs = v.InferOutput<typeof tapArgs>

export const tapContract = {
  /** FILTER_SYNTAX or IO_NO_CATEGORY end it. */
  'tap.watch': stream(tapArgs, tapEvent, 'drop'),
} as const
