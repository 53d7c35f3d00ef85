// The tray icon that says the agent goes on while its window is closed.
import { join } from 'node:path'
import { Menu, nativeImage, Tray } from 'electron'
import type { Texts } from './texts.ts'

export interface TrayActions {
  show(): void
  quit(): void
}

/** Undefined where the system has no tray or the icon cannot be read: closing the window then quits. */
export function openTray(icons: string, texts: Texts, actions: TrayActions): Tray | undefined {
  const file = process.platform === 'darwin' ? 'trayTemplate.png' : 'tray.png'
  const image = nativeImage.createFromPath(join(icons, file))
  if (image.isEmpty()) return undefined
  try {
    const tray = new Tray(image)
    tray.setToolTip(texts.tooltip)
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: texts.show, click: actions.show },
        { type: 'separator' },
        { label: texts.quit, click: actions.quit },
      ]),
    )
    tray.on('click', actions.show)
    return tray
  } catch {
    return undefined
  }
}
