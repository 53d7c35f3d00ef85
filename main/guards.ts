// What no page may do, whichever window it is in: navigate away, open windows, ask for permissions, attach a webview.
import type { App, Session, WebContents } from 'electron'
import type { Logger } from '../agent-core/kernel/logger.ts'
import { isAppUrl } from './app-origin.ts'
import { openExternalLink } from './external-links.ts'

export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, callback) => callback(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler(null)
}

/** Guards every WebContents of the app from its creation on. */
export function guardContents(app: App, log: Logger): void {
  app.on('web-contents-created', (_event, contents) => guard(contents, log))
}

function guard(contents: WebContents, log: Logger): void {
  const stay = (kind: string) => (event: { readonly url: string; preventDefault(): void }) => {
    if (isAppUrl(event.url)) return
    event.preventDefault()
    log.warn(`${kind} refused`, { url: originOf(event.url) })
  }
  contents.on('will-navigate', stay('navigation'))
  contents.on('will-frame-navigate', stay('frame navigation'))
  contents.on('will-redirect', stay('redirect'))
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    openExternalLink(url)
    return { action: 'deny' }
  })
}

/** Enough to find the culprit, without what a query may carry. */
function originOf(url: string): string {
  const parsed = URL.parse(url)
  return parsed === null ? 'invalid' : `${parsed.protocol}//${parsed.host}`
}
