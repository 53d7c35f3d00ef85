// The contract over Electron IPC: two channels, one connection a page load, every sender checked.
import type { IpcMain, IpcMainEvent, WebContents } from 'electron'
import type { ConsoleConnection, ConsoleHost } from '../agent-core/console/host.ts'
import type { Disposable } from '../agent-core/kernel/disposable.ts'
import { errorText } from '../agent-core/kernel/errors.ts'
import type { Logger } from '../agent-core/kernel/logger.ts'
import { isAppUrl } from './app-origin.ts'
import { FROM_CONSOLE, TO_CONSOLE } from './preload/channels.ts'

interface Page {
  /** Random id of the page load: after a reload the old page's answers must not reach the new one. */
  readonly load: string
  readonly connection: ConsoleConnection
}

export function serveConsoleIpc(ipcMain: IpcMain, host: ConsoleHost, log: Logger): Disposable {
  const pages = new Map<WebContents, Page>()

  const close = (contents: WebContents): void => {
    const page = pages.get(contents)
    pages.delete(contents)
    Promise.resolve(page?.connection.dispose()).catch((error: unknown) =>
      log.error('console connection', { error: errorText(error) }),
    )
  }
  const open = (contents: WebContents, load: string): Page => {
    if (pages.has(contents)) close(contents)
    else {
      contents.once('destroyed', () => close(contents))
      contents.on('render-process-gone', () => close(contents))
    }
    const connection = host.connect((message) => {
      if (!contents.isDestroyed()) contents.send(TO_CONSOLE, load, message)
    })
    const page = { load, connection }
    pages.set(contents, page)
    return page
  }
  const receive = (event: IpcMainEvent, load: unknown, message: unknown): void => {
    if (!isConsolePage(event)) {
      log.warn('console message refused: not our page', { frame: event.senderFrame?.url ?? 'gone' })
      return
    }
    if (typeof load !== 'string') return
    const known = pages.get(event.sender)
    const page = known?.load === load ? known : open(event.sender, load)
    page.connection.receive(message)
  }

  ipcMain.on(FROM_CONSOLE, receive)
  return {
    dispose() {
      ipcMain.removeListener(FROM_CONSOLE, receive)
      for (const contents of pages.keys()) close(contents)
    },
  }
}

/** Only the top frame of a page of ours. */
function isConsolePage({ senderFrame }: IpcMainEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && isAppUrl(senderFrame.url)
}
