// The reference page of datakit.conf (docs/config-reference.md), written from the table of settings.
import { formatGoDuration } from './duration.ts'
import { settingText } from './main-sample.ts'
import { DEAD_KEYS, OLD_KEYS } from './old-keys.ts'
import { rangeText } from './schema-pieces.ts'
import type { Setting, SettingGroup, SettingTree } from './setting.ts'
import { SETTINGS, UNSUPPORTED } from './settings.ts'
import { expectedText, shapeOf } from './shape.ts'
import { pathText } from './toml.ts'

const HEAD = `# Configuration reference: datakit.conf

This page is written from the table in \`agent-core/config/settings.ts\`; do not edit it by hand.

The file is \`conf.d/datakit.conf\` in the work directory. A value in the environment wins over the file, the file over the
default. Keys are matched exactly, else whatever their case. A duration is text such as \`"1m30s"\` or a whole number of
nanoseconds. A key that is wrong falls back to its default and is named with file, line and column; the agent always starts.

Variables marked * count as set whatever their text, even \`false\`. Variables marked † are read only while the variable in
brackets is set.
`

export function configReference(): string {
  const sections = [...sectionsOf(SETTINGS, [], 'Top level', '')]
  const old = OLD_KEYS.map(({ from, to }) => `| \`${pathText(from)}\` | \`${pathText(to)}\` |`)
  const unsupported = Object.entries(UNSUPPORTED).map(([key, what]) => `| \`${key}\` | ${what} |`)
  return [
    HEAD,
    ...sections,
    `## Old keys\n\nStill obeyed, with a diagnostic that offers to move them. When both are set the new one wins.\n\n| Old | New |\n|---|---|\n${old.join('\n')}\n`,
    `Without effect: ${DEAD_KEYS.map((path) => `\`${pathText(path)}\``).join(', ')}.\n`,
    `## Known, not supported yet\n\n| Section | What |\n|---|---|\n${unsupported.join('\n')}\n`,
  ].join('\n')
}

function* sectionsOf(
  tree: SettingTree,
  base: readonly string[],
  title: string,
  doc: string,
): Generator<string> {
  const nodes = Object.entries(tree)
  const settings = nodes.filter((node): node is [string, Setting] => node[1].kind === 'setting')
  const rows = settings.map(([key, setting]) => row(key, setting))
  yield `## ${title}\n\n${doc ? `${doc}\n\n` : ''}| Key | Type | Default | Environment | Meaning |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
  for (const [key, node] of nodes) {
    if (node.kind !== 'group') continue
    const path = [...base, key]
    const { children, doc } = node as SettingGroup
    yield* sectionsOf(children, path, `\`[${path.join('.')}]\``, doc)
  }
}

function row(key: string, setting: Setting): string {
  const cells = [
    setting.envOnly ? '(none)' : `\`${key}\``,
    typeText(setting),
    defaultText(setting),
    envText(setting),
    meaning(setting),
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

const TYPES: Readonly<Record<string, string>> = {
  bool: 'bool',
  int: 'integer',
  float: 'number',
  string: 'text',
  duration: 'duration',
  list: 'list of texts',
  map: 'table',
}

function typeText({ schema }: Setting): string {
  const expected = expectedText(schema)
  return expected.startsWith('one of ')
    ? expected.slice('one of '.length)
    : (TYPES[shapeOf(schema).kind] ?? expected)
}

function defaultText(setting: Setting): string {
  if (setting.defaultText) return setting.defaultText
  if (shapeOf(setting.schema).kind === 'map') return '`{}`'
  return `\`${settingText(setting, setting.default)}\``
}

function envText({ env }: Setting): string {
  return env
    .map(({ name, parse, gate, old }) => {
      const marks = parse === 'present' || parse === 'absent' ? '*' : ''
      return `\`${name}\`${marks}${gate ? `† (${gate})` : ''}${old ? ' (old)' : ''}`
    })
    .join('<br>')
}

function meaning(setting: Setting): string {
  if (!setting.clamp) return setting.doc
  const show = shapeOf(setting.schema).kind === 'duration' ? formatGoDuration : String
  const limit = rangeText(setting.clamp, show)
  return `${setting.doc} Kept ${limit}${setting.clamp.protectOnly ? ' in protect mode' : ''}.`
}
