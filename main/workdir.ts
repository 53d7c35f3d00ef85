// The agent's work directory on the desktop: Electron's userData, or what --workdir or DK_DEBUG_WORKDIR says.
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { App } from 'electron'

/** Must run before the single-instance lock, which belongs to userData: one instance a work directory. */
export function chooseWorkdir(app: App, env: Readonly<Record<string, string | undefined>>): void {
  const chosen = app.commandLine.getSwitchValue('workdir') || env['DK_DEBUG_WORKDIR']
  if (chosen) {
    const workdir = resolve(chosen)
    mkdirSync(workdir, { recursive: true })
    app.setPath('userData', workdir)
  }
  // Chromium's profile has a Cache of its own: on a case-insensitive disk it would mix with the agent's cache/.
  const profile = join(app.getPath('userData'), 'browser')
  mkdirSync(profile, { recursive: true })
  app.setPath('sessionData', profile)
}
