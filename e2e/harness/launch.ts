// `_electron.launch` without Electron's binary: the built main bundle runs in Node with `electron` replaced, its
// windows are pages of Chromium.
import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import type * as Electron from 'electron'
import { WindowPage } from './window-page.ts'
import { Questions, type FromMain, type Guard, type ToMain } from './wire.ts'

const STOP_LIMIT_MS = 10_000

export interface LaunchOptions {
  /** Each window gets a context of its own in it. */
  readonly browser: Browser
  /** The built main bundle. */
  readonly main: string
  readonly cwd: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Guards that a negative control takes away. */
  readonly without?: readonly Guard[]
}

/** The part of Playwright's ElectronApplication that the specs use. */
export interface DesktopApp {
  firstWindow(): Promise<Page>
  windows(): Page[]
  evaluate<R, A>(run: (electron: typeof Electron, arg: A) => R, arg: A): Promise<Awaited<R>>
  process(): ChildProcess
  close(): Promise<void>
}

export function launchOnChromium(options: LaunchOptions): DesktopApp {
  const child = fork(join(import.meta.dirname, 'double/child.ts'), [options.main, ...(options.args ?? [])], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env, DOUBLE_WITHOUT: (options.without ?? []).join(',') },
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  return new ChromiumApp(options.browser, child)
}

class ChromiumApp implements DesktopApp {
  readonly #browser: Browser
  readonly #child: ChildProcess
  readonly #questions: Questions<ToMain>
  readonly #windows = new Map<number, WindowPage>()
  /** Every window there ever was: closing is done when all of them are. */
  readonly #opened: WindowPage[] = []
  readonly #shown = Promise.withResolvers<Page>()
  readonly #exited: Promise<void>

  constructor(browser: Browser, child: ChildProcess) {
    this.#browser = browser
    this.#child = child
    this.#questions = new Questions((message) => this.#send(message))
    child.on('message', (message: FromMain) => void this.#receive(message))
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code) => {
        this.#questions.abandon(`main exited with ${code}`)
        this.#shown.reject(new Error(`main exited with ${code} before its first window`))
        resolve()
      })
    })
    this.#shown.promise.catch(() => {})
  }

  firstWindow(): Promise<Page> {
    const [open] = this.windows()
    return open ? Promise.resolve(open) : this.#shown.promise
  }

  windows(): Page[] {
    return [...this.#windows.values()]
      .map((window) => window.page)
      .filter((page) => page.url() !== 'about:blank')
  }

  evaluate<R, A>(run: (electron: typeof Electron, arg: A) => R, arg: A): Promise<Awaited<R>> {
    return this.#questions.ask({ t: 'eval', code: String(run), arg }) as Promise<Awaited<R>>
  }

  process(): ChildProcess {
    return this.#child
  }

  async close(): Promise<void> {
    this.#send({ t: 'quit' })
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS)
    await this.#exited
    clearTimeout(limit)
    await Promise.all(this.#opened.map((window) => window.close()))
  }

  #send(message: ToMain): void {
    // A child that is just leaving may close its channel in between: then nobody waits for the message.
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  async #receive(message: FromMain): Promise<void> {
    if (message.t === 'reply') return this.#questions.settle(message)
    const window = this.#windows.get(message.win)
    if (message.t === 'send') return window?.deliver(message.channel, message.args)
    if (message.t === 'close') return window?.close()
    try {
      this.#send({ t: 'reply', id: message.id, value: await this.#answer(message, window) })
    } catch (error) {
      this.#send({ t: 'reply', id: message.id, error: String(error) })
    }
  }

  async #answer(
    message: Extract<FromMain, { t: 'open' | 'load' | 'exec' }>,
    window: WindowPage | undefined,
  ): Promise<unknown> {
    if (message.t === 'open') {
      const main = { questions: this.#questions, send: (out: ToMain) => this.#send(out) }
      const opened = await WindowPage.open(this.#browser, message, main)
      this.#windows.set(message.win, opened)
      this.#opened.push(opened)
      opened.page.on('close', () => this.#windows.delete(message.win))
      return undefined
    }
    if (!window) throw new Error(`window ${message.win} is gone`)
    if (message.t === 'exec') return window.page.evaluate(message.code)
    await window.load(message.url)
    this.#shown.resolve(window.page)
    return undefined
  }
}
