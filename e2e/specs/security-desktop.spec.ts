// The desktop's walls, each with a control: the same check against a main that never built that wall must fail.
import { answeredSenders } from '../checks/forged-sender.ts'
import {
  findNode,
  permissionState,
  tryInjection,
  tryNavigation,
  tryPermissions,
  tryPopups,
} from '../checks/hostile-script.ts'
import { pageProblems } from '../checks/page-problems.ts'
import { openForeignSite, type ForeignSite } from '../fixtures/foreign-site.ts'
import { expect, launchDouble, test as base } from '../fixtures/test.ts'
import type { DesktopApp } from '../harness/launch.ts'
import type { Guard } from '../harness/wire.ts'

const test = base.extend<{ site: ForeignSite; openWithout: (guard: Guard) => DesktopApp }>({
  site: async ({}, use) => {
    const site = await openForeignSite()
    await use(site)
    await site.close()
  },
  openWithout: async ({ browser, workdir }, use) => {
    const apps: DesktopApp[] = []
    await use((guard) => {
      const app = launchDouble({ browser, workdir }, [guard])
      apps.push(app)
      return app
    })
    for (const app of apps) await app.close()
  },
})

test.describe('with every guard @desktop', () => {
  test('the page cannot leave', async ({ opened, site }) => {
    // The page's own first step within itself.
    await opened.page.waitForURL(/#\/overview$/)
    const home = opened.page.url()
    expect(await tryNavigation(opened.page, site)).toEqual([])
    expect(opened.page.url()).toBe(home)
  })

  test('a redirect and a frame cannot leave either', async ({ desktop }) => {
    const prevented = await desktop.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      return ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'].filter(
        (name) => {
          let stopped = false
          const event = { url: 'https://example.test/', preventDefault: () => (stopped = true) }
          ;(window!.webContents as unknown as NodeJS.EventEmitter).emit(name, event, event.url)
          return stopped
        },
      )
    }, undefined)
    expect(prevented).toEqual([
      'will-navigate',
      'will-frame-navigate',
      'will-redirect',
      'will-attach-webview',
    ])
  })

  test('no window opens', async ({ opened, site }) => {
    expect(await tryPopups(opened.page, site)).toEqual([])
    expect(opened.page.context().pages()).toEqual([opened.page])
  })

  test('no permission is granted', async ({ page }) => {
    expect(await tryPermissions(page)).toEqual([])
    expect(await permissionState(page)).toBe('denied')
  })

  test('nothing foreign is loaded or run', async ({ opened, site }) => {
    expect(await tryInjection(opened.page, site)).toEqual([])
    expect(site.visits).toEqual([])
    expect(await pageProblems(opened.page)).not.toEqual([])
  })

  test('the page has one object of ours and nothing of Node', async ({ page }) => {
    expect(await findNode(page)).toEqual([])
    const bridge = await page.evaluate(() => ({
      names: Object.keys(window.datakit!).toSorted(),
      frozen: Object.isFrozen(window.datakit),
    }))
    expect(bridge).toEqual({ names: ['host', 'onMessage', 'onStatus', 'platform', 'send'], frozen: true })
  })

  test('only messages of the contract leave the page', async ({ page }) => {
    const refused = await page.evaluate(() => {
      const messages: unknown[] = [
        null,
        'text',
        {},
        { t: 'call' },
        { t: 'eval', id: 1 },
        { t: 'call', id: 'x' },
      ]
      return messages.filter((message) => {
        try {
          window.datakit!.send(message as never)
          return false
        } catch {
          return true
        }
      }).length
    })
    expect(refused).toBe(6)
  })

  test('main answers our own page and nobody else', async ({ desktop }) => {
    expect(await answeredSenders(desktop)).toEqual(['our page'])
  })
})

test.describe('controls @desktop @double', () => {
  test('navigation', async ({ openWithout, site }) => {
    const app = openWithout('navigation')
    expect(await tryNavigation(await app.firstWindow(), site)).toContain('/location')
  })

  test('window.open', async ({ openWithout, site }) => {
    const app = openWithout('window-open')
    expect(await tryPopups(await app.firstWindow(), site)).toEqual(['/window-open', '/blank-link'])
  })

  test('permissions', async ({ openWithout }) => {
    const app = openWithout('permissions')
    const page = await app.firstWindow()
    expect(await tryPermissions(page)).toEqual(['geolocation', 'microphone'])
    expect(await permissionState(page)).toBe('granted')
  })

  test('content security policy', async ({ openWithout, site }) => {
    const app = openWithout('csp')
    const page = await app.firstWindow()
    expect(await tryInjection(page, site)).toEqual([
      'inline script',
      'style without nonce',
      'foreign fetch',
      'base',
    ])
    expect(await pageProblems(page)).toEqual([])
  })

  test('no Node in the page', async ({ openWithout }) => {
    const app = openWithout('isolation')
    expect(await findNode(await app.firstWindow())).toContain('require')
  })

  test('sender', async ({ openWithout }) => {
    const app = openWithout('sender')
    await app.firstWindow()
    expect(await answeredSenders(app)).toHaveLength(7)
  })
})
