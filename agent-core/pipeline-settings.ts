// From datakit.conf to what the pipeline needs.
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { WorkLayout } from './config/layout.ts'
import type { DatakitConfig } from './config/settings.ts'
import type { PipelineSettings } from './pipeline/pipeline.ts'
import { parseCategory, type Category } from './point/category.ts'

const LANES = { least: 2, most: 8 }

export function pipelineSettings(config: DatakitConfig, layout: WorkLayout): PipelineSettings {
  const { pipeline } = config
  const defaults: Partial<Record<Category, string>> = {}
  for (const [text, name] of Object.entries(pipeline.default_pipeline)) {
    const category = parseCategory(text)
    if (category && name !== '') defaults[category] = name
  }
  return {
    dir: layout.pipelineDir,
    confdDir: join(layout.root, 'pipeline_confd'),
    gitrepoDir: lastRepository(join(layout.root, 'gitrepos')),
    remoteDir: layout.remotePipelineDir,
    dataDir: layout.dataDir,
    remotePullMs: pipeline.remote_pull_interval,
    referTableUrl: pipeline.refer_table_url,
    referTablePullMs: pipeline.refer_table_pull_interval,
    referTableStore: pipeline.use_sqlite ? (pipeline.sqlite_mem_mode ? 'sqlite' : 'file') : 'memory',
    geo: {
      type: pipeline.ipdb_type,
      dir: join(layout.dataDir, 'ipdb', pipeline.ipdb_type),
      // Go's own keys name files of other formats.
      files: Object.values(pipeline.ipdb_attr).filter((name) => name.toLowerCase().endsWith('.mmdb')),
    },
    defaults,
    debugFields: config.enable_debug_fields,
    lanes: Math.min(LANES.most, Math.max(LANES.least, availableParallelism() - 1)),
    budgetMs: pipeline.batch_timeout,
    requests: {
      disabled: pipeline.disable_http_request_func,
      hosts: pipeline.http_request_host_whitelist,
      networks: pipeline.http_request_cidr_whiltelist,
      noInternal: pipeline.http_request_disable_internal_net,
    },
  }
}

/** Only the last repository's scripts count. */
function lastRepository(dir: string): string | undefined {
  try {
    const names = readdirSync(dir, { withFileTypes: true }).filter((e) => e.isDirectory())
    const last = names
      .map((e) => e.name)
      .toSorted()
      .at(-1)
    return last === undefined ? undefined : join(dir, last, 'pipeline')
  } catch {
    return undefined
  }
}
