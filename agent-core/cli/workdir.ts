// The command line's work directory: --workdir, else DK_DEBUG_WORKDIR, else an installed DataKit's directory when it can
// be written, else a directory of the person's own.
import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { installDirectory } from '../config/layout.ts'
import type { Environment, Platform } from '../config/registry.ts'

export function chooseWorkdir(
  given: string | undefined,
  env: Environment = process.env,
  platform = process.platform as Platform,
): string {
  const named = given || env['DK_DEBUG_WORKDIR']
  if (named) return resolve(named)
  const installed = installDirectory(platform, env)
  return isWritable(installed) ? installed : userDirectory(env, platform)
}

function userDirectory(env: Environment, platform: Platform): string {
  if (platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'DataKit Desktop')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'DataKit Desktop')
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'datakit-desktop')
}

function isWritable(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK)
    return true
  } catch {
    return false
  }
}
