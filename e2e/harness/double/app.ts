// Double of `app`: readiness, paths, quitting, switches.
import { EventEmitter } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emitPreventable } from './prevention.ts'

class App extends EventEmitter {
  readonly isPackaged = false
  name = 'DataKit Desktop'
  sandboxed = false
  readonly #ready = Promise.withResolvers<void>()
  readonly #paths = new Map<string, string>()
  #isReady = false
  readonly commandLine = {
    hasSwitch: (name: string) => switchOf(name) !== undefined,
    getSwitchValue: (name: string) => switchOf(name) ?? '',
    appendSwitch() {},
  }

  whenReady(): Promise<void> {
    return this.#ready.promise
  }
  isReady(): boolean {
    return this.#isReady
  }
  becomeReady(): void {
    this.#isReady = true
    this.emit('ready', {})
    this.#ready.resolve()
  }

  enableSandbox(): void {
    if (this.#isReady) throw new Error('app.enableSandbox() can only be called before app is ready')
    this.sandboxed = true
  }
  requestSingleInstanceLock(): boolean {
    return true
  }
  releaseSingleInstanceLock(): void {}
  setAppUserModelId(): void {}
  setLoginItemSettings(): void {}
  getLoginItemSettings(): { openAtLogin: boolean } {
    return { openAtLogin: false }
  }

  getVersion(): string {
    return '0.1.0'
  }
  getName(): string {
    return this.name
  }
  getAppPath(): string {
    return process.cwd()
  }
  getLocale(): string {
    return 'en-US'
  }
  getPath(name: string): string {
    if (name === 'userData' && !this.#paths.has(name))
      this.#paths.set(name, mkdtempSync(join(tmpdir(), 'datakit-desktop-')))
    return this.#paths.get(name) ?? join(this.getPath('userData'), name)
  }
  setPath(name: string, path: string): void {
    this.#paths.set(name, path)
  }

  quit(): void {
    if (emitPreventable(this, 'before-quit')) return
    if (emitPreventable(this, 'will-quit')) return
    this.exit(0)
  }
  exit(code = 0): void {
    this.emit('quit', {}, code)
    process.exit(code)
  }
}

/** `--name=value` of the command line, as Chromium reads it. */
function switchOf(name: string): string | undefined {
  const found = process.argv.find((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`))
  return found?.slice(name.length + 3)
}

export const app = new App()
