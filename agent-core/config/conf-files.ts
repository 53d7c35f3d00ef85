// The files under conf.d that hold collectors, in the order in which they count.
import { readdirSync, type Dirent } from 'node:fs'
import { join } from 'node:path'
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import type { WorkLayout } from './layout.ts'
import { reason } from './read-file.ts'

export interface ConfFiles {
  /** Absolute paths. */
  readonly files: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Walks `dir` in lexical order, depth first: every name that ends in `.conf` but the main configuration. `.git` is left
 * out, links to directories are not followed; a directory that cannot be read is a diagnostic.
 */
export function listConfFiles(layout: WorkLayout, dir = layout.confDir): ConfFiles {
  const files: string[] = []
  const diagnostics: Diagnostic[] = []
  const walk = (at: string): void => {
    let entries: Dirent[]
    try {
      entries = readdirSync(at, { withFileTypes: true })
    } catch (error) {
      const file = layout.shown(at)
      diagnostics.push(
        diagnostic('CONFIG_READ', `Cannot read the directory ${file}: ${reason(error)}`, { file }),
      )
      return
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      const path = join(at, entry.name)
      if (entry.name === '.git') continue
      if (entry.isDirectory()) walk(path)
      else if (entry.name.endsWith('.conf') && path !== layout.mainFile) files.push(path)
    }
  }
  walk(dir)
  return { files, diagnostics }
}
