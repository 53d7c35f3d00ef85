// A directory of scripts as DataKit lays it out: `*.p` in the root are logging's, `<category>/*.p` a category's own,
// `pattern/*` global grok patterns.
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { errnoOf, errorText } from '../../kernel/errors.ts'
import { CATEGORIES, type Category } from '../../point/category.ts'
import { parsePatternFile } from '../grok/patterns.ts'

export interface WorkspaceFile {
  readonly category: Category
  readonly name: string
  readonly source: string
  readonly file: string
}

export interface Workspace {
  readonly files: readonly WorkspaceFile[]
  readonly patterns: ReadonlyMap<string, string>
  /** What could not be read. */
  readonly problems: readonly { readonly file: string; readonly why: string }[]
}

/** A script beyond this is refused: the debug API's limit. */
export const MAX_SCRIPT_BYTES = 1024 * 1024

const SCRIPT_CATEGORIES: readonly Category[] = CATEGORIES.map((c) => c.name).filter((c) => c !== 'dynamic_dw')

/** Reads what is there; a directory that does not exist is an empty one. */
export async function readWorkspace(dir: string): Promise<Workspace> {
  const found = new Map<string, WorkspaceFile>()
  const problems: { file: string; why: string }[] = []
  const read = async (folder: string, category: Category): Promise<void> => {
    for (const name of await scriptNames(folder, problems)) {
      const file = join(folder, name)
      try {
        const source = await readFile(file, 'utf8')
        if (Buffer.byteLength(source) > MAX_SCRIPT_BYTES) problems.push({ file, why: 'longer than 1 MiB' })
        else found.set(`${category}/${name}`, { category, name, source, file })
      } catch (error) {
        // A file that goes away while it is read was removed.
        if (errnoOf(error) !== 'ENOENT') problems.push({ file, why: errorText(error) })
      }
    }
  }
  await read(dir, 'logging')
  for (const category of SCRIPT_CATEGORIES) await read(join(dir, category), category)
  const patterns = await readPatterns(join(dir, 'pattern'), problems)
  return { files: [...found.values()], patterns, problems }
}

async function scriptNames(dir: string, problems: { file: string; why: string }[]): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true })
    return entries.filter((e) => !e.isDirectory() && extname(e.name) === '.p').map((e) => e.name)
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? ''))
      problems.push({ file: dir, why: errorText(error) })
    return []
  }
}

async function readPatterns(
  dir: string,
  problems: { file: string; why: string }[],
): Promise<ReadonlyMap<string, string>> {
  const patterns = new Map<string, string>()
  const names = await readdir(dir).catch(() => [] as string[])
  for (const name of names.toSorted()) {
    try {
      for (const [key, pattern] of parsePatternFile(await readFile(join(dir, name), 'utf8')))
        patterns.set(key, pattern)
    } catch (error) {
      if (!['ENOENT', 'EISDIR'].includes(errnoOf(error) ?? ''))
        problems.push({ file: join(dir, name), why: errorText(error) })
    }
  }
  return patterns
}
