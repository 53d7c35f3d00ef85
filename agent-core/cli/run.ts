// `datakit run`: the agent in the foreground until a signal.
import { createInterface } from 'node:readline'
import { Scope } from '../kernel/disposable.ts'
import { chooseWorkdir } from './workdir.ts'
import { startHeadless } from './headless.ts'
import { onStopSignal } from './stop-signal.ts'

export interface RunOptions {
  readonly workdir: string | undefined
  readonly container: boolean
  readonly console: boolean
  readonly consolePort: number
  readonly version: string
  readonly commit: string
  readonly pages: string
}

/** Resolves with the exit code once stopped. */
export async function runCommand(options: RunOptions): Promise<number> {
  if (!Number.isInteger(options.consolePort) || options.consolePort < 0 || options.consolePort > 65535) {
    console.error('--console-port takes a number from 0 to 65535')
    return 255
  }
  // Before anything starts: a signal during the start stops what has started so far.
  const scope = new Scope()
  const stopped = new Promise<number>((resolve) => {
    onStopSignal(process, async () => {
      await scope.dispose()
      resolve(0)
      // Nothing may hold the process after an orderly stop; a leak shows in the tests, not as a hanging Ctrl-C.
      process.exit(0)
    })
  })
  const started = await startHeadless({ ...options, workdir: chooseWorkdir(options.workdir) })
  if (!started.ok) {
    console.error(`${started.error.message}. ${started.error.hint}`)
    return 255
  }
  const headless = scope.add(started.value)
  if (options.console) {
    console.log(`Console: ${headless.address()}`)
    if (process.stdin.isTTY) {
      console.log('The address opens the console once. Enter prints a new one, Ctrl-C stops the agent.')
      const lines = createInterface({ input: process.stdin })
      lines.on('line', () => console.log(`Console: ${headless.address()}`))
    }
  }
  return stopped
}
