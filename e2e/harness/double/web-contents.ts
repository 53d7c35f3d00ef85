// Double of WebContents: what a page asks is put to main's listeners and handlers.
import { EventEmitter } from 'node:events'
import { carried } from '../carried.ts'
import { guarded, questions, tell } from './line.ts'
import { emitPreventable } from './prevention.ts'
import { session } from './session.ts'

type OpenHandler = (details: object) => { action: 'allow' | 'deny' }

// will-navigate is for the top frame alone; will-frame-navigate for every frame.
const NAVIGATION_EVENTS = {
  main: ['will-frame-navigate', 'will-navigate'],
  frame: ['will-frame-navigate'],
  redirect: ['will-redirect'],
} as const

export class WebContents extends EventEmitter {
  readonly id: number
  readonly session = session.defaultSession
  #url = ''
  #destroyed = false
  #openHandler: OpenHandler | undefined

  constructor(id: number) {
    super()
    this.id = id
  }

  get mainFrame(): { url: string; parent: null } {
    return { url: this.#url, parent: null }
  }
  getURL(): string {
    return this.#url
  }
  isDestroyed(): boolean {
    return this.#destroyed
  }
  openDevTools(): void {}
  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler
  }
  send(channel: string, ...args: unknown[]): void {
    if (!this.#destroyed) tell({ t: 'send', win: this.id, channel, args: carried(args) })
  }
  executeJavaScript(code: string): Promise<unknown> {
    return questions.ask({ t: 'exec', win: this.id, code })
  }

  // --- the test process's side

  navigated(url: string): void {
    this.#url = url
    this.emit('did-navigate', {}, url)
  }
  mayNavigate(url: string, kind: keyof typeof NAVIGATION_EVENTS): boolean {
    const isMainFrame = kind !== 'frame'
    const prevented = NAVIGATION_EVENTS[kind].map((name) =>
      emitPreventable(this, name, { url, isMainFrame }, url),
    )
    return !guarded('navigation') || !prevented.includes(true)
  }
  mayOpen(url: string): boolean {
    const details = { url, frameName: '', features: '', disposition: 'foreground-tab' }
    const { action } = this.#openHandler?.(details) ?? { action: 'allow' }
    return !guarded('window-open') || action === 'allow'
  }
  /** Electron grants what no handler refuses. */
  mayUse(permission: string, kind: 'request' | 'check'): boolean | Promise<boolean> {
    const { permissionRequest, permissionCheck } = this.session
    if (!guarded('permissions')) return true
    const details = { requestingUrl: this.#url, isMainFrame: true }
    if (kind === 'check') return permissionCheck?.(this, permission, this.#url, details) ?? true
    if (!permissionRequest) return true
    return new Promise((resolve) => permissionRequest(this, permission, resolve, details))
  }
  destroyed(): void {
    this.#destroyed = true
    this.emit('destroyed')
  }
}
