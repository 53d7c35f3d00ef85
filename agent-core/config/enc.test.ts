import { createCipheriv } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readAesKey } from './enc.ts'
import { loadInputs, type LoadedInputs } from './load-inputs.ts'
import { testRegistry, withWorkdir } from './test-workdir.ts'

const KEYS = { 16: 'k'.repeat(16), 24: 'k'.repeat(24), 32: 'k'.repeat(32) } as const

function encrypt(text: string, key: string): string {
  const iv = Buffer.alloc(16, 7)
  const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, Buffer.from(key), iv)
  return Buffer.concat([iv, cipher.update(text), cipher.final()]).toString('base64')
}

function load(reference: (root: string) => string, key?: string): LoadedInputs {
  return withWorkdir(
    { 'secret file': 'hunter2"\\\n\r\n', 'secret-plain': 'hunter2\n' },
    ({ layout, write }) => {
      write(
        'conf.d/prom.conf',
        `[inputs.prom]\nurls = []\nauth.token = "${reference(layout.root)}"\n# ENC[file:///nowhere]\n`,
      )
      const aesKey = key === undefined ? undefined : Buffer.from(key)
      return loadInputs(layout, testRegistry, { env: {}, platform: 'linux', aesKey })
    },
  )
}
const token = (loaded: LoadedInputs): unknown =>
  (loaded.instances[0]!.config as { auth: { token: string } }).auth.token

describe('ENC[file://]', () => {
  it.each([
    ['secret-plain', 'hunter2'],
    ['secret file', 'hunter2"\\'],
    ['secret%20file', 'hunter2"\\'],
  ])('%s', (name, secret) => {
    const loaded = load((root) => `ENC[file://${join(root, name)}]`)
    expect(loaded.diagnostics).toEqual([])
    expect(token(loaded)).toBe(secret)
  })

  it('names a file that is not there, with its place; the text stays', () => {
    const loaded = load(() => 'ENC[file:///no/such/file]')
    expect(
      loaded.diagnostics.map((d) => [d.code, d.message, d.labels[0]!.line, d.labels[0]!.column]),
    ).toEqual([['CONFIG_SECRET', 'Cannot resolve ENC[...]: /no/such/file: ENOENT', 3, 15]])
    expect(token(loaded)).toBe('ENC[file:///no/such/file]')
  })
})

describe('ENC[aes://]', () => {
  it.each([16, 24, 32] as const)('with a key of %i bytes', (length) => {
    const loaded = load(() => `ENC[aes://${encrypt('hunter2 é "\\', KEYS[length])}]`, KEYS[length])
    expect(loaded.diagnostics).toEqual([])
    expect(token(loaded)).toBe('hunter2 é "\\')
  })

  it.each([
    ['no key', encrypt('hunter2', KEYS[16]), undefined, 'no AES key'],
    [
      'a key of another length',
      encrypt('hunter2', KEYS[16]),
      'short',
      'the AES key has 5 bytes, not 16, 24 or 32',
    ],
    ['another key', encrypt('hunter2', KEYS[16]), 'x'.repeat(16), 'the AES key does not fit the ciphertext'],
    ['no base64', '!!!!', KEYS[16], 'the text after aes:// is not IV and ciphertext in base64'],
  ])('%s', (_name, body, key, why) => {
    const loaded = load(() => `ENC[aes://${body}]`, key)
    expect(loaded.diagnostics.map((d) => d.message)).toEqual([`Cannot resolve ENC[...]: ${why}`])
    expect(token(loaded)).toBe(`ENC[aes://${body}]`)
    expect(JSON.stringify(loaded.diagnostics)).not.toContain(key ?? 'hunter2')
  })
})

const read = (aes_key: string, aes_key_file: string): unknown => {
  const result = readAesKey({ aes_key, aes_key_file })
  return result.ok ? result.value?.toString() : result.error.code
}

describe('readAesKey', () => {
  it('prefers the key to the file and cuts the line break of the file', () => {
    withWorkdir({ key: 'k'.repeat(16) + '\n' }, ({ layout }) => {
      const file = join(layout.root, 'key')
      expect(read('', '')).toBeUndefined()
      expect(read('a', file)).toBe('a')
      expect(read('', file)).toBe('k'.repeat(16))
      expect(read('', `${file}.none`)).toBe('CONFIG_SECRET')
    })
  })
})
