// A thread that asks GET /v1/ping every 20 ms and tells how long each answer took, and how much of that the agent's main
// thread computed (Linux tells; elsewhere it counts as all of it): a busy machine lengthens the first, not the second.
import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

export interface Ping {
  readonly ms: number
  readonly cpuMs: number
}

const { url, pid } = workerData as { readonly url: string; readonly pid: number }
const EVERY_MS = 20
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

/** ms that the agent's main thread has run so far: the first figure of schedstat, ns. */
function computed(): number | undefined {
  if (process.platform !== 'linux') return undefined
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
}

async function ping(): Promise<Ping> {
  const before = computed()
  const started = performance.now()
  await new Promise<void>((resolve, reject) => {
    get(url, { agent }, (answer) => {
      answer.resume()
      answer.once('end', () => {
        if (answer.statusCode === 200) resolve()
        else reject(new Error(`status ${answer.statusCode}`))
      })
    }).once('error', reject)
  })
  const ms = performance.now() - started
  const after = computed()
  return { ms, cpuMs: before === undefined || after === undefined ? ms : after - before }
}

let pings: Ping[] = []
parentPort!.on('message', () => {
  parentPort!.postMessage(pings)
  pings = []
})
for (;;) {
  const took = await ping()
  pings.push(took)
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, EVERY_MS - took.ms)))
}
