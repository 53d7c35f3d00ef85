// A recorded file tree, planted in a temporary folder: text for a file, { link } for a symbolic link.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Disposable } from '../../kernel/disposable.ts'

export type Tree = Readonly<Record<string, string | { readonly link: string }>>

export interface PlantedTree extends Disposable {
  /** Prefix of its paths: what HostFacts.root is. */
  readonly root: string
  plant(more: Tree): void
  remove(path: string): void
}

export function plantTree(tree: Tree): PlantedTree {
  const root = mkdtempSync(join(tmpdir(), 'tree-'))
  function plant(more: Tree): void {
    for (const [path, content] of Object.entries(more)) {
      const file = join(root, path)
      mkdirSync(dirname(file), { recursive: true })
      if (typeof content === 'string') writeFileSync(file, content)
      else symlinkSync(content.link, file)
    }
  }
  plant(tree)
  return {
    root,
    plant,
    remove: (path) => rmSync(join(root, path), { recursive: true }),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  }
}
