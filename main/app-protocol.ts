// Serves the built console under app://console: a real origin with a policy, unlike file://.
import { protocol, type Session } from 'electron'
import type { Pages } from '../agent-core/console/web/pages.ts'
import { textAnswer } from '../agent-core/console/web/pages.ts'
import { APP_SCHEME, isAppUrl } from './app-origin.ts'

/** Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: APP_SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ])
}

export function serveAppPages(session: Session, pages: Pages): void {
  session.protocol.handle(APP_SCHEME, async (request) => {
    const allowed = isAppUrl(request.url) && request.method === 'GET'
    const answer = allowed ? await pages(pathOf(request.url)) : textAnswer(404, 'Not found')
    return new Response(answer.body, { status: answer.status, headers: answer.headers })
  })
}

const pathOf = (url: string): string => new URL(url).pathname
