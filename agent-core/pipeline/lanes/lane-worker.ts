// A lane's thread: batches go through scripts here, under a time budget, so that no script can hold up the agent.
import { parentPort, workerData } from 'node:worker_threads'
import { AgentError, errorText } from '../../kernel/errors.ts'
import { systemClock } from '../../kernel/clock.ts'
import { ok, type Result } from '../../kernel/result.ts'
import { addTags } from '../../point/add-tags.ts'
import { decodeBody, type BodyFault } from '../../point/decode.ts'
import type { Point } from '../../point/point.ts'
import { decodePoints } from '../../point/protobuf-decode.ts'
import { encodePoints } from '../../point/protobuf.ts'
import { compileFilters, type Filters } from '../../io/filter/filter.ts'
import { processBatch } from '../process-batch.ts'
import { EMPTY_CONTEXT, scriptKey, type ScriptContext } from '../scripts/script.ts'
import { ScriptRuntime, type CreatedBatch } from '../scripts/runtime.ts'
import { bridgedRequests } from './http-bridge.ts'
import { underBudget } from './budget.ts'
import {
  IN_FILTER,
  type BatchArgs,
  type BatchReply,
  type BodyRefused,
  type EncodedBatch,
  type FromLane,
  type LaneAnswer,
  type LaneData,
  type ToLane,
} from './messages.ts'
import { runTask } from './tasks.ts'

const port = parentPort
if (!port) throw new AgentError('KERNEL_BUG', 'a lane runs outside a worker')
const { current, bridge } = workerData as LaneData
const running = new Int32Array(current)
const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
let budgetMs = 0
const http = bridgedRequests(bridge, () => budgetMs)
let context: ScriptContext = EMPTY_CONTEXT
let order = new Map<string, number>()
let filters: Filters | undefined
const ports = { clock: systemClock, timeZone, http }
const runtime = new ScriptRuntime({
  ...ports,
  entering: (key) => void Atomics.store(running, 0, order.get(key) ?? 0),
})

function load(next: ScriptContext): readonly EncodedBatch[] {
  context = next
  order = new Map(next.scripts.map((script, index) => [scriptKey(script), index + 1]))
  return encoded(runtime.load(next))
}

const encoded = (batches: readonly CreatedBatch[]): EncodedBatch[] =>
  batches.map(({ category, source, points, released }) => ({
    category,
    source,
    released,
    fragment: encodePoints(points),
    points: points.length,
  }))

/** The points of a batch, with the tags that a raw body's still lack. */
function read({ category, bytes, raw }: BatchArgs): Result<readonly Point[], BodyFault> {
  if (raw) {
    const points = decodeBody({ ...raw, category, body: bytes })
    if (points.ok) addTags(points.value, raw.tags)
    return points
  }
  const points = decodePoints(bytes)
  // The agent's own bytes: damage in them is a bug.
  if (!points.ok) throw points.error
  return ok(points.value)
}

/** Bytes that scripts may make of a batch: more would hold up the agent's own thread, which takes it from here. */
const mostBytes = ({ bytes }: BatchArgs): number => 16 * 1024 * 1024 + 4 * bytes.length

function batch(args: BatchArgs): LaneAnswer {
  const { category, map } = args
  const came = read(args)
  if (!came.ok) return { kind: 'value', value: { fault: came.error } satisfies BodyRefused }
  let piped: Uint8Array | undefined
  const { points, created, runs, ...counts } = processBatch(category, came.value, {
    scripts: args.scripts ? (c, list) => runtime.process(c, list, map) : undefined,
    filters: args.filter ? filters : undefined,
    correctTo: args.correctTo,
    onPiped: (list) => {
      if (args.showPiped) piped = encodePoints(list)
      Atomics.store(running, 0, IN_FILTER)
    },
    monotonic: () => systemClock.monotonic(),
  })
  Atomics.store(running, 0, 0)
  const fragment = encodePoints(points, args.output)
  const made = encoded(created)
  const size = made.reduce((sum, one) => sum + one.fragment.length, fragment.length)
  if (size > mostBytes(args)) return { kind: 'over_size', script: largest(args, came.value), bytes: size }
  const reply: BatchReply = {
    ...counts,
    read: came.value.length,
    fragment,
    points: points.length,
    created: made,
    runs,
    ...(piped ? { piped } : {}),
  }
  return { kind: 'value', value: reply }
}

/** The script whose points grew most; where none did, the one that made points, if it is alone. */
function largest(args: BatchArgs, processed: readonly Point[]): string | undefined {
  const before = read(args)
  if (!before.ok) return undefined
  const grown = new Map<string, number>()
  for (const [index, point] of before.value.entries()) {
    const key = runtime.selects(args.category, point, args.map)
    if (key === undefined) continue
    const more = encodePoints([processed[index]!]).length - encodePoints([point]).length
    grown.set(key, (grown.get(key) ?? 0) + more)
  }
  const [[script, bytes] = [undefined, 0]] = [...grown].toSorted((a, b) => b[1] - a[1])
  return bytes > 0 || grown.size === 1 ? script : undefined
}

/** What was running when the budget ended. A script's state and all compiled code are made anew. */
function stopped(): LaneAnswer {
  const at = Atomics.load(running, 0)
  if (at === IN_FILTER) return { kind: 'over_budget', script: undefined, filter: true }
  const script = context.scripts[at - 1]
  const key = script && scriptKey(script)
  runtime.recover(key ?? '')
  return { kind: 'over_budget', script: key, filter: false }
}

function answer(message: ToLane): LaneAnswer {
  if ('budgetMs' in message) budgetMs = message.budgetMs
  switch (message.call) {
    case 'load':
      return { kind: 'value', value: load(message.context) }
    case 'filters':
      filters = compileFilters(message.filters.rules, message.filters)
      return { kind: 'value', value: undefined }
    case 'batch': {
      const done = underBudget(message.budgetMs, () => batch(message))
      return done.ok ? done.value : stopped()
    }
    case 'task': {
      const done = underBudget(message.budgetMs, () => runTask(message.task, message.args, ports))
      return done.ok
        ? { kind: 'value', value: done.value }
        : { kind: 'over_budget', script: undefined, filter: false }
    }
    case 'due':
      return { kind: 'value', value: encoded(runtime.due()) }
    case 'close':
      return { kind: 'value', value: encoded(runtime.close()) }
  }
}

/** What an answer gives away instead of copying it. */
function fragmentOf(reply: LaneAnswer): ArrayBuffer[] {
  if (reply.kind !== 'value') return []
  const { fragment } = (reply.value ?? {}) as Partial<BatchReply>
  return fragment?.buffer instanceof ArrayBuffer ? [fragment.buffer] : []
}

port.on('message', (message: ToLane) => {
  let reply: LaneAnswer
  try {
    reply = answer(message)
  } catch (thrown) {
    reply = { kind: 'failed', message: errorText(thrown) }
  }
  Atomics.store(running, 0, 0)
  port.postMessage(
    {
      id: message.id,
      answer: reply,
      holdsState: runtime.holdsState,
      held: runtime.held,
    } satisfies FromLane,
    fragmentOf(reply),
  )
  if (message.call === 'close') {
    bridge.port.close()
    port.close()
  }
})

port.postMessage({
  id: 0,
  answer: { kind: 'value', value: null },
  holdsState: false,
  held: {},
} satisfies FromLane)
