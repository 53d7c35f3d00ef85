// ENC[...]: secrets kept out of configuration files, as a reference to a file or as AES ciphertext.
//
//   ENC[file:///path]   the file's text without trailing newlines
//   ENC[aes://base64]   standard base64 of IV (16 bytes) and AES-CBC ciphertext with PKCS#7 padding
import { createDecipheriv } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AgentError, errnoOf } from '../kernel/errors.ts'
import { err, ok, type Result } from '../kernel/result.ts'

export const ENC_PATTERN = /ENC\[(file|aes):\/\/([^\]\r\n]*)\]/g

/** Resolves one reference. Errors say why and name the file; they never hold the secret or the ciphertext. */
export function resolveSecret(scheme: string, body: string, aesKey: Buffer | undefined): Result<string> {
  return scheme === 'file' ? fromFile(body) : fromCipher(body, aesKey)
}

function fromFile(body: string): Result<string> {
  // On Windows ENC[file:///C:/x] names C:/x; elsewhere the third slash is the path's own.
  const path = /^\/[A-Za-z]:/.test(body) ? body.slice(1) : decodePath(body)
  try {
    return ok(readFileSync(path, 'utf8').replace(/[\r\n]+$/, ''))
  } catch (error) {
    return err(new AgentError('CONFIG_SECRET', `${path}: ${errnoOf(error) ?? 'not readable'}`))
  }
}

function decodePath(body: string): string {
  if (!body.includes('%')) return body
  try {
    return fileURLToPath(`file://${body}`)
  } catch {
    return body
  }
}

function fromCipher(body: string, aesKey: Buffer | undefined): Result<string> {
  if (!aesKey)
    return err(
      new AgentError('CONFIG_SECRET', 'no AES key', {
        hint: 'Set crypto.aes_key or crypto.aes_key_file in datakit.conf.',
      }),
    )
  const bytes = Buffer.from(body, 'base64')
  const algorithm = { 16: 'aes-128-cbc', 24: 'aes-192-cbc', 32: 'aes-256-cbc' }[aesKey.length]
  if (!algorithm)
    return err(new AgentError('CONFIG_SECRET', `the AES key has ${aesKey.length} bytes, not 16, 24 or 32`))
  if (bytes.length < 32 || bytes.length % 16 !== 0)
    return err(new AgentError('CONFIG_SECRET', 'the text after aes:// is not IV and ciphertext in base64'))
  try {
    const decipher = createDecipheriv(algorithm, aesKey, bytes.subarray(0, 16))
    return ok(Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString('utf8'))
  } catch {
    return err(new AgentError('CONFIG_SECRET', 'the AES key does not fit the ciphertext'))
  }
}

/** The key of `[crypto]`: `aes_key` wins; a key file is taken with its trailing newline cut. Empty means none. */
export function readAesKey(crypto: {
  readonly aes_key: string
  readonly aes_key_file: string
}): Result<Buffer | undefined> {
  if (crypto.aes_key !== '') return ok(Buffer.from(crypto.aes_key, 'utf8'))
  if (crypto.aes_key_file === '') return ok(undefined)
  try {
    return ok(Buffer.from(readFileSync(crypto.aes_key_file, 'utf8').replace(/[\r\n]+$/, ''), 'utf8'))
  } catch (error) {
    return err(new AgentError('CONFIG_SECRET', `${crypto.aes_key_file}: ${errnoOf(error) ?? 'not readable'}`))
  }
}
