// The keys of the shell. A browser keeps Ctrl with a digit and Ctrl R for itself: there the same keys go with Alt.
import type { Services } from '../services.ts'
import type { Key } from '../ui/use-keys.ts'

export type { Key }

export const PALETTE_KEY: Key = { key: 'k', mod: true }
export const FILTER_KEY: Key = { key: '/' }

const withHost = (key: string, host: Services['host']): Key =>
  host === 'electron' ? { key, mod: true } : { key, alt: true }

export const pageKey = (index: number, host: Services['host']): Key => withHost(String(index + 1), host)
export const reloadKey = (host: Services['host']): Key => withHost('r', host)
