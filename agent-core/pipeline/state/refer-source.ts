// Where a lane or a command has the reference tables from: documents that it makes its own tables of, or a shared file.
import { ok, type Result } from '../../kernel/result.ts'
import { createReferDatabase, openReferDatabase, type OpenReferTables } from './refer-sqlite.ts'
import { createReferTables, type ReferTableDocument } from './refer-tables.ts'

export type ReferSource =
  | {
      /** sqlite: in SQLite's own memory (`pipeline.sqlite_mem_mode`). */
      readonly kind: 'memory' | 'sqlite'
      /** Differs when the documents do. */
      readonly stamp: string
      readonly documents: readonly ReferTableDocument[]
    }
  /** A database on disk that never changes (`pipeline.use_sqlite`): other tables are another file. */
  | { readonly kind: 'file'; readonly stamp: string; readonly path: string }

export function openReferTables(source: ReferSource): Result<OpenReferTables, string> {
  if (source.kind === 'file') return openReferDatabase(source.path)
  if (source.kind === 'sqlite') return createReferDatabase(':memory:', source.documents)
  const tables = createReferTables(source.documents)
  return tables.ok ? ok({ find: tables.value.find, close: () => {} }) : tables
}
