// Puts the desktop together once Electron is ready: agent, pages, IPC, window, tray, and the way out.
import { join } from 'node:path'
import { app, ipcMain, nativeTheme, session, shell, type BrowserWindow } from 'electron'
import { createHostedAgent } from '../agent-core/console/hosted-agent.ts'
import { consolePages } from '../agent-core/console/web/pages.ts'
import { guardProcess } from '../agent-core/console/process-guard.ts'
import { Scope } from '../agent-core/kernel/disposable.ts'
import { AgentError } from '../agent-core/kernel/errors.ts'
import { serveAppPages } from './app-protocol.ts'
import { serveConsoleIpc } from './console-ipc.ts'
import { builtFiles, openConsoleWindow } from './console-window.ts'
import { guardContents, guardSession } from './guards.ts'
import { setApplicationMenu } from './menu.ts'
import { quitAfterFlush } from './quit.ts'
import { textsFor } from './texts.ts'
import { openTray } from './tray.ts'

export function startDesktop(): void {
  const files = builtFiles(import.meta.dirname)
  const agent = createHostedAgent({
    workdir: app.getPath('userData'),
    mode: 'desktop',
    version: app.getVersion(),
    async openFolder(path) {
      const problem = await shell.openPath(path)
      if (problem !== '') throw new AgentError('KERNEL_IO', `${path}: ${problem}`)
    },
  })
  const scope = new Scope()
  scope.defer(() => agent.stop())
  // The window is worth more than a clean end: the log and the console tell what happened.
  scope.add(guardProcess(agent, () => {}))

  guardSession(session.defaultSession)
  guardContents(app, agent.log)
  serveAppPages(session.defaultSession, consolePages(files.pages))
  scope.add(serveConsoleIpc(ipcMain, agent.console, agent.log))
  setApplicationMenu(process.platform, app.isPackaged)
  followTheme(agent.settings.read().theme)
  scope.add(agent.settings.watch((settings) => followTheme(settings.theme)))

  const quit = quitAfterFlush(app, () => scope.dispose(), agent.log)
  const texts = textsFor(agent.settings.read().language, app.getLocale())
  const tray = openTray(files.icons, texts, { show: showWindow, quit: () => app.quit() })
  if (tray) scope.defer(() => tray.destroy())

  let window: BrowserWindow | undefined
  function showWindow(): void {
    if (quit.begun()) return
    if (window?.isDestroyed() === false) {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
      return
    }
    const opened = openConsoleWindow({
      preload: files.preload,
      stateFile: join(app.getPath('userData'), 'window-state.json'),
      dark: nativeTheme.shouldUseDarkColors,
      icon: join(files.icons, 'icon.png'),
    })
    opened.on('close', (event) => {
      if (quit.begun() || !tray || !agent.settings.read().keepInTray) return
      event.preventDefault()
      opened.hide()
    })
    window = opened
  }

  app.on('second-instance', showWindow)
  app.on('activate', showWindow)
  app.on('window-all-closed', () => app.quit())
  agent
    .start()
    .catch((error: unknown) => agent.log.error('the agent did not start', { error: String(error) }))
  showWindow()
}

function followTheme(theme: 'system' | 'light' | 'dark'): void {
  nativeTheme.themeSource = theme
}
