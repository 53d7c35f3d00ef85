// How the specs start Chromium: nothing but loopback, no first run, no updates.
import type { LaunchOptions } from '@playwright/test'
import { findChromium } from '../../scripts/chromium.mjs'

const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-default-browser-check',
  '--no-first-run',
  '--metrics-recording-only',
  // Every name but loopback's fails to resolve: no spec can reach a network.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
  '--no-proxy-server',
  // One process a page: a frame of another site stays in reach of its page's DevTools session.
  '--disable-site-isolation-trials',
]

export function chromiumOptions(): LaunchOptions {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('No Chromium found: set CHROMIUM_PATH')
  // Chromium's own sandbox refuses to run as root.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return { executablePath, chromiumSandbox: asRoot.length === 0, args: [...QUIET, ...asRoot] }
}
