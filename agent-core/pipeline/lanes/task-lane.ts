// A lane for what people try out: it shares nothing with the data and starts with the first task.
import type { Clock } from '../../kernel/clock.ts'
import type { Disposable } from '../../kernel/disposable.ts'
import { AgentError } from '../../kernel/errors.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { AskServer } from './http-bridge.ts'
import { IDLE_MS, Lane, type LaneCall } from './lane.ts'
import type { TaskName, Tasks } from './tasks.ts'

export interface TaskLaneParts {
  readonly clock: Clock
  readonly ask: AskServer
}

interface Running {
  readonly lane: Lane
  idle: Disposable | undefined
  tasks: number
  /** It is ended because nobody waits for its task: others that waited there are not to blame. */
  givenUp: boolean
}

const BUDGET_MS = 5000
/** A task that nobody waits for any more has so long to end by itself: most do, and a lane is dear to start. */
const GIVE_UP_MS = 500

export class TaskLane implements Disposable {
  readonly #parts: TaskLaneParts
  readonly #alive = new Set<Lane>()
  #running: Running | undefined
  #closed = false

  constructor(parts: TaskLaneParts) {
    this.#parts = parts
  }

  /** Over its budget, or given up and not done soon, the lane is ended. What else waited there goes on in the next one. */
  async run<K extends TaskName>(
    task: K,
    args: Tasks[K]['args'],
    budgetMs = BUDGET_MS,
    signal?: AbortSignal,
  ): Promise<Result<Tasks[K]['value']>> {
    for (;;) {
      if (this.#closed || signal?.aborted) return err(new AgentError('KERNEL_CANCELLED'))
      const answer = await this.#call({ call: 'task', task, args, budgetMs } as LaneCall, budgetMs, signal)
      if (answer.kind === 'value') return ok(answer.value as Tasks[K]['value'])
      if (answer.kind === 'failed') return err(new AgentError('PIPELINE_LANE', answer.message))
      if (signal?.aborted) return err(new AgentError('KERNEL_CANCELLED'))
      if (answer.kind !== 'ended' || !answer.givenUp)
        return err(new AgentError('PIPELINE_BUDGET', `stopped after ${budgetMs} ms`))
    }
  }

  async #call(call: LaneCall, budgetMs: number, signal: AbortSignal | undefined) {
    const { clock } = this.#parts
    const running = (this.#running ??= this.#open())
    const { lane } = running
    running.idle?.dispose()
    running.tasks++
    const give = (): void => {
      if (this.#running === running) this.#running = undefined
    }
    let over = false
    let giveUp: Disposable | undefined
    const abort = async (): Promise<void> => {
      await lane.ready
      if (over) return
      giveUp = clock.after(GIVE_UP_MS, () => {
        running.givenUp = true
        give()
        void lane.terminate()
      })
    }
    signal?.addEventListener('abort', abort, { once: true })
    const answer = await lane.within(budgetMs, call, clock)
    over = true
    signal?.removeEventListener('abort', abort)
    giveUp?.dispose()
    running.tasks--
    if (answer.kind === 'ended') give()
    else if (running.tasks === 0 && !running.givenUp)
      running.idle = clock.after(IDLE_MS, () => {
        give()
        void lane.terminate()
      })
    return answer.kind === 'ended' ? { ...answer, givenUp: running.givenUp } : answer
  }

  #open(): Running {
    const lane = new Lane('pipeline-bench', this.#parts.ask, () => {})
    this.#alive.add(lane)
    void lane.ended.then(() => this.#alive.delete(lane))
    return { lane, idle: undefined, tasks: 0, givenUp: false }
  }

  async dispose(): Promise<void> {
    this.#closed = true
    this.#running?.idle?.dispose()
    await Promise.all([...this.#alive].map((lane) => lane.terminate()))
  }
}
