// An HTTP server on this machine for the length of a test.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { disposable, type Scope } from '../../kernel/disposable.ts'

export async function loopbackServer(
  scope: Scope,
  handle: RequestListener,
): Promise<{ url: string; port: number; server: Server }> {
  const listening = createServer(handle)
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  scope.add(
    disposable(async () => {
      listening.closeAllConnections()
      await new Promise((resolve) => listening.close(resolve))
    }),
  )
  const { port } = listening.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, server: listening }
}

