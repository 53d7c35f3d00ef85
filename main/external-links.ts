// Links that may leave the console for the system's browser.
import { shell } from 'electron'

const DOCUMENTATION_HOSTS: ReadonlySet<string> = new Set(['docs.guance.com', 'docs.truewatch.com'])

/** https, a host of the list, default port, no credentials. */
export function isAllowedLink(url: string): boolean {
  const parsed = URL.parse(url)
  return (
    parsed !== null &&
    parsed.protocol === 'https:' &&
    parsed.port === '' &&
    parsed.username === '' &&
    parsed.password === '' &&
    DOCUMENTATION_HOSTS.has(parsed.hostname)
  )
}

/** Opens an allowed link outside; anything else is ignored. */
export function openExternalLink(url: string): void {
  if (isAllowedLink(url)) void shell.openExternal(url)
}
