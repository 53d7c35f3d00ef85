// A lane's thread: batches go through scripts here, under a time budget, so that no script can hold up the agent.
import { parentPort, workerData } from 'node:worker_threads'
import { AgentError, errorText } from '../../kernel/errors.ts'
import { systemClock } from '../../kernel/clock.ts'
import { decodePoints } from '../../point/protobuf-decode.ts'
import { encodePoints } from '../../point/protobuf.ts'
import { EMPTY_CONTEXT, scriptKey, type ScriptContext } from '../scripts/script.ts'
import { ScriptRuntime, type CreatedBatch } from '../scripts/runtime.ts'
import { bridgedRequests } from './http-bridge.ts'
import { underBudget } from './budget.ts'
import type {
  BatchArgs,
  BatchReply,
  EncodedBatch,
  FromLane,
  LaneAnswer,
  LaneData,
  ToLane,
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
  batches.map(({ category, source, points }) => ({
    category,
    source,
    fragment: encodePoints(points),
    points: points.length,
  }))

function batch({ category, bytes, map }: BatchArgs): BatchReply {
  const decoded = decodePoints(bytes)
  if (!decoded.ok) throw decoded.error
  const { points, dropped, created, runs } = runtime.process(category, decoded.value, map)
  let oldest = 0n
  let newest = 0n
  if (points.length > 0) {
    oldest = newest = points[0]!.time
    for (const { time } of points) {
      if (time < oldest) oldest = time
      if (time > newest) newest = time
    }
  }
  const fragment = encodePoints(points)
  return { fragment, points: points.length, dropped, oldest, newest, created: encoded(created), runs }
}

/** The script that was running when the budget ended; its state and all compiled code are made anew. */
function stopped(): string | undefined {
  const script = context.scripts[Atomics.load(running, 0) - 1]
  const key = script && scriptKey(script)
  runtime.recover(key ?? '')
  return key
}

function answer(message: ToLane): LaneAnswer {
  if ('budgetMs' in message) budgetMs = message.budgetMs
  switch (message.call) {
    case 'load':
      return { kind: 'value', value: load(message.context) }
    case 'batch': {
      const done = underBudget(message.budgetMs, () => batch(message))
      return done.ok ? { kind: 'value', value: done.value } : { kind: 'over_budget', script: stopped() }
    }
    case 'task': {
      const done = underBudget(message.budgetMs, () => runTask(message.task, message.args, ports))
      return done.ok ? { kind: 'value', value: done.value } : { kind: 'over_budget', script: undefined }
    }
    case 'due':
      return { kind: 'value', value: encoded(runtime.due()) }
    case 'close':
      return { kind: 'value', value: encoded(runtime.close()) }
  }
}

port.on('message', (message: ToLane) => {
  let reply: LaneAnswer
  try {
    reply = answer(message)
  } catch (thrown) {
    reply = { kind: 'failed', message: errorText(thrown) }
  }
  Atomics.store(running, 0, 0)
  port.postMessage({ id: message.id, answer: reply, holdsState: runtime.holdsState } satisfies FromLane)
  if (message.call === 'close') {
    bridge.port.close()
    port.close()
  }
})

port.postMessage({ id: 0, answer: { kind: 'value', value: null }, holdsState: false } satisfies FromLane)
