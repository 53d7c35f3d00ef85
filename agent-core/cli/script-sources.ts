// What a script that a command runs uses from outside, as the agent's configuration says: address database, reference
// tables. Only what the script asks for is opened.
import { availableParallelism } from 'node:os'
import type { WorkLayout } from '../config/layout.ts'
import { loadMainConfig } from '../config/main-config.ts'
import type { Platform } from '../config/registry.ts'
import { systemClock } from '../kernel/clock.ts'
import { errorText } from '../kernel/errors.ts'
import { readGeoFiles } from '../pipeline/scripts/geo-files.ts'
import { newestReferFile } from '../pipeline/scripts/refer-files.ts'
import { pullReferTables } from '../pipeline/scripts/refer-pull.ts'
import { referDirectory, type OutsideSettings } from '../pipeline/scripts/outside.ts'
import type { EnvironmentSources } from '../pipeline/state/open-environment.ts'
import type { ReferSource } from '../pipeline/state/refer-source.ts'
import type { PipelineSettings } from '../pipeline/pipeline.ts'
import { pipelineSettings } from '../pipeline-settings.ts'

/** A command does not wait as long as the agent does. */
const PULL_MS = 10_000

/** What cannot be had is said on standard error, and the script runs without it. */
export async function scriptSources(
  layout: WorkLayout,
  scripts: readonly string[],
): Promise<EnvironmentSources> {
  const asks = (call: RegExp): boolean => scripts.some((text) => call.test(text))
  const geo = asks(/\bgeoip\s*\(/)
  const tables = asks(/\bm?query_refer_table\s*\(/)
  if (!geo && !tables) return {}
  const settings = configuredPipeline(layout)
  return {
    ...(geo ? { geo: await geoFiles(settings) } : {}),
    ...(tables ? { referTables: await referTables(settings) } : {}),
  }
}

export function configuredPipeline(layout: WorkLayout): PipelineSettings {
  const { config } = loadMainConfig(layout, {
    env: process.env,
    platform: process.platform as Platform,
    cores: availableParallelism(),
  })
  return pipelineSettings(config, layout)
}

const complain = (text: string): void => console.error(`[W] ${text}`)

async function geoFiles({ geo }: OutsideSettings): Promise<EnvironmentSources['geo']> {
  const { files, problems } = await readGeoFiles(geo)
  for (const problem of problems) complain(problem)
  return files
}

/** What a running agent keeps on disk, else from their address. */
async function referTables(settings: OutsideSettings): Promise<ReferSource | undefined> {
  const { referTableUrl: url, referTableStore: kind } = settings
  if (url === '') return undefined
  try {
    const kept = kind === 'file' ? await newestReferFile(referDirectory(settings)) : undefined
    if (kept) return kept
  } catch (error) {
    complain(errorText(error))
  }
  const pulled = await pullReferTables(url, systemClock, AbortSignal.timeout(PULL_MS))
  if (pulled.ok) return { kind: 'memory', stamp: '', documents: pulled.value }
  complain(pulled.error === '' ? `the reference tables: no answer within ${PULL_MS / 1000} s` : pulled.error)
  return undefined
}
