// The text of a new datakit.conf: every setting with its description, switched off with its default, ready to be
// switched on in place.
import { formatGoDuration } from './duration.ts'
import { defaultOf, type Setting, type SettingFacts, type SettingTree } from './setting.ts'
import { SETTINGS } from './settings.ts'
import { shapeOf } from './shape.ts'
import { writeKey, writeValue, type TomlInput } from './toml-write.ts'

const HEAD = `# The agent's own configuration. Collectors have their own files beside this one.
#
# A setting behind "#" shows its default. Take the "#" away to change it.
# An environment variable that is named with a setting wins over this file.
`

const WIDTH = 110

export function mainSample(facts: SettingFacts): string {
  return `${HEAD}\n${[...blocks(SETTINGS, [], facts)].join('\n')}`
}

/** Plain settings before tables, as TOML wants them. */
function* blocks(tree: SettingTree, base: readonly string[], facts: SettingFacts): Generator<string> {
  const nodes = Object.entries(tree)
  const indent = base.length > 0 ? '  ' : ''
  for (const [key, node] of nodes)
    if (node.kind === 'setting' && !node.envOnly && !isMap(node)) yield settingBlock(key, node, indent, facts)
  for (const [key, node] of nodes) {
    const path = [...base, key]
    if (node.kind === 'setting' && isMap(node)) yield mapBlock(path, node)
    if (node.kind === 'group') {
      yield `${comment(node.doc, '')}[${path.map(writeKey).join('.')}]\n`
      yield* blocks(node.children, path, facts)
    }
  }
}

const isMap = (setting: Setting): boolean => shapeOf(setting.schema).kind === 'map'

function settingBlock(key: string, setting: Setting, indent: string, facts: SettingFacts): string {
  const value = settingText(setting, defaultOf(setting, facts))
  return `${comment(docText(setting), indent)}${indent}${setting.active ? '' : '# '}${writeKey(key)} = ${value}\n`
}

const mapBlock = (path: readonly string[], setting: Setting): string =>
  `${comment(docText(setting), '')}# [${path.map(writeKey).join('.')}]\n`

function docText({ doc, env }: Setting): string {
  const names = env.filter((variable) => !variable.old).map((variable) => variable.name)
  return names.length === 0 ? doc : `${doc} (${names.join(', ')})`
}

/** A value as the file writes it: durations as Go text. */
export function settingText(setting: Setting, value: unknown): string {
  if (shapeOf(setting.schema).kind === 'duration') return `"${formatGoDuration(value as number)}"`
  return writeValue(value as TomlInput)
}

function comment(text: string, indent: string): string {
  let out = ''
  let line = `${indent}#`
  for (const word of text.split(' ')) {
    if (line.length + word.length >= WIDTH) {
      out += `${line}\n`
      line = `${indent}#`
    }
    line += ` ${word}`
  }
  return `${out}${line}\n`
}
