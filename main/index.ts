// Electron host: one instance, one window, a tray; the agent core runs in this process.
// No top-level await on app.whenReady(): an ES module that waits for it never becomes ready (electron#40719).
import { app } from 'electron'
import { setEngineFlags } from '../agent-core/kernel/engine-flags.ts'
import { registerAppScheme } from './app-protocol.ts'
import { startDesktop } from './desktop.ts'
import { chooseWorkdir } from './workdir.ts'

setEngineFlags()
registerAppScheme()
app.enableSandbox()
chooseWorkdir(app, process.env)
if (app.requestSingleInstanceLock()) void app.whenReady().then(startDesktop)
else app.quit()
