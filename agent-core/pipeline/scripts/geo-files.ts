// The address database as the user installed it: MaxMind files in `data/ipdb/<type>`, read again when they change.
import { mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import type { Disposable } from '../../kernel/disposable.ts'
import { errnoOf, errorText } from '../../kernel/errors.ts'
import { geoContent, type GeoFiles, type GeoType } from '../state/geo-database.ts'
import { watchDirectories } from './watch.ts'

export interface GeoSettings {
  readonly type: GeoType
  /** `<I>/data/ipdb/<type>` */
  readonly dir: string
  /** Names of `pipeline.ipdb_attr`; empty = every `.mmdb` of the directory. */
  readonly files: readonly string[]
}

export interface FoundGeoFiles {
  readonly files: GeoFiles
  /** What was there and could not be used. */
  readonly problems: readonly string[]
}

/** Reads what is there; nothing is no problem. Of two databases of one content the first by name counts. */
export async function readGeoFiles({ type, dir, files }: GeoSettings): Promise<FoundGeoFiles> {
  const problems: string[] = []
  const found: { city?: SharedArrayBuffer; asn?: SharedArrayBuffer } = {}
  const stamps: string[] = []
  for (const name of await databaseNames(dir, files, problems)) {
    const path = join(dir, name)
    try {
      const { bytes, stamp } = await readShared(path)
      const content = geoContent(bytes)
      if (!content.ok) problems.push(`${path}: ${content.error}`)
      else if (!found[content.value]) {
        found[content.value] = bytes
        stamps.push(`${name} ${stamp}`)
      }
    } catch (error) {
      problems.push(`${path}: ${errorText(error)}`)
    }
  }
  return { files: { type, stamp: stamps.join(), ...found }, problems }
}

async function databaseNames(
  dir: string,
  given: readonly string[],
  problems: string[],
): Promise<readonly string[]> {
  if (given.length > 0) return given
  try {
    return (await readdir(dir)).filter((name) => name.toLowerCase().endsWith('.mmdb')).toSorted()
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') problems.push(`${dir}: ${errorText(error)}`)
    return []
  }
}

/** Memory that lanes share: a city database is some 60 MB. */
async function readShared(path: string): Promise<{ bytes: SharedArrayBuffer; stamp: string }> {
  const file = await open(path, 'r')
  try {
    const { size, mtimeMs } = await file.stat()
    const bytes = new SharedArrayBuffer(size)
    const view = new Uint8Array(bytes)
    for (let at = 0; at < size;) {
      const { bytesRead } = await file.read(view, at, size - at, at)
      if (bytesRead === 0) throw new Error('the file became shorter while it was read')
      at += bytesRead
    }
    return { bytes, stamp: `${size} ${mtimeMs}` }
  } finally {
    await file.close()
  }
}

/** Gives the files now and whenever they change; the directory is made, so that there is a place to put them. */
export async function followGeoFiles(
  settings: GeoSettings,
  clock: Clock,
  take: (found: FoundGeoFiles) => void,
  failed: (error: unknown) => void,
): Promise<Disposable> {
  const read = async (): Promise<void> => take(await readGeoFiles(settings))
  await mkdir(settings.dir, { recursive: true }).catch(failed)
  const watch = await watchDirectories([settings.dir], clock, () => void read(), failed)
  await read()
  return watch
}
