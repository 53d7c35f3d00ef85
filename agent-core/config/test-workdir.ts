// A throw-away work directory and a small registry for the tests of this room.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { workLayout, type WorkLayout } from './layout.ts'
import type { InputEntry, InputRegistry } from './registry.ts'
import { duration, float, int, regexpList, stringList, tagsTable } from './schema-pieces.ts'

export interface Workdir {
  readonly layout: WorkLayout
  write(name: string, content: string | Uint8Array): string
}

/** Calls `run` with a fresh directory that holds `files`, and removes it afterwards. */
export function withWorkdir<T>(
  files: Readonly<Record<string, string | Uint8Array>>,
  run: (dir: Workdir) => T,
): T {
  const root = mkdtempSync(join(tmpdir(), 'datakit-config-'))
  const write = (name: string, content: string | Uint8Array): string => {
    const path = join(root, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  }
  try {
    mkdirSync(join(root, 'conf.d'))
    for (const [name, content] of Object.entries(files)) write(name, content)
    return run({ layout: workLayout(root, 'linux'), write })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Files under conf.d, relative to the work directory. */
export const listed = ({ layout }: Workdir): string[] =>
  readdirSync(layout.confDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => layout.shown(join(entry.parentPath, entry.name)))
    .sort()

const everywhere = ['linux', 'darwin', 'win32'] as const

const cpu: InputEntry = {
  name: 'cpu',
  singleton: true,
  platforms: everywhere,
  sample: '[[inputs.cpu]]\n  interval = "10s"\n  # percpu = true\n',
  schema: v.object({
    interval: v.optional(duration(), '10s'),
    percpu: v.optional(v.boolean(), false),
    tags: v.optional(tagsTable(), {}),
  }),
}

const prom: InputEntry = {
  name: 'prom',
  singleton: false,
  platforms: everywhere,
  sample: '[[inputs.prom]]\n  urls = ["http://127.0.0.1:9100/metrics"]\n',
  schema: v.object({
    urls: stringList(),
    interval: v.optional(duration(), '30s'),
    stream_size: v.optional(int({ min: 0 }), 1),
    ratio: v.optional(float(), 1),
    metric_name_filter: v.optional(regexpList(), []),
    mode: v.optional(v.picklist(['fast', 'exact']), 'fast'),
    auth: v.optional(v.object({ type: v.optional(v.string()), token: v.optional(v.string()) }), {}),
    measurements: v.optional(v.array(v.object({ prefix: v.string(), name: v.optional(v.string(), '') })), []),
    http_headers: v.optional(tagsTable(), {}),
  }),
}

const iis: InputEntry = {
  name: 'iis',
  singleton: false,
  platforms: ['win32'],
  sample: '[[inputs.iis]]\n',
  schema: v.object({}),
}

export const testRegistry: InputRegistry = new Map([cpu, prom, iis].map((entry) => [entry.name, entry]))
