// Reads one configuration file as text, whatever it turns out to be.
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { AgentError, errnoOf, errorText } from '../kernel/errors.ts'
import { err, ok, type Result } from '../kernel/result.ts'

/** No configuration is this long; a log that was renamed to .conf is. */
const MAX_BYTES = 8 * 1024 * 1024

export interface TextFile {
  /** With its BOM. */
  readonly text: string
  /** Of the raw bytes, hex. */
  readonly sha256: string
}

export const sha256Of = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')

/** Errors: CONFIG_READ with the reason; the path is left to the caller. */
export function readTextFile(path: string): Result<TextFile> {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) return fail('it is not a regular file')
    if (stat.size > MAX_BYTES) return fail(`it is larger than ${MAX_BYTES / 1024 / 1024} MiB`)
    const bytes = readFileSync(path)
    const sha256 = sha256Of(bytes)
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
      return fail('it is UTF-16 text; save it as UTF-8')
    try {
      return ok({ text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), sha256 })
    } catch {
      return fail('it is not UTF-8 text')
    }
  } catch (error) {
    return fail(reason(error))
  }
}

const fail = (why: string): Result<TextFile> => err(new AgentError('CONFIG_READ', why))

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'a file is in the way',
  ENOENT: 'it does not exist (a dangling link?)',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'a part of its path is not a directory',
  EISDIR: 'it is a directory',
  ELOOP: 'its links form a circle',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EMFILE: 'too many open files',
}

/** A system error in words, without the path. */
export function reason(error: unknown): string {
  const code = errnoOf(error)
  return (code && REASONS[code]) ?? code ?? errorText(error)
}
