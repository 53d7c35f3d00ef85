// A DataWay that takes everything and keeps nothing, on a thread of its own.
import { Worker } from 'node:worker_threads'

const SERVER = `
const { createServer } = require('node:http')
const { parentPort } = require('node:worker_threads')
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.setHeader('content-type', 'application/json')
    response.end(request.url.startsWith('/v1/ntp') ? JSON.stringify({ timestamp_sec: Math.floor(Date.now() / 1000) }) : '{}')
  })
})
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

export async function startSink(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const worker = new Worker(SERVER, { eval: true })
  const port = await new Promise<number>((resolve) => worker.once('message', resolve))
  return {
    url: `http://127.0.0.1:${port}?token=tkn_0123456789abcdef0123456789abcdef`,
    close: async () => void (await worker.terminate()),
  }
}
