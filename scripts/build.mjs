// Builds out/ when a source has changed since the last build; started by itself (`npm run build`), always.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './ensure.mjs'
import { runTool } from './tools.mjs'

const FOLDERS = ['agent-core', 'main', 'renderer', 'resources']
const FILES = ['electron.vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.base.json']
const NOT_BUILT = /\.(?:test|bench)\.ts$|\/testdata\/|\.md$/

/** Names, sizes and times of everything the build reads. */
function sourceStamp() {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((path) =>
      join(folder, path).replaceAll('\\', '/'),
    ),
  )
  const hash = createHash('sha256')
  for (const path of [...inFolders, ...FILES].sort()) {
    if (NOT_BUILT.test(path)) continue
    const stat = statSync(join(root, path))
    if (stat.isFile()) hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`)
  }
  return hash.digest('hex')
}

/**
 * @param {{ force?: boolean, quiet?: boolean }} [options]
 * @returns {Promise<boolean>} false when the build failed; it has said why
 */
export async function build({ force = false, quiet = true } = {}) {
  const stampFile = join(root, 'out/.stamp')
  const stamp = sourceStamp()
  if (!force && readStamp(stampFile) === stamp) return true
  const code = await runTool('electron-vite', ['build', ...(quiet ? ['--logLevel', 'warn'] : [])])
  if (code !== 0) return false
  mkdirSync(join(root, 'out'), { recursive: true })
  rmSync(join(root, 'out/.compile-cache'), { recursive: true, force: true })
  writeFileSync(stampFile, stamp)
  return true
}

function readStamp(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

if (import.meta.main) process.exitCode = (await build({ force: true, quiet: false })) ? 0 : 1
