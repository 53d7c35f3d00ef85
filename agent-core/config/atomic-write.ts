// Writes a configuration file so that a crash or a full disk leaves either the old text or the new one, never a part.
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AgentError } from '../kernel/errors.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { reason } from './read-file.ts'

/** Configuration may hold secrets: a new file is for its owner and group only. */
const NEW_FILE_MODE = 0o640

/**
 * Replaces a file: temporary file beside it, fsync, rename. Mode and owner of an existing file stay, a link stays a link;
 * missing directories are made. Errors: CONFIG_WRITE with the reason, the file is as it was.
 */
export function writeFileAtomic(path: string, text: string): Result<void> {
  let temporary: string | undefined
  try {
    mkdirSync(dirname(path), { recursive: true })
    const target = existing(path) ? realpathSync(path) : path
    const old = existing(target)
    // No name that ends in .conf: a crash must not leave a file that would be loaded.
    temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
    writeThrough(temporary, text, old)
    renameSync(temporary, target)
    syncDirectory(dirname(target))
    return ok(undefined)
  } catch (error) {
    if (temporary) rmSync(temporary, { force: true })
    return err(new AgentError('CONFIG_WRITE', `${path}: ${reason(error)}`, { cause: error }))
  }
}

const existing = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false })

function writeThrough(path: string, text: string, old: Stats | undefined): void {
  const fd = openSync(path, 'wx', old ? old.mode & 0o777 : NEW_FILE_MODE)
  try {
    writeFileSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  if (!old) return
  // The umask took bits off; another owner's file is only kept by root.
  chmodSync(path, old.mode & 0o7777)
  if (process.getuid?.() === 0) chownSync(path, old.uid, old.gid)
}

/** Makes the rename itself durable where the system can (Windows cannot open a directory). */
function syncDirectory(dir: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(dir, 'r')
  try {
    fsyncSync(fd)
  } catch {
    // Some file systems refuse; the file itself is safe.
  } finally {
    closeSync(fd)
  }
}
