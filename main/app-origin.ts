// The one origin the window may show.

export const APP_SCHEME = 'app'
const APP_HOST = 'console'
export const APP_URL = `${APP_SCHEME}://${APP_HOST}/`

/** Node's URL gives custom schemes the origin "null", so scheme and host are compared. */
export function isAppUrl(url: string): boolean {
  const parsed = URL.parse(url)
  return (
    parsed !== null &&
    parsed.protocol === `${APP_SCHEME}:` &&
    parsed.host === APP_HOST &&
    parsed.username === '' &&
    parsed.password === ''
  )
}
