// Double of BrowserWindow: a page of Chromium with bounds, visibility and the close protocol.
import { EventEmitter } from 'node:events'
import type { BrowserWindowConstructorOptions, Rectangle } from 'electron'
import { app } from './app.ts'
import { guarded, questions, tell } from './line.ts'
import { emitPreventable } from './prevention.ts'
import { loopbackUrl } from './session.ts'
import { WebContents } from './web-contents.ts'

const windows = new Map<number, BrowserWindow>()
let lastId = 0

export const windowOf = (id: number): BrowserWindow | undefined => windows.get(id)

export class BrowserWindow extends EventEmitter {
  static getAllWindows(): BrowserWindow[] {
    return [...windows.values()]
  }
  static getFocusedWindow(): BrowserWindow | null {
    return [...windows.values()].at(-1) ?? null
  }
  static fromWebContents(contents: WebContents): BrowserWindow | null {
    return windows.get(contents.id) ?? null
  }

  readonly id = ++lastId
  readonly webContents: WebContents
  /** As given: a spec checks webPreferences. */
  readonly options: BrowserWindowConstructorOptions
  readonly #opened: Promise<unknown>
  #bounds: Rectangle
  #visible: boolean
  #maximized = false
  #minimized = false
  #destroyed = false

  constructor(options: BrowserWindowConstructorOptions = {}) {
    super()
    if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready')
    this.options = options
    const { x = 0, y = 0, width = 800, height = 600, webPreferences = {} } = options
    this.#bounds = { x, y, width, height }
    this.#visible = options.show !== false
    this.webContents = new WebContents(this.id)
    windows.set(this.id, this)
    const preload = webPreferences.preload
    if (preload === undefined) throw new Error('electron double: a window without preload is not supported')
    const node =
      !guarded('isolation') || (webPreferences.nodeIntegration && !webPreferences.contextIsolation) === true
    this.#opened = questions.ask({ t: 'open', win: this.id, width, height, preload, node })
    app.emit('browser-window-created', {}, this)
    app.emit('web-contents-created', {}, this.webContents)
  }

  async loadURL(url: string): Promise<void> {
    await this.#opened
    // Electron shows a window that painted, before the page's load has ended.
    await questions.ask({ t: 'load', win: this.id, url: await loopbackUrl(url) })
    this.webContents.emit('did-finish-load')
    this.emit('ready-to-show')
  }

  show(): void {
    this.#visible = true
    this.emit('show')
  }
  hide(): void {
    this.#visible = false
    this.emit('hide')
  }
  isVisible(): boolean {
    return this.#visible
  }
  focus(): void {
    this.emit('focus')
  }
  minimize(): void {
    this.#minimized = true
  }
  isMinimized(): boolean {
    return this.#minimized
  }
  restore(): void {
    this.#minimized = false
  }
  maximize(): void {
    this.#maximized = true
  }
  isMaximized(): boolean {
    return this.#maximized
  }
  getBounds(): Rectangle {
    return { ...this.#bounds }
  }
  getNormalBounds(): Rectangle {
    return { ...this.#bounds }
  }
  setBounds(bounds: Partial<Rectangle>): void {
    this.#bounds = { ...this.#bounds, ...bounds }
    this.emit('resize')
  }
  isDestroyed(): boolean {
    return this.#destroyed
  }

  close(): void {
    if (!this.#destroyed && !emitPreventable(this, 'close')) this.destroy()
  }
  destroy(): void {
    if (this.#destroyed) return
    tell({ t: 'close', win: this.id })
    this.pageGone()
  }
  /** The page was closed, by us or by a test. */
  pageGone(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    windows.delete(this.id)
    this.webContents.destroyed()
    this.emit('closed')
    if (windows.size === 0) app.emit('window-all-closed')
  }
}
