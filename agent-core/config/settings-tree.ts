// Walks the table of settings.
import type { Setting, SettingGroup, SettingTree } from './setting.ts'

export interface SettingRow {
  readonly path: readonly string[]
  readonly setting: Setting
}

/** Every setting with its key path, in the order of the table. */
export function settingRows(tree: SettingTree, base: readonly string[] = []): SettingRow[] {
  return Object.entries(tree).flatMap(([key, node]) =>
    node.kind === 'group'
      ? settingRows(node.children, [...base, key])
      : [{ path: [...base, key], setting: node }],
  )
}

/** A key of a group, exactly or else whatever its case. */
export function childOf(
  tree: SettingTree,
  key: string,
): { name: string; node: Setting | SettingGroup } | undefined {
  const name = Object.hasOwn(tree, key)
    ? key
    : Object.keys(tree).find((candidate) => candidate.toLowerCase() === key.toLowerCase())
  const node = name === undefined ? undefined : tree[name]
  return name === undefined || !node || (node.kind === 'setting' && node.envOnly) ? undefined : { name, node }
}
