// `datakit tap`: points of the running agent as they pass, a JSON line each.
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import type { ControlFile } from '../console/control.ts'
import { CONTROL_FILE } from '../console/hosted-agent.ts'
import type { TapArgs } from '../contract/tap.ts'
import { chooseWorkdir } from './workdir.ts'

export interface TapOptions {
  readonly workdir: string | undefined
  readonly args: TapArgs
  /** Ends after so many points; 0 = never. */
  readonly count: number
  readonly out: { write(text: string): unknown }
  readonly complain: (text: string) => void
  readonly signal?: AbortSignal
}

/** Resolves with true when it ended as wished. */
export function tapCommand(options: TapOptions): Promise<boolean> {
  const file = join(chooseWorkdir(options.workdir), CONTROL_FILE)
  let control: ControlFile
  try {
    control = JSON.parse(readFileSync(file, 'utf8')) as ControlFile
  } catch {
    options.complain(`No agent of yours runs here: ${file} is not there. Start it, or name its --workdir.`)
    return Promise.resolve(false)
  }
  return new Promise((resolve) => {
    const call = request(
      {
        host: '127.0.0.1',
        port: control.port,
        path: '/tap',
        method: 'POST',
        headers: { authorization: `Bearer ${control.token}`, 'content-type': 'application/json' },
        ...(options.signal ? { signal: options.signal } : {}),
      },
      (response) => {
        let left = options.count > 0 ? options.count : Infinity
        let rest = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => {
          const lines = (rest + part).split('\n')
          rest = lines.pop()!
          if (response.statusCode !== 200) return
          for (const line of lines.slice(0, left)) options.out.write(`${line}\n`)
          left -= lines.length
          if (left <= 0) call.destroy()
        })
        response.on('close', () => {
          if (response.statusCode !== 200)
            options.complain(`The agent refused: ${rest || response.statusCode}`)
          resolve(response.statusCode === 200)
        })
      },
    )
    call.on('error', (error) => {
      if (options.signal?.aborted) return resolve(true)
      options.complain(
        `The agent does not answer (${error.message}); ${file} may be left from an earlier one.`,
      )
      resolve(false)
    })
    call.end(JSON.stringify(options.args))
  })
}
