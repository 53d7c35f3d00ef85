// What scripts use from outside, kept current: reference tables from their address, the address database from its files.
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { diagnostic, type Diagnostic } from '../../kernel/diagnostic.ts'
import { Scope, type Disposable } from '../../kernel/disposable.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import { ok, type Result } from '../../kernel/result.ts'
import type { Tasks } from '../lanes/tasks.ts'
import type { ReferSource } from '../state/refer-source.ts'
import type { ReferTableDocument } from '../state/refer-tables.ts'
import { followGeoFiles, type FoundGeoFiles, type GeoSettings } from './geo-files.ts'
import { addReferFile, newestReferFile } from './refer-files.ts'
import { pullReferTables } from './refer-pull.ts'
import type { ScriptContext } from './script.ts'
import type { ContextSettings } from './script-store.ts'

export interface OutsideSettings {
  /** `<I>/data`: what the pipeline keeps for itself. */
  readonly dataDir: string
  readonly referTableUrl: string
  readonly referTablePullMs: number
  /** Where lanes have the tables: their own memory, SQLite's memory, or a SQLite file. */
  readonly referTableStore: ReferSource['kind']
  readonly geo: GeoSettings
}

export interface OutsideParts {
  readonly settings: OutsideSettings
  readonly clock: Clock
  readonly log: Logger
  readonly context: () => ScriptContext
  readonly configure: (settings: ContextSettings) => Promise<void>
  /** Writes a SQLite file, not on this thread: SQLite blocks. */
  readonly writeTables: (args: Tasks['tables']['args']) => Promise<Result<Tasks['tables']['value']>>
}

const MIN_REFER_PULL_MS = 1000

/** Where `pipeline.use_sqlite` has reference tables. */
export const referDirectory = ({ dataDir }: Pick<OutsideSettings, 'dataDir'>): string =>
  join(dataDir, 'reftable_sqlite')

export class OutsideSources implements Disposable {
  readonly #parts: OutsideParts
  readonly #scope = new Scope()
  readonly #stop = new AbortController()
  #referProblem: string | undefined
  #geoProblems: readonly string[] = []

  constructor(parts: OutsideParts) {
    this.#parts = parts
  }

  /** Resolves when what is on this machine is in force; tables are pulled from then on. */
  async start(): Promise<void> {
    const { clock, settings } = this.#parts
    const failed = (error: unknown): void => this.#geoFailed([`${settings.geo.dir}: ${errorText(error)}`])
    this.#scope.add(await followGeoFiles(settings.geo, clock, (found) => void this.#takeGeo(found), failed))
    if (settings.referTableUrl === '') return
    if (settings.referTableStore === 'file')
      await this.#parts.configure({
        referTables: await newestReferFile(referDirectory(settings)).catch(() => undefined),
      })
    const pulls = this.#pulls()
    this.#scope.defer(() => pulls)
  }

  diagnostics(): Diagnostic[] {
    const severity = 'warning'
    return [
      ...(this.#referProblem ? [diagnostic('PIPELINE_REFER', this.#referProblem, { severity })] : []),
      ...this.#geoProblems.map((problem) => diagnostic('PIPELINE_GEO', problem, { severity })),
      ...this.#withoutGeo(),
    ]
  }

  async dispose(): Promise<void> {
    this.#stop.abort()
    await this.#scope.dispose()
  }

  // --- reference tables

  /** Now, and again each time so long after the last one ended. */
  async #pulls(): Promise<void> {
    const { clock, settings } = this.#parts
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.#pull()
      await clock.sleep(Math.max(MIN_REFER_PULL_MS, settings.referTablePullMs), signal).catch(() => {})
    }
  }

  async #pull(): Promise<void> {
    const { clock, configure, settings } = this.#parts
    const pulled = await pullReferTables(settings.referTableUrl, clock, this.#stop.signal)
    if (this.#stop.signal.aborted) return
    const stored = pulled.ok ? await this.#store(pulled.value) : pulled
    if (stored.ok) await configure({ referTables: stored.value })
    this.#referFailed(stored.ok ? undefined : stored.error)
  }

  async #store(documents: readonly ReferTableDocument[]): Promise<Result<ReferSource, string>> {
    const { clock, settings, writeTables } = this.#parts
    const kind = settings.referTableStore
    const now = clock.now()
    if (kind !== 'file') return ok({ kind, stamp: String(now), documents })
    return addReferFile(referDirectory(settings), now, async (path) => {
      const written = await writeTables({ path, documents })
      return written.ok ? written.value : written.error.message
    })
  }

  #referFailed(problem: string | undefined): void {
    if (problem !== undefined && this.#referProblem === undefined)
      this.#parts.log.warn('reference tables stay as they are', { problem })
    this.#referProblem = problem
  }

  // --- address database

  /** A database that is damaged, or half copied, does not take the place of the one before. */
  async #takeGeo({ files, problems }: FoundGeoFiles): Promise<void> {
    this.#geoFailed(problems)
    if (problems.length === 0 || files.city || !this.#parts.context().geo?.city)
      await this.#parts.configure({ geo: files })
  }

  #geoFailed(problems: readonly string[]): void {
    for (const problem of problems)
      if (!this.#geoProblems.includes(problem)) this.#parts.log.warn('address database', { problem })
    this.#geoProblems = problems
  }

  /** Scripts that ask for places where no database is installed get empty ones. */
  #withoutGeo(): Diagnostic[] {
    const { geo, scripts } = this.#parts.context()
    if (geo?.city || this.#geoProblems.length > 0) return []
    const asking = scripts.filter(({ source }) => /\bgeoip\s*\(/.test(source)).map(({ name }) => name)
    if (asking.length === 0) return []
    const message = `No address database: geoip() in ${asking.join(', ')} gives empty places`
    const { dir } = this.#parts.settings.geo
    return [diagnostic('PIPELINE_GEO', message, { severity: 'notice', file: dir })]
  }
}
