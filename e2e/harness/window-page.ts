// One BrowserWindow of the double as a page of Chromium: preload, IPC, navigations, popups, permissions.
import { readFileSync } from 'node:fs'
import type { Browser, BrowserContext, CDPSession, Page, Route } from '@playwright/test'
import { carried } from './carried.ts'
import { pageHost, type PageBindings, type PageHostOptions } from './page-host.ts'
import type { FromMain, Questions, ToMain } from './wire.ts'

type OpenMessage = Extract<FromMain, { t: 'open' }>
interface Main {
  readonly questions: Questions<ToMain>
  send(message: ToMain): void
}

export class WindowPage {
  readonly page: Page
  readonly #win: number
  readonly #main: Main
  /** URL that main itself loads: such a navigation asks nobody. */
  #loading: string | undefined
  #outbox: { channel: string; args: unknown[] }[] = []
  #flushing = false
  #closed: Promise<void> | undefined
  /** Answers for popups whose first request came before their page event. */
  #answeredPopups: boolean[] = []

  private constructor(page: Page, win: number, main: Main) {
    this.page = page
    this.#win = win
    this.#main = main
  }

  static async open(browser: Browser, message: OpenMessage, main: Main): Promise<WindowPage> {
    const context = await browser.newContext({ viewport: { width: message.width, height: message.height } })
    const page = await context.newPage()
    const window = new WindowPage(page, message.win, main)
    await window.#bindIpc(message)
    await window.#watchNavigations(await context.newCDPSession(page))
    await window.#watchPopups(context)
    page.on('close', () => main.send({ t: 'gone', win: message.win }))
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) main.send({ t: 'navigated', win: message.win, url: frame.url() })
    })
    return window
  }

  /** Settles when Chromium has closed it, whoever asks and how often. */
  close(): Promise<void> {
    this.#closed ??= this.page.context().close()
    return this.#closed
  }

  async load(url: string): Promise<void> {
    this.#loading = url
    await this.page.goto(url)
  }

  /** Messages reach the page in order, several at a time when it is slow. */
  async deliver(channel: string, args: unknown[]): Promise<void> {
    this.#outbox.push({ channel, args })
    if (this.#flushing) return
    this.#flushing = true
    try {
      while (this.#outbox.length > 0) await this.#flush(this.#outbox.splice(0))
    } finally {
      this.#flushing = false
    }
  }

  async #flush(messages: readonly { channel: string; args: unknown[] }[]): Promise<void> {
    const emit = (list: typeof messages): void => {
      const scope = window as unknown as PageBindings
      for (const { channel, args } of list) scope.__mainEmit?.(channel, args)
    }
    try {
      await this.page.evaluate(emit, messages)
    } catch {
      // The page is being closed or replaced: nobody is left to hear it.
    }
  }

  async #bindIpc({ preload, node }: OpenMessage): Promise<void> {
    const [win, page] = [this.#win, this.page]
    await page.exposeBinding('__mainIpc', ({ frame }, channel: string, args: unknown[]) => {
      const facts = { url: frame.url(), top: frame.parentFrame() === null }
      this.#main.send({ t: 'ipc', win, channel, args, frame: facts })
    })
    await page.exposeBinding('__mainPermission', (_source, permission: string, kind: 'request' | 'check') =>
      this.#main.questions.ask({ t: 'permission', win, permission, kind }),
    )
    const options: PageHostOptions = { node, platform: process.platform }
    const source = `function (require, module, exports, process) {${readFileSync(preload, 'utf8')}\n}`
    await page.addInitScript({
      content: `if (window === window.top) {(${String(pageHost)})(${JSON.stringify(options)}, ${source}, ${String(carried)})}`,
    })
  }

  /** Every document request that main did not start itself is put to main first. */
  async #watchNavigations(session: CDPSession): Promise<void> {
    const { frameTree } = await session.send('Page.getFrameTree')
    const mainFrame = frameTree.frame.id
    session.on('Fetch.requestPaused', (event) => {
      const { requestId, request, frameId, redirectedRequestId } = event
      const kind = redirectedRequestId ? 'redirect' : frameId === mainFrame ? 'main' : 'frame'
      const decide = async (): Promise<void> => {
        const allowed = await this.#mayNavigate(request.url, kind)
        if (allowed) await session.send('Fetch.continueRequest', { requestId })
        else await session.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' })
      }
      // A page that closes meanwhile takes its requests with it.
      decide().catch(() => {})
    })
    await session.send('Fetch.enable', { patterns: [{ resourceType: 'Document', requestStage: 'Request' }] })
  }

  async #mayNavigate(url: string, kind: 'frame' | 'main' | 'redirect'): Promise<boolean> {
    if (kind === 'main' && this.#loading === url) {
      this.#loading = undefined
      return true
    }
    return (await this.#main.questions.ask({ t: 'navigate', win: this.#win, url, kind })) === true
  }

  async #watchPopups(context: BrowserContext): Promise<void> {
    context.on('page', (popup) => {
      const settle = async (): Promise<void> => {
        const allowed = this.#answeredPopups.shift() ?? (await this.#mayOpen(popup.url()))
        if (!allowed) await popup.close()
      }
      settle().catch(() => {})
    })
    const own = (route: Route): boolean => {
      try {
        return route.request().frame().page() === this.page
      } catch {
        // A popup's first request comes before its page is known.
        return false
      }
    }
    await context.route('**/*', async (route) => {
      if (own(route) || !route.request().isNavigationRequest()) return route.fallback()
      const allowed = await this.#mayOpen(route.request().url())
      this.#answeredPopups.push(allowed)
      return allowed ? route.fallback() : route.abort('aborted')
    })
  }

  async #mayOpen(url: string): Promise<boolean> {
    return (await this.#main.questions.ask({ t: 'popup', win: this.#win, url })) === true
  }
}
