// What runs in each page before its scripts: `electron` for the preload, contextBridge's copying, and permission
// questions routed to main. The function is injected as text, so it uses nothing from outside itself.

export interface PageHostOptions {
  /** True: the page itself gets Node's names, as with nodeIntegration and without contextIsolation. */
  readonly node: boolean
  readonly platform: string
}

type Preload = (require: (id: string) => unknown, module: object, exports: object, process: object) => void
type Listener = (event: object, ...args: unknown[]) => void

/** Bindings that the test process exposes on `window`; taken away before the page can see them. */
export interface PageBindings {
  __mainIpc(channel: string, args: unknown[]): Promise<void>
  __mainPermission(permission: string, kind: 'request' | 'check'): Promise<boolean>
  __mainEmit?(channel: string, args: unknown[]): void
}

export function pageHost(
  options: PageHostOptions,
  preload: Preload,
  carry: (args: readonly unknown[]) => unknown[],
): void {
  const scope = window as unknown as PageBindings & Record<string, unknown>
  const { __mainIpc: ipc, __mainPermission: permission } = scope
  delete (scope as Partial<PageBindings>).__mainIpc
  delete (scope as Partial<PageBindings>).__mainPermission

  const listeners = new Map<string, Set<Listener>>()
  const on = (channel: string, listener: Listener): void => {
    listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener))
  }
  const ipcRenderer = {
    on,
    off: (channel: string, listener: Listener) => listeners.get(channel)?.delete(listener),
    send: (channel: string, ...args: unknown[]) => void ipc(channel, carry(args)),
  }
  Object.defineProperty(scope, '__mainEmit', {
    value: (channel: string, args: unknown[]) => {
      for (const listener of listeners.get(channel) ?? []) listener({ sender: ipcRenderer }, ...args)
    },
  })

  /** contextBridge: functions become proxies that copy, objects are copied and frozen, errors keep their message. */
  function bridged(value: unknown): unknown {
    if (typeof value === 'function')
      return (...args: unknown[]) => {
        try {
          return bridged(
            value(...args.map((arg) => (typeof arg === 'function' ? bridged(arg) : structuredClone(arg)))),
          )
        } catch (error) {
          throw new Error(error instanceof Error ? error.message : String(error))
        }
      }
    if (typeof value !== 'object' || value === null) return value
    if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value)
    return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bridged(item)])))
  }
  const contextBridge = {
    exposeInMainWorld(name: string, api: unknown) {
      if (name in scope)
        throw new Error('Cannot bind an API on top of an existing property on the window object')
      Object.defineProperty(scope, name, { value: bridged(api), enumerable: true })
    },
  }

  const modules: Record<string, unknown> = { electron: { ipcRenderer, contextBridge } }
  const require = (id: string): unknown => {
    if (modules[id]) return modules[id]
    throw new Error(`module not found: ${id}`)
  }
  const module = { exports: {} }
  const process = { platform: options.platform, type: 'renderer', versions: {}, sandboxed: true }
  if (options.node) Object.assign(scope, { require, process, module, global: scope })
  preload(require, module, module.exports, process)

  const denied = (): DOMException => new DOMException('Permission denied', 'NotAllowedError')
  const replace = (target: object | undefined, name: string, value: unknown): void => {
    if (target) Object.defineProperty(target, name, { value, configurable: true })
  }
  const guarded = (name: string, grant: () => unknown) => async () => {
    if (!(await permission(name, 'request'))) throw denied()
    return grant()
  }
  replace(scope['Notification'] as object, 'requestPermission', async () =>
    (await permission('notifications', 'request')) ? 'granted' : 'denied',
  )
  replace(
    navigator.mediaDevices,
    'getUserMedia',
    guarded('media', () => new MediaStream()),
  )
  replace(
    navigator.mediaDevices,
    'getDisplayMedia',
    guarded('display-capture', () => new MediaStream()),
  )
  replace(
    navigator.clipboard,
    'readText',
    guarded('clipboard-read', () => 'clipboard'),
  )
  replace(
    navigator.geolocation,
    'getCurrentPosition',
    async (found: (at: object) => void, failed?: (error: object) => void) => {
      if (await permission('geolocation', 'request')) found({ coords: { latitude: 0, longitude: 0 } })
      else failed?.({ code: 1, message: 'User denied Geolocation' })
    },
  )
  replace(navigator.permissions, 'query', async ({ name }: { name: string }) => ({
    name,
    state: (await permission(name, 'check')) ? 'granted' : 'denied',
  }))
}
