import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { consolePages } from './pages.ts'

let root: string
beforeAll(() => {
  const parent = mkdtempSync(join(tmpdir(), 'pages-'))
  root = join(parent, 'renderer')
  mkdirSync(join(root, 'assets'), { recursive: true })
  writeFileSync(join(root, 'index.html'), 'page')
  writeFileSync(join(root, 'assets/a-1.css'), 'css')
  writeFileSync(join(root, '.stamp'), 'hidden')
  writeFileSync(join(parent, 'secret.json'), 'secret')
})
afterAll(() => rmSync(join(root, '..'), { recursive: true, force: true }))

test.each([
  ['/', 200, 'page'],
  ['/index.html', 200, 'page'],
  ['/charts', 200, 'page'],
  ['/assets/a-1.css', 200, 'css'],
  ['/assets/b.css', 404, 'Not found\n'],
  ['/.stamp', 404, 'Not found\n'],
  ['/secret.json', 404, 'Not found\n'],
  ['/../secret.json', 404, 'Not found\n'],
  ['/%2e%2e/secret.json', 404, 'Not found\n'],
  ['/assets/..%2f..%2fsecret.json', 404, 'Not found\n'],
  ['/..\\secret.json', 404, 'Not found\n'],
  ['//secret.json', 404, 'Not found\n'],
  ['/C:/secret.json', 404, 'Not found\n'],
])('%s answers %i', async (path, status, body) => {
  const answer = await consolePages(root)(path)
  expect(answer.status).toBe(status)
  expect(typeof answer.body === 'string' ? answer.body : Buffer.from(answer.body).toString()).toBe(body)
})

test('no path at all reads a file outside', async () => {
  const pages = consolePages(root)
  const piece = fc.constantFrom(
    '..',
    '.',
    '/',
    '\\',
    '%2e',
    '%2f',
    '%5c',
    '%00',
    'secret.json',
    'assets',
    ':',
    '//',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const { body } = await pages(`/${pieces.join('')}`)
      return !Buffer.from(body).toString().includes('secret')
    }),
    { numRuns: 500 },
  )
})
