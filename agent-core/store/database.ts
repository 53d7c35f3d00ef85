// The store's SQLite file: opened, migrated, set aside when damaged. Block tables have one integer key that packs
// place and owner, so that writing appends, retention cuts a range, and no second index exists.
//
//   sample, minute : (slot or window number) * 2^22 + series id
//   recent         : category's enum * 2^48 + sequence number of the chunk's first point
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** Each entry moves the schema one version on; `PRAGMA user_version` counts them. Never edit one that shipped. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE series (id INTEGER PRIMARY KEY, measurement TEXT NOT NULL, field TEXT NOT NULL, tags TEXT NOT NULL,
    unit TEXT NOT NULL, last_seen INTEGER NOT NULL);
  CREATE TABLE journal (id INTEGER PRIMARY KEY, received INTEGER NOT NULL, samples INTEGER NOT NULL, block BLOB NOT NULL);
  CREATE TABLE sample (key INTEGER PRIMARY KEY, block BLOB NOT NULL);
  CREATE TABLE minute (key INTEGER PRIMARY KEY, block BLOB NOT NULL);
  -- Windows whose roll-up is missing or older than their samples.
  CREATE TABLE unrolled (window INTEGER PRIMARY KEY);
  CREATE TABLE recent (key INTEGER PRIMARY KEY, received INTEGER NOT NULL, points INTEGER NOT NULL, block BLOB NOT NULL);
  CREATE TABLE recent_total (category INTEGER PRIMARY KEY, points INTEGER NOT NULL, bytes INTEGER NOT NULL,
    next_seq INTEGER NOT NULL);
  CREATE TABLE object (class TEXT NOT NULL, name TEXT NOT NULL, received INTEGER NOT NULL, block BLOB NOT NULL,
    UNIQUE (class, name));
  `,
]

const SERIES_IDS = 2 ** 22

export const blockKey = (place: number, series: number): number => place * SERIES_IDS + series
export const placeOf = (key: number): number => Math.floor(key / SERIES_IDS)
export const seriesOf = (key: number): number => key % SERIES_IDS
export const LAST_SERIES = SERIES_IDS - 1

/** SQLite result codes the store acts on. */
const BUSY = 5
const READONLY = 8
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

export type Fault = 'busy' | 'readonly' | 'corrupt' | 'full' | 'open' | 'io'

/** What went wrong, for errors that SQLite or the file system raised; undefined for bugs. */
export function faultOf(thrown: unknown): Fault | undefined {
  const { code, errcode } = thrown as { code?: unknown; errcode?: unknown }
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'full'
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return 'readonly'
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return 'open'
  if (code !== 'ERR_SQLITE_ERROR' || typeof errcode !== 'number') return undefined
  switch (errcode & 0xff) {
    case BUSY:
      return 'busy'
    case READONLY:
      return 'readonly'
    case CORRUPT:
    case NOTADB:
      return 'corrupt'
    case FULL:
      return 'full'
    case CANTOPEN:
      return 'open'
    default:
      return 'io'
  }
}

export class StoreDatabase {
  readonly path: string
  private readonly db: DatabaseSync
  private readonly statements = new Map<string, StatementSync>()

  /** Throws what faultOf() tells apart. */
  constructor(path: string) {
    this.path = path
    mkdirSync(dirname(path), { recursive: true })
    this.db = new DatabaseSync(path, { timeout: 100 })
    try {
      this.configure()
      this.migrate()
    } catch (error) {
      this.db.close()
      throw error
    }
  }

  /** Prepared once, kept. */
  sql(text: string): StatementSync {
    let statement = this.statements.get(text)
    if (!statement) this.statements.set(text, (statement = this.db.prepare(text)))
    return statement
  }

  /** One column of one row as a number, 0 when there is none. */
  number(text: string, ...args: (number | string)[]): number {
    const row = this.sql(text).get(...args)
    return Number((row && Object.values(row)[0]) ?? 0)
  }

  /** All or nothing. */
  transaction(run: () => void): void {
    this.db.exec('BEGIN IMMEDIATE')
    try {
      run()
      this.db.exec('COMMIT')
    } catch (error) {
      // SQLite rolls back by itself after some errors, and then there is no transaction to end.
      if (this.db.isTransaction) this.db.exec('ROLLBACK')
      throw error
    }
  }

  /** Bytes in use: pages that deletions left free do not count. */
  get bytes(): number {
    const pages = this.number('PRAGMA page_count') - this.number('PRAGMA freelist_count')
    return pages * this.number('PRAGMA page_size')
  }

  /** Gives pages back to the file system, some at a time, once they are many. */
  shrink(): void {
    const free = this.number('PRAGMA freelist_count')
    if (free > 256 && free * 4 > this.number('PRAGMA page_count'))
      this.db.exec('PRAGMA incremental_vacuum(2048)')
  }

  exec(text: string): void {
    this.db.exec(text)
  }

  close(): void {
    this.statements.clear()
    this.db.close()
  }

  private configure(): void {
    // One process has the file: no shared-memory file, and a second agent is told instead of mixing in.
    // Commits are not synced, checkpoints are: a killed process loses nothing, a power cut the last minutes.
    this.db.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA cache_size = -1024;
      PRAGMA temp_store = MEMORY;
      PRAGMA wal_autocheckpoint = 256;
      PRAGMA journal_size_limit = 4194304;
    `)
  }

  private migrate(): void {
    const version = this.number('PRAGMA user_version')
    if (version > MIGRATIONS.length) throw new NewerSchemaError(version)
    this.transaction(() => {
      for (let at = version; at < MIGRATIONS.length; at++) this.db.exec(MIGRATIONS[at]!)
      this.db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
    })
  }
}

/** The file was written by a later release. */
export class NewerSchemaError extends Error {
  readonly version: number
  constructor(version: number) {
    super(`schema version ${version}, this release knows ${MIGRATIONS.length}`)
    this.version = version
  }
}

/** Moves a database and its log out of the way; returns the new path. Nothing is deleted. */
export function setAside(path: string, suffix: string): string {
  let kept = `${path}.${suffix}`
  for (let n = 2; existsSync(kept); n++) kept = `${path}.${suffix}-${n}`
  renameSync(path, kept)
  for (const part of ['-wal', '-journal']) {
    if (existsSync(path + part)) renameSync(path + part, kept + part)
  }
  rmSync(`${path}-shm`, { force: true })
  return kept
}
