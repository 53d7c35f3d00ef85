// The commands that a person types, as npm runs them.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { AGENT_ENV, root } from '../fixtures/build.ts'
import { expect, test } from '../fixtures/test.ts'

const onWindows = process.platform === 'win32'
const WINDOWS = 'Windows has no process groups to signal'

interface Command {
  readonly child: ChildProcess
  readonly errors: Promise<string>
  /** Settles when the command has printed what matches, with everything up to there. */
  printed(what: RegExp): Promise<string>
  readonly exited: Promise<[code: number | null, signal: string | null]>
}

/** A command in a process group of its own, as a terminal starts it. */
function run(command: string, args: readonly string[]): Command {
  const child = spawn(command, args, {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...AGENT_ENV, DISPLAY: '', WAYLAND_DISPLAY: '' },
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    output += piece
    child.emit('printed')
  })
  const exited = once(child, 'exit') as Command['exited']
  return {
    child,
    exited,
    errors: text(child.stderr),
    async printed(what) {
      const gone = exited.then(() =>
        Promise.reject(new Error(`${command} ended without ${what}:\n${output}`)),
      )
      gone.catch(() => {})
      while (!what.test(output)) await Promise.race([once(child, 'printed'), gone])
      return output
    },
  }
}

const npm = (...args: string[]): Command => run('npm', args)
/** What `npm start` runs. */
const start = (...args: string[]): Command => run(process.execPath, ['scripts/start.mjs', ...args])

const lastEvents = (workdir: string): string => readFileSync(join(workdir, 'data/events.jsonl'), 'utf8')

/** What Ctrl-C in a terminal does. */
const pressCtrlC = ({ child }: Command): void => void process.kill(-child.pid!, 'SIGINT')

test('npm start -- --headless prints the console, and the agent stops with npm @web', async ({
  workdir,
  page,
}) => {
  test.skip(onWindows, WINDOWS)
  const command = npm('start', '--', '--headless', '--workdir', workdir)
  const output = await command.printed(/token=\S+\n/)
  await page.goto(/http\S+/.exec(output)![0])
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible()
  // npm alone, without the processes below it: nobody may be left behind.
  command.child.kill('SIGTERM')
  await command.exited
  await expect.poll(() => lastEvents(workdir)).toContain('agent_stopped')
})

test('start ends with 0 after Ctrl-C @web', async ({ workdir }) => {
  test.skip(onWindows, WINDOWS)
  const command = start('--headless', '--workdir', workdir)
  await command.printed(/token=\S+\n/)
  pressCtrlC(command)
  expect(await command.exited).toEqual([0, null])
  expect(lastEvents(workdir)).toContain('agent_stopped')
})

test('start without a display says so and goes on headless @web', async ({ workdir }) => {
  test.skip(process.platform !== 'linux', 'only Linux has machines without a display')
  const command = start('--workdir', workdir)
  await command.printed(/token=\S+\n/)
  pressCtrlC(command)
  expect(await command.exited).toEqual([0, null])
  expect((await command.errors).split('\n')).toContain('No display: going on headless.')
})

test('npm run datakit takes arguments and gives exit codes @web', async () => {
  test.skip(onWindows, WINDOWS)
  const version = npm('run', 'datakit', '--', 'version')
  await version.printed(/Version: 0\.1\.0/)
  expect(await version.exited).toEqual([0, null])
  const unknown = npm('run', 'datakit', '--', 'run', '--no-such-option')
  expect((await unknown.exited)[0]).toBe(255)
  expect(await unknown.errors).toContain('--no-such-option')
})

test('a taken console port is named @web', async ({ workdir }) => {
  test.skip(onWindows, WINDOWS)
  const taken = createServer()
  await new Promise<void>((resolve) => {
    taken.listen(0, '127.0.0.1', resolve)
  })
  const { port } = taken.address() as AddressInfo
  const command = start('--headless', '--workdir', workdir, '--console-port', String(port))
  const [code] = await command.exited
  taken.close()
  expect(code).toBe(255)
  expect(await command.errors).toContain(`Port in use: 127.0.0.1:${port}`)
})
