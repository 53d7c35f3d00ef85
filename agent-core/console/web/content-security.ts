// The headers of every console page, the same under app:// and over loopback HTTP.
import { randomBytes } from 'node:crypto'

/** Stands in the built index.html wherever a nonce belongs; replaced by a fresh one each load. */
export const NONCE_PLACEHOLDER = '__CSP_NONCE__'

export const newNonce = (): string => randomBytes(16).toString('base64')

/**
 * No unsafe-*: CodeMirror and reka-ui inject <style> elements and get the page's nonce for them.
 * 'self' in connect-src covers the console's own WebSocket.
 */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "frame-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

const DENIED_FEATURES = [
  'camera',
  'microphone',
  'geolocation',
  'display-capture',
  'usb',
  'serial',
  'hid',
  'bluetooth',
  'midi',
  'payment',
  'idle-detection',
]

/** Headers of every answer; pages add their Content-Security-Policy. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': DENIED_FEATURES.map((name) => `${name}=()`).join(', '),
}
