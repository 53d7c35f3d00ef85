// The layer rule: imports point down, no room imports a room above it. Run by `npm run lint`.
//
//   renderer -> contract <- console -> agent -> (inputs, http, election, io, pipeline, store, config) -> point -> kernel
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

const root = resolve(import.meta.dirname, '..')

/** What each room may import besides itself. A room that is not named here may not exist. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'agent-core/kernel': [],
  'agent-core/contract': [],
  'agent-core/point': ['agent-core/kernel'],
  'agent-core/config': ['agent-core/kernel'],
  'agent-core/store': ['agent-core/kernel', 'agent-core/point'],
  'agent-core/io/filter': ['agent-core/kernel', 'agent-core/point'],
  'agent-core/pipeline': ['agent-core/kernel', 'agent-core/point', 'agent-core/io/filter'],
  'agent-core/io': [
    'agent-core/kernel',
    'agent-core/point',
    'agent-core/config',
    'agent-core/pipeline',
    'agent-core/io/filter',
  ],
  'agent-core/inputs': ['agent-core/kernel', 'agent-core/point', 'agent-core/config'],
  'agent-core/election': ['agent-core/kernel', 'agent-core/point', 'agent-core/config', 'agent-core/io'],
  'agent-core/http': [
    'agent-core/kernel',
    'agent-core/point',
    'agent-core/config',
    'agent-core/io',
    'agent-core/pipeline',
    'agent-core/store',
  ],
  'agent-core': [
    'agent-core/kernel',
    'agent-core/point',
    'agent-core/config',
    'agent-core/store',
    'agent-core/pipeline',
    'agent-core/io',
    'agent-core/inputs',
    'agent-core/election',
    'agent-core/http',
  ],
  'agent-core/console': ['agent-core', 'agent-core/*'],
  'agent-core/cli': ['agent-core', 'agent-core/*'],
  main: ['agent-core', 'agent-core/*', 'main/preload'],
  'main/preload': ['agent-core/contract'],
  renderer: ['agent-core/contract', 'resources'],
  resources: [],
  e2e: ['agent-core/contract', 'agent-core/kernel', 'agent-core/point', 'scripts'],
  scripts: ['agent-core', 'agent-core/*', 'renderer', 'e2e'],
}
/** console and cli stand above the agent: nothing in agent-core imports them, whatever a `*` says. */
const TOP = new Set(['agent-core/console', 'agent-core/cli'])

function roomOf(file: string): string {
  const parts = relative(root, file).split(sep)
  // Filters run in the lanes of the pipeline too, which io stands on.
  if (parts[0] === 'agent-core' && parts[1] === 'io' && parts[2] === 'filter') return 'agent-core/io/filter'
  if (parts[0] === 'agent-core') return parts.length > 2 ? `agent-core/${parts[1]}` : 'agent-core'
  if (parts[0] === 'main' && parts[1] === 'preload') return 'main/preload'
  return parts[0]!
}

function allows(from: string, to: string): boolean {
  if (from === to) return true
  const list = ALLOWED[from]
  if (!list) return false
  if (list.includes(to)) return true
  return (
    list.includes('agent-core/*') &&
    to.startsWith('agent-core/') &&
    (!TOP.has(to) || from !== 'agent-core/console')
  )
}

const IMPORT =
  /(?:^|\n)\s*(?:import\b[^'"\n;]*?(?:\bfrom\s*)?|export\b[^'"\n;]*?\bfrom\s*)['"](\.{1,2}\/[^'"]+)['"]|\bimport\(\s*['"](\.{1,2}\/[^'"]+)['"]/g
const problems: string[] = []
for (const file of globSync('{agent-core,main,renderer,e2e,scripts}/**/*.{ts,vue,mjs}', { cwd: root })) {
  const path = join(root, file)
  const from = roomOf(path)
  const text = readFileSync(path, 'utf8')
  const isTest = /\.(test|bench)\.ts$|\/testdata\//.test(file)
  for (const match of text
    .replace(/\bimport\s*\{[^}]*\}/g, (m) => m.replaceAll('\n', ' '))
    .matchAll(IMPORT)) {
    const target = resolve(dirname(path), (match[1] ?? match[2])!)
    const to = roomOf(target)
    if (!allows(from, to) && !(isTest && from.startsWith('agent-core')))
      problems.push(`${file}: ${from} must not import ${to} (${relative(root, target)})`)
  }
}
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
