// Doubles of what the system shows outside the window: they keep what main asked for, so that a spec can look.
import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'

interface MenuItem {
  readonly label?: string
  readonly role?: string
  readonly click?: () => void
  readonly submenu?: readonly MenuItem[]
}

export class Menu {
  static #application: Menu | null = null
  readonly items: readonly MenuItem[]

  constructor(items: readonly MenuItem[]) {
    this.items = items
  }
  static buildFromTemplate(template: readonly MenuItem[]): Menu {
    return new Menu(template)
  }
  static setApplicationMenu(menu: Menu | null): void {
    Menu.#application = menu
  }
  static getApplicationMenu(): Menu | null {
    return Menu.#application
  }
  popup(): void {}
}

export class Tray extends EventEmitter {
  /** The trays that exist now: a spec clicks their items. */
  static readonly open: Tray[] = []
  tooltip = ''
  menu: Menu | null = null

  constructor() {
    super()
    Tray.open.push(this)
  }
  setToolTip(text: string): void {
    this.tooltip = text
  }
  setContextMenu(menu: Menu | null): void {
    this.menu = menu
  }
  setImage(): void {}
  isDestroyed(): boolean {
    return !Tray.open.includes(this)
  }
  destroy(): void {
    const at = Tray.open.indexOf(this)
    if (at >= 0) Tray.open.splice(at, 1)
  }
}

export class Notification extends EventEmitter {
  static isSupported(): boolean {
    return false
  }
  show(): void {}
}

/** Answers that a spec puts in line; without one the person cancels. */
const answers: object[] = []
const nextAnswer = (otherwise: object) => (): Promise<object> => Promise.resolve(answers.shift() ?? otherwise)
export const dialog = {
  answers,
  showOpenDialog: nextAnswer({ canceled: true, filePaths: [] }),
  showSaveDialog: nextAnswer({ canceled: true, filePath: '' }),
  showMessageBox: nextAnswer({ response: 0, checkboxChecked: false }),
  showErrorBox: (title: string, content: string) => console.error(`${title}: ${content}`),
}

/** What was opened outside, in order. */
const opened: string[] = []
export const shell = {
  opened,
  openExternal: (url: string): Promise<void> => Promise.resolve(void opened.push(url)),
  openPath: (path: string): Promise<string> => Promise.resolve((opened.push(path), '')),
  showItemInFolder: (path: string): void => void opened.push(path),
}

export const nativeImage = {
  createFromPath: (path: string) => ({ isEmpty: () => !existsSync(path), setTemplateImage() {} }),
  createEmpty: () => ({ isEmpty: () => true }),
}

export const nativeTheme = Object.assign(new EventEmitter(), {
  shouldUseDarkColors: false,
  themeSource: 'system',
})

const WORK_AREA = { x: 0, y: 0, width: 1920, height: 1080 }
const display = { id: 1, bounds: WORK_AREA, workArea: WORK_AREA, workAreaSize: WORK_AREA, scaleFactor: 1 }
export const screen = Object.assign(new EventEmitter(), {
  getAllDisplays: () => [display],
  getPrimaryDisplay: () => display,
})

export const powerMonitor = new EventEmitter()
const clip = { text: '' }
export const clipboard = {
  readText: () => clip.text,
  writeText: (text: string) => {
    clip.text = text
  },
}
