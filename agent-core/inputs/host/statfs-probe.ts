// statfs with a time limit a mount: a dead network drive costs one round, is skipped until it answers, and can never
// occupy all threads that Node keeps for files.
import type { BigIntStatsFs } from 'node:fs'
import { statfs } from 'node:fs/promises'
import type { Clock } from '../../kernel/clock.ts'
import type { Disposable } from '../../kernel/disposable.ts'
import { AgentError, errnoOf, errorText } from '../../kernel/errors.ts'
import type { Mount } from './ports.ts'

export type StatFs = (path: string) => Promise<BigIntStatsFs>

const TIMEOUT_MS = 2000
/** A call that hangs keeps one of Node's four threads. */
const MAX_HANGING = 2

export class StatFsProbe implements Disposable {
  readonly #clock: Clock
  readonly #statfs: StatFs
  readonly #hanging = new Set<string>()
  readonly #waiting = new Set<() => void>()

  constructor(clock: Clock, call: StatFs = (path) => statfs(path, { bigint: true })) {
    this.#clock = clock
    this.#statfs = call
  }

  /**
   * Undefined while an earlier call for this mount has not come back, and after dispose().
   * Rejects with AgentError INPUT_SOURCE when it fails or takes too long.
   */
  read(mount: Mount): Promise<BigIntStatsFs | undefined> {
    const { path, mountPoint } = mount
    if (this.#hanging.has(path)) return Promise.resolve(undefined)
    if (mount.remote && this.#hanging.size >= MAX_HANGING)
      return Promise.reject(
        new AgentError('INPUT_SOURCE', `${mountPoint} (not asked while other network drives do not answer)`),
      )
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        done()
        resolve(undefined)
      }
      const timer = this.#clock.after(TIMEOUT_MS, () => {
        done()
        this.#hanging.add(path)
        reject(new AgentError('INPUT_SOURCE', `${mountPoint} (no answer within ${TIMEOUT_MS / 1000} s)`))
      })
      const done = (): void => {
        timer.dispose()
        this.#waiting.delete(giveUp)
        this.#hanging.delete(path)
      }
      this.#waiting.add(giveUp)
      const failed = (error: unknown): void => {
        const reason = errnoOf(error) ?? errorText(error)
        reject(new AgentError('INPUT_SOURCE', `${mountPoint} (${reason})`, { cause: error }))
      }
      this.#statfs(path).finally(done).then(resolve, failed)
    })
  }

  dispose(): void {
    for (const giveUp of this.#waiting) giveUp()
  }
}
