// The store's worker, but the first one for a path dies on its first message.
import { existsSync, writeFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { WorkerSettings } from '../messages.ts'

const marker = `${(workerData as WorkerSettings).path}.died`
if (existsSync(marker)) await import('../store-worker.ts')
else {
  writeFileSync(marker, '')
  parentPort!.once('message', () => process.exit(3))
}
