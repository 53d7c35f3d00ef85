// Double of `session` and `protocol`: permission handlers are kept for the windows, schemes are served over loopback.
import { EventEmitter } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { guarded } from './line.ts'

type PageHandler = (request: Request) => Response | Promise<Response>
export type PermissionRequestHandler = (
  contents: object,
  permission: string,
  callback: (granted: boolean) => void,
  details: object,
) => void
export type PermissionCheckHandler = (
  contents: object,
  permission: string,
  origin: string,
  details: object,
) => boolean

const handlers = new Map<string, PageHandler>()
/** `app://console` to the loopback origin that serves it, and back. */
const loopbackOf = new Map<string, string>()
const publicOf = new Map<string, string>()

const protocolDouble = {
  registerSchemesAsPrivileged() {},
  handle(scheme: string, handler: PageHandler): void {
    if (handlers.has(scheme)) throw new Error(`The scheme has been registered: ${scheme}`)
    handlers.set(scheme, handler)
  },
  unhandle: (scheme: string) => void handlers.delete(scheme),
  isProtocolHandled: (scheme: string) => handlers.has(scheme),
}
export const protocol = protocolDouble

class Session extends EventEmitter {
  readonly protocol = protocolDouble
  permissionRequest: PermissionRequestHandler | undefined
  permissionCheck: PermissionCheckHandler | undefined

  setPermissionRequestHandler(handler: PermissionRequestHandler | null): void {
    this.permissionRequest = handler ?? undefined
  }
  setPermissionCheckHandler(handler: PermissionCheckHandler | null): void {
    this.permissionCheck = handler ?? undefined
  }
  setDevicePermissionHandler(): void {}
  setDisplayMediaRequestHandler(): void {}
}

export const session = { defaultSession: new Session() }

/** The loopback address of a URL whose scheme main handles; other URLs stay as they are. */
export async function loopbackUrl(url: string): Promise<string> {
  const { protocol: scheme, host, pathname, search, hash } = new URL(url)
  const handler = handlers.get(scheme.slice(0, -1))
  if (!handler) return url
  const origin = `${scheme}//${host}`
  const loopback = loopbackOf.get(origin) ?? (await serve(origin, handler))
  return `${loopback}${pathname || '/'}${search}${hash}`
}

/** The URL as main knows it. */
export function publicUrl(url: string): string {
  for (const [loopback, origin] of publicOf)
    if (url.startsWith(`${loopback}/`)) return origin + url.slice(loopback.length)
  return url
}

async function serve(origin: string, handler: PageHandler): Promise<string> {
  const server = createServer((request, response) => {
    answer(origin, handler, request, response).catch((error: unknown) => {
      console.error(`electron double: ${origin}${request.url}: ${String(error)}`)
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const loopback = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  loopbackOf.set(origin, loopback)
  publicOf.set(loopback, origin)
  return loopback
}

async function answer(
  origin: string,
  handler: PageHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET'
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const body = hasBody ? new Uint8Array(await buffer(request)) : undefined
  const reply = await handler(new Request(`${origin}${request.url}`, { method, ...(body && { body }) }))
  const headers = Object.fromEntries(reply.headers)
  if (!guarded('csp')) delete headers['content-security-policy']
  response.writeHead(reply.status, headers)
  response.end(Buffer.from(await reply.arrayBuffer()))
}
