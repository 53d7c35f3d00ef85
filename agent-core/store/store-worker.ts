// The store's thread: SQLite is synchronous, so it waits here. One message in, one reply out, in order.
import { parentPort, workerData } from 'node:worker_threads'
import { ERROR_CODES } from '../kernel/error-codes.ts'
import { AgentError, toAgentError } from '../kernel/errors.ts'
import { StoreEngine } from './engine.ts'
import type { BatchArgs, EncodedFeed, FromWorker, ToWorker, WorkerSettings } from './messages.ts'

const port = parentPort
if (!port) throw new AgentError('KERNEL_BUG', 'the store runs outside a worker')
const engine = new StoreEngine(workerData as WorkerSettings)

function answer(message: ToWorker): unknown {
  switch (message.call) {
    case 'batch':
      engine.batch(message.now, [...feedsOf(message.args)])
      return null
    case 'maintain':
      engine.maintain(message.now, message.args.monotonic)
      return null
    case 'series':
      return engine.series(message.now, message.args)
    case 'recent':
      return engine.recent(message.now, message.args)
    case 'objects':
      return engine.objects(message.now, message.args.class)
    case 'close':
      engine.close()
      return null
  }
}

function* feedsOf({ feeds, bytes }: BatchArgs): Generator<EncodedFeed> {
  let at = 0
  for (const { category, source, count, length } of feeds) {
    yield { category, source, count, bytes: bytes.subarray(at, at + length) }
    at += length
  }
}

port.on('message', (message: ToWorker) => {
  let reply: FromWorker['reply']
  try {
    reply = { ok: true, value: answer(message) }
  } catch (thrown) {
    const { code, message } = toAgentError(thrown)
    // The other side builds the error anew, with the code's own words before the detail.
    reply = { ok: false, code, detail: message.slice(ERROR_CODES[code].message.length + 2) }
  }
  port.postMessage({ id: message.id, reply, status: engine.status() } satisfies FromWorker)
  if (message.call === 'close') port.close()
})
