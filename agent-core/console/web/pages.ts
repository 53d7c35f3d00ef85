// The built console as answers to GET: files by a strict path grammar, a fresh nonce in each page.
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { errnoOf } from '../../kernel/errors.ts'
import { contentSecurityPolicy, newNonce, NONCE_PLACEHOLDER, SECURITY_HEADERS } from './content-security.ts'

export interface PageAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer> | string
}

/** Answers one GET. `path` is the undecoded path of the URL, without its query. */
export type Pages = (path: string) => Promise<PageAnswer>

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

// Segments that start with a letter, digit, - or _ and hold no separator: no way up, no hidden file, no drive letter.
const PATH = /^(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/

/** @param root directory of the built renderer */
export function consolePages(root: string): Pages {
  return async (path) => {
    if (path === '/' || path === '') return page(root)
    if (!PATH.test(path)) return textAnswer(404, 'Not found')
    const extension = extname(path)
    // The pages' own routes have no extension: the application finds them.
    if (extension === '') return page(root)
    const type = TYPES[extension]
    if (path === '/index.html') return page(root)
    if (type === undefined) return textAnswer(404, 'Not found')
    return file(join(root, path), type, path.startsWith('/assets/'))
  }
}

/** A plain answer with the security headers. */
export function textAnswer(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): PageAnswer {
  return {
    status,
    headers: {
      ...SECURITY_HEADERS,
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      ...headers,
    },
    body: `${text}\n`,
  }
}

async function page(root: string): Promise<PageAnswer> {
  const html = await read(join(root, 'index.html'))
  if (html === undefined) return textAnswer(500, 'The console is not built. Run: npm run build')
  const nonce = newNonce()
  return {
    status: 200,
    headers: {
      ...SECURITY_HEADERS,
      'content-security-policy': contentSecurityPolicy(nonce),
      'content-type': TYPES['.html']!,
      'cache-control': 'no-store',
    },
    body: html.toString('utf8').replaceAll(NONCE_PLACEHOLDER, nonce),
  }
}

async function file(path: string, type: string, hashed: boolean): Promise<PageAnswer> {
  const body = await read(path)
  if (body === undefined) return textAnswer(404, 'Not found')
  // Names under assets/ carry a hash of their content.
  const cache = hashed ? 'private, max-age=31536000, immutable' : 'no-cache'
  return {
    status: 200,
    headers: { ...SECURITY_HEADERS, 'content-type': type, 'cache-control': cache },
    body: new Uint8Array(body),
  }
}

async function read(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
