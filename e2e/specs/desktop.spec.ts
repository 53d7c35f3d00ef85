// What a desktop application owes its person: one instance, a tray that keeps collecting, its place on the screen, a
// quit that loses nothing. @desktop
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, launchDouble, test } from '../fixtures/test.ts'
import { ConsolePage } from '../pages/console-page.ts'
import type { DesktopApp } from '../harness/launch.ts'

const windowCount = (app: DesktopApp): Promise<{ open: number; visible: number }> =>
  app.evaluate(({ BrowserWindow }) => {
    const windows = BrowserWindow.getAllWindows()
    return { open: windows.length, visible: windows.filter((window) => window.isVisible()).length }
  }, undefined)

const closeWindow = (app: DesktopApp): Promise<void> =>
  app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    setImmediate(() => window!.close())
  }, undefined)

const exitOf = (app: DesktopApp): Promise<number | null> =>
  new Promise((resolve) => {
    app.process().once('exit', resolve)
  })

const quit = async (app: DesktopApp): Promise<number | null> => {
  const exited = exitOf(app)
  await app.evaluate(({ app: electron }) => void setImmediate(() => electron.quit()), undefined)
  return exited
}

test('the window shows and is locked down @desktop @double', async ({ desktop }) => {
  const [options, sandboxed] = await desktop.evaluate(({ BrowserWindow, app }) => {
    const [window] = BrowserWindow.getAllWindows() as unknown as {
      options: Electron.BrowserWindowConstructorOptions
    }[]
    return [window!.options.webPreferences!, (app as unknown as { sandboxed: boolean }).sandboxed] as const
  }, undefined)
  expect(sandboxed).toBe(true)
  expect(options).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    navigateOnDragDrop: false,
  })
})

test('closing the window keeps collecting in the tray; its menu brings it back @desktop @double', async ({
  desktop,
  page,
}) => {
  await closeWindow(desktop)
  expect(await windowCount(desktop)).toEqual({ open: 1, visible: 0 })
  const labels = await desktop.evaluate(({ Tray }) => {
    const [tray] = (
      Tray as unknown as { open: { menu: { items: { label?: string; click?: () => void }[] } }[] }
    ).open
    tray!.menu.items[0]!.click!()
    return tray!.menu.items.map((item) => item.label)
  }, undefined)
  expect(labels).toEqual(['Show console', undefined, 'Quit'])
  expect(await windowCount(desktop)).toEqual({ open: 1, visible: 1 })
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible()
})

// Takes `opened.page`: the page fixture looks at its page afterwards, and here it is gone by then.
test('without the tray setting closing the window quits @desktop', async ({ desktop, opened }) => {
  const console = new ConsolePage(opened.page)
  const settings = await console.openSettings()
  const keep = settings.getByRole('checkbox')
  await keep.uncheck()
  await expect(keep).not.toBeChecked()
  const exited = exitOf(desktop)
  await closeWindow(desktop)
  expect(await exited).toBe(0)
})

test('the first-run card opens the folder of the configuration @desktop @double', async ({
  desktop,
  page,
  workdir,
}) => {
  await page.getByRole('button', { name: 'Open the folder' }).click()
  const openedPaths = () =>
    desktop.evaluate(({ shell }) => (shell as unknown as { opened: string[] }).opened, undefined)
  await expect.poll(openedPaths).toEqual([join(workdir, 'conf.d')])
})

test('a second start shows the window of the first @desktop', async ({ desktop, page }) => {
  await closeWindow(desktop)
  await desktop.evaluate(({ app }) => void app.emit('second-instance', {}, [], ''), undefined)
  expect(await windowCount(desktop)).toEqual({ open: 1, visible: 1 })
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible()
})

test('the window comes back where it was @desktop', async ({ desktop, workdir }) => {
  const bounds = { x: 120, y: 80, width: 1100, height: 700 }
  await desktop.evaluate(({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]!.setBounds(to), bounds)
  await quit(desktop)
  const file = join(workdir, 'window-state.json')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...bounds, maximized: false })
})

test('a window whose display is gone opens in sight @desktop @double', async ({ browser, workdir }) => {
  const lost = { x: 9000, y: 9000, width: 1000, height: 700, maximized: false }
  writeFileSync(join(workdir, 'window-state.json'), JSON.stringify(lost))
  const app = launchDouble({ browser, workdir })
  await app.firstWindow()
  const bounds = await app.evaluate(
    ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getBounds(),
    undefined,
  )
  expect(bounds).toEqual({ x: 0, y: 0, width: 1000, height: 700 })
  await app.close()
})

test('quitting flushes the agent and leaves with 0 @desktop', async ({ desktop, opened, workdir }) => {
  await expect(opened.page.getByRole('navigation', { name: 'Pages' })).toBeVisible()
  expect(await quit(desktop)).toBe(0)
  const events = readFileSync(join(workdir, 'data/events.jsonl'), 'utf8')
  expect(events).toContain('agent_stopped')
})

test('a termination signal quits in order @desktop @double', async ({ desktop, workdir }) => {
  const exited = exitOf(desktop)
  desktop.process().kill('SIGTERM')
  expect(await exited).toBe(0)
  expect(existsSync(join(workdir, 'data/events.jsonl'))).toBe(true)
})

test('links of the documentation open outside, others nowhere @desktop @double', async ({ desktop }) => {
  const urls = [
    'https://docs.guance.com/datakit/',
    'http://docs.guance.com/',
    'https://docs.guance.com.evil.test/',
    'https://user@docs.guance.com/',
    'https://docs.guance.com:8443/',
    'file:///etc/passwd',
    'javascript:alert(1)',
  ]
  const { answers, opened } = await desktop.evaluate(({ BrowserWindow, shell }, list) => {
    const contents = BrowserWindow.getAllWindows()[0]!.webContents as unknown as {
      mayOpen(url: string): boolean
    }
    return {
      answers: list.map((url) => contents.mayOpen(url)),
      opened: (shell as unknown as { opened: string[] }).opened,
    }
  }, urls)
  expect(answers).toEqual(urls.map(() => false))
  expect(opened).toEqual(['https://docs.guance.com/datakit/'])
})
