// The wire to the store's worker: calls with answers, its status, and its end, expected or not.
import { SHARE_ENV, Worker, type Transferable } from 'node:worker_threads'
import { AgentError, errorText } from '../kernel/errors.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { workerEntry } from '../kernel/worker-entry.ts'
import type { CallName, Calls, FromWorker, ToWorker, WorkerSettings, WorkerStatus } from './messages.ts'

/** Small heaps: the worker's lasting state is the series dictionary. Beyond them it ends and is started anew. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 2 }

interface Waiting {
  settle(reply: FromWorker['reply']): void
}

export class WorkerLink {
  private readonly worker: Worker
  private readonly waiting = new Map<number, Waiting>()
  private readonly ended: Promise<void>
  private nextId = 1
  private closing = false
  private lastError = ''

  /** @param onEnd called once when the worker ends without being asked to */
  constructor(
    settings: WorkerSettings,
    onStatus: (status: WorkerStatus) => void,
    onEnd: (error: AgentError) => void,
    entry: URL = workerEntry(import.meta.url, './store-worker.ts'),
  ) {
    this.worker = new Worker(entry, {
      name: 'store',
      workerData: settings,
      resourceLimits: RESOURCE_LIMITS,
      env: SHARE_ENV,
      execArgv: [],
    })
    this.worker.on('message', (message: FromWorker) => {
      onStatus(message.status)
      this.waiting.get(message.id)?.settle(message.reply)
      this.waiting.delete(message.id)
    })
    this.worker.on('error', (error) => (this.lastError = errorText(error)))
    this.ended = new Promise((resolve) => {
      this.worker.once('exit', (code) => {
        const detail = this.lastError || `its thread ended with code ${code}`
        const error = new AgentError('STORE_FAILED', detail)
        for (const call of this.waiting.values()) call.settle({ ok: false, code: error.code, detail })
        this.waiting.clear()
        if (!this.closing) onEnd(error)
        resolve()
      })
    })
  }

  call<K extends CallName>(
    call: K,
    now: number,
    args: Calls[K]['args'],
    transfer: readonly Transferable[] = [],
  ): Promise<Result<Calls[K]['result']>> {
    return new Promise((resolve) => {
      const id = this.nextId++
      this.waiting.set(id, {
        settle: (reply) =>
          resolve(
            reply.ok ? ok(reply.value as Calls[K]['result']) : err(new AgentError(reply.code, reply.detail)),
          ),
      })
      this.worker.postMessage({ id, call, now, args } as ToWorker, transfer)
    })
  }

  /** Lets the worker close its file; resolves when the thread is gone. */
  async close(now: number): Promise<void> {
    this.closing = true
    void this.call('close', now, null)
    await this.ended
  }

  async terminate(): Promise<void> {
    this.closing = true
    await this.worker.terminate()
    await this.ended
  }
}
