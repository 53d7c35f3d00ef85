// The `electron` module as main sees it: what main uses, nothing pretended beyond that.
export { app } from './app.ts'
export { BrowserWindow } from './browser-window.ts'
export {
  clipboard,
  dialog,
  Menu,
  nativeImage,
  nativeTheme,
  Notification,
  powerMonitor,
  screen,
  shell,
  Tray,
} from './system.ts'
export { ipcMain } from './ipc-main.ts'
export { protocol, session } from './session.ts'
