// Reference tables on disk (`pipeline.use_sqlite`): each pull makes a database of its own in `data/reftable_sqlite`, named
// by its time; the newest one counts, also at a start before the first pull.
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf, errorText } from '../../kernel/errors.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { ReferSource } from '../state/refer-source.ts'

const FILE = /^tables-(\d+)\.db$/

/** undefined: none was written yet. */
export async function newestReferFile(dir: string): Promise<ReferSource | undefined> {
  const [newest] = await referFiles(dir)
  return newest === undefined ? undefined : { kind: 'file', stamp: newest, path: join(dir, newest) }
}

/**
 * Has a new file written and removes those that no lane can have any more: all but the one before, which lanes may read
 * until they take the new one.
 */
export async function addReferFile(
  dir: string,
  now: number,
  /** Gives what went wrong, if anything. */
  write: (path: string) => Promise<string | undefined>,
): Promise<Result<ReferSource, string>> {
  const part = join(dir, 'new.part')
  try {
    await mkdir(dir, { recursive: true })
    const before = await referFiles(dir)
    await rm(part, { force: true })
    const problem = await write(part)
    if (problem !== undefined) {
      await rm(part, { force: true })
      return err(problem)
    }
    const last = Number(FILE.exec(before[0] ?? '')?.[1] ?? 0)
    const name = `tables-${Math.max(now, last + 1)}.db`
    await rename(part, join(dir, name))
    // Another process may hold one open where files are locked: it goes next time.
    for (const old of before.slice(1)) await rm(join(dir, old), { force: true }).catch(() => {})
    return ok({ kind: 'file', stamp: name, path: join(dir, name) })
  } catch (error) {
    return err(`${dir}: ${errorText(error)}`)
  }
}

/** Newest first. */
async function referFiles(dir: string): Promise<string[]> {
  try {
    const names = (await readdir(dir)).filter((name) => FILE.test(name))
    const time = (name: string): number => Number(FILE.exec(name)![1])
    return names.toSorted((a, b) => time(b) - time(a))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}
