// The console's window: sandboxed, shown when painted, back where it was.
import { join } from 'node:path'
import { BrowserWindow, screen } from 'electron'
import { APP_URL } from './app-origin.ts'
import { readWindowState, writeWindowState } from './window-state.ts'

const MIN_WIDTH = 900
const MIN_HEIGHT = 600
// The tokens' --bg: no white flash before the first paint.
const BACKGROUND = { light: '#fbfbfa', dark: '#16181b' }

export interface ConsoleWindowOptions {
  readonly preload: string
  readonly stateFile: string
  readonly dark: boolean
  readonly icon: string
}

export function openConsoleWindow(options: ConsoleWindowOptions): BrowserWindow {
  const areas = screen.getAllDisplays().map((display) => display.workArea)
  const { maximized, ...bounds } = readWindowState(options.stateFile, areas)
  const window = new BrowserWindow({
    ...bounds,
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    show: false,
    title: 'DataKit Desktop',
    icon: options.icon,
    backgroundColor: options.dark ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload: options.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  })
  if (maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  const save = (): void =>
    writeWindowState(options.stateFile, { ...window.getNormalBounds(), maximized: window.isMaximized() })
  window.on('close', save)
  void window.loadURL(APP_URL)
  return window
}

/** Paths of what the build puts beside main. */
export const builtFiles = (mainDirectory: string): { preload: string; pages: string; icons: string } => ({
  preload: join(mainDirectory, '../preload/index.cjs'),
  pages: join(mainDirectory, '../renderer'),
  icons: join(mainDirectory, '../../resources/icons'),
})
