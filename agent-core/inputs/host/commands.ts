// Runs a system tool and gives its output, untranslated and with a time limit.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AgentError, errorText } from '../../kernel/errors.ts'

/** Standard output. Rejects with AgentError INPUT_SOURCE that names the command. */
export type RunCommand = (file: string, args: readonly string[]) => Promise<string>

const TIMEOUT_MS = 10_000
const MAX_OUTPUT = 64 * 1024 * 1024
const run = promisify(execFile)

export const runCommand: RunCommand = async (file, args) => {
  try {
    const { stdout } = await run(file, [...args], {
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT,
      windowsHide: true,
      env: { ...process.env, LC_ALL: 'C' },
    })
    return stdout
  } catch (error) {
    const first = errorText(error).split('\n')[0]
    throw new AgentError('INPUT_SOURCE', `${[file, ...args].join(' ')} (${first})`, { cause: error })
  }
}
