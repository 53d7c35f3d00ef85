// The work directory: DataKit's own layout, so that an existing configuration can be dropped in.
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import { reason } from './read-file.ts'
import type { Environment, Platform } from './registry.ts'

const PIPELINE_CATEGORIES = [
  'metric',
  'network',
  'keyevent',
  'object',
  'custom_object',
  'logging',
  'tracing',
  'rum',
  'security',
  'profiling',
]

const DIRECTORIES = [
  'conf.d',
  'data',
  'data/rum',
  'cache',
  'pipeline',
  'pipeline/pattern',
  ...PIPELINE_CATEGORIES.map((category) => `pipeline/${category}`),
  'pipeline_remote',
  'gitrepos',
  'python.d',
]

export interface WorkLayout {
  /** `<I>`, absolute. */
  readonly root: string
  readonly confDir: string
  readonly samplesDir: string
  /** conf.d/datakit.conf */
  readonly mainFile: string
  readonly dataDir: string
  readonly cacheDir: string
  readonly pipelineDir: string
  readonly remotePipelineDir: string
  /** Defaults of logging.log and logging.gin_log. */
  readonly logFile: string
  readonly ginLogFile: string
  /** A path as diagnostics show it: relative to the root with `/` where it lies inside. */
  shown(path: string): string
}

/** `<I>` of an installed DataKit. */
export function installDirectory(platform: Platform, env: Environment = {}): string {
  if (platform !== 'win32') return '/usr/local/datakit'
  return `${env['ProgramFiles'] ?? 'C:\\Program Files'}\\datakit`
}

export function workLayout(root: string, platform: Platform): WorkLayout {
  const logDir = logDirectory(root, platform)
  const confDir = join(root, 'conf.d')
  return {
    root,
    confDir,
    samplesDir: join(confDir, 'samples'),
    mainFile: join(confDir, 'datakit.conf'),
    dataDir: join(root, 'data'),
    cacheDir: join(root, 'cache'),
    pipelineDir: join(root, 'pipeline'),
    remotePipelineDir: join(root, 'pipeline_remote'),
    logFile: join(logDir, 'log'),
    ginLogFile: join(logDir, 'gin.log'),
    shown: (path) => shownPath(root, path),
  }
}

/** An installed agent logs to /var/log/datakit; Windows' installed agent to a *file* named log in its directory. */
function logDirectory(root: string, platform: Platform): string {
  if (platform !== 'win32' && root === installDirectory(platform)) return '/var/log/datakit'
  const inside = join(root, 'log')
  try {
    return statSync(inside).isFile() ? root : inside
  } catch {
    return inside
  }
}

function shownPath(root: string, path: string): string {
  const inside = relative(root, path)
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) return path
  return inside.split(sep).join('/')
}

/** Makes the directories and moves a legacy `<I>/datakit.conf` to conf.d. What fails is a diagnostic, never a throw. */
export function prepareLayout(layout: WorkLayout): Diagnostic[] {
  const diagnostics: Diagnostic[] = []
  const failed = (path: string, error: unknown): void => {
    const file = layout.shown(path)
    diagnostics.push(diagnostic('CONFIG_WRITE', `Cannot make ${file}: ${reason(error)}`, { file }))
  }
  for (const name of DIRECTORIES) {
    const path = join(layout.root, name)
    try {
      mkdirSync(path, { recursive: true, mode: 0o777 })
    } catch (error) {
      failed(path, error)
    }
  }
  const legacy = join(layout.root, 'datakit.conf')
  if (existsSync(legacy)) {
    if (existsSync(layout.mainFile)) {
      diagnostics.push(
        diagnostic('CONFIG_DUPLICATE', 'datakit.conf is ignored: conf.d/datakit.conf is in use', {
          severity: 'warning',
          file: 'datakit.conf',
          notes: ['Remove the one in the work directory.'],
        }),
      )
    } else {
      try {
        renameSync(legacy, layout.mainFile)
      } catch (error) {
        failed(layout.mainFile, error)
      }
    }
  }
  return diagnostics
}
