// The way out: quitting waits until the agent has flushed, but not for ever.
import { BrowserWindow, type App } from 'electron'
import { errorText } from '../agent-core/kernel/errors.ts'
import type { Logger } from '../agent-core/kernel/logger.ts'

const FLUSH_LIMIT_MS = 30_000

/** Holds every quit back until `flush` is done, then exits. */
export function quitAfterFlush(
  app: App,
  flush: () => Promise<void>,
  log: Logger,
): { readonly begun: () => boolean } {
  let begun = false

  const finish = async (): Promise<void> => {
    const limit = setTimeout(() => {
      log.error('stopping took too long: leaving without it', { seconds: FLUSH_LIMIT_MS / 1000 })
      app.exit(1)
    }, FLUSH_LIMIT_MS)
    try {
      for (const window of BrowserWindow.getAllWindows()) window.close()
      await flush()
      app.exit(0)
    } catch (error) {
      log.error('stopping failed', { error: errorText(error) })
      app.exit(1)
    } finally {
      clearTimeout(limit)
    }
  }

  app.on('before-quit', (event) => {
    event.preventDefault()
    if (begun) return
    begun = true
    void finish()
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit())
  return { begun: () => begun }
}
