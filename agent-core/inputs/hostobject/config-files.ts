// The text files that config_path names, as part of the host object.
import { readFile, stat } from 'node:fs/promises'
import { errnoOf, errorText } from '../../kernel/errors.ts'

const MAX_CONFIG_FILE = 4096

/** Content by path. `onProblem` hears of a file that is too long, no text, or not readable. */
export async function readConfigFiles(
  paths: readonly string[],
  onProblem: (path: string, reason: string) => void,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for (const path of paths) {
    const { text, problem } = await readText(path)
    if (text === undefined) onProblem(path, problem ?? 'unreadable')
    else files[path] = text
  }
  return files
}

async function readText(path: string): Promise<{ text?: string; problem?: string }> {
  try {
    const info = await stat(path)
    if (!info.isFile()) return { problem: 'is not a file' }
    if (info.size > MAX_CONFIG_FILE) return { problem: `is longer than ${MAX_CONFIG_FILE} bytes` }
    const text = await readFile(path, 'utf8')
    return text.includes('\0') ? { problem: 'is not a text file' } : { text }
  } catch (error) {
    return { problem: `cannot be read (${errnoOf(error) ?? errorText(error)})` }
  }
}
