// The web console's walls, each with a control: the same check against a console with that wall torn down must fail.
import { tryInjection, tryPermissions } from '../checks/hostile-script.ts'
import { pageProblems } from '../checks/page-problems.ts'
import { enter, foreignVisitorsLetIn, strangersLetIn, visit } from '../checks/web-access.ts'
import { builtAsset } from '../fixtures/build.ts'
import { openForeignSite, type ForeignSite } from '../fixtures/foreign-site.ts'
import { expect, test as base } from '../fixtures/test.ts'
import { openWeakProxy, type WeakProxy, type Weakness } from '../fixtures/weak-proxy.ts'
import { startHeadlessChild, type HeadlessChild } from '../fixtures/web-console.ts'

interface Door {
  readonly port: number
  readonly token: string
}

interface Fixtures {
  /** A headless host whose address nobody has used. */
  closed: HeadlessChild
  door: Door
  site: ForeignSite
  weaken: (weakness: Weakness, cookie?: string) => Promise<WeakProxy>
}

const test = base.extend<Fixtures>({
  closed: async ({ workdir }, use) => {
    const child = await startHeadlessChild(workdir)
    await use(child)
    await child.stop()
  },
  door: async ({ closed }, use) => {
    const url = new URL(closed.address)
    await use({ port: Number(url.port), token: url.searchParams.get('token')! })
  },
  site: async ({}, use) => {
    const site = await openForeignSite()
    await use(site)
    await site.close()
  },
  weaken: async ({ door }, use) => {
    const proxies: WeakProxy[] = []
    await use(async (weakness, cookie) => {
      const proxy = await openWeakProxy(door.port, weakness, cookie)
      proxies.push(proxy)
      return proxy
    })
    for (const proxy of proxies) await proxy.close()
  },
})

test.describe('with every wall @web', () => {
  test('foreign Host and Origin stay out, of requests and of upgrades', async ({ door }) => {
    const { cookie } = await enter(door.port, door.token)
    expect(await foreignVisitorsLetIn(door.port, cookie)).toEqual([])
  })

  test('nobody enters without a session, and a token works once', async ({ door }) => {
    await enter(door.port, door.token)
    expect(await strangersLetIn(door.port, door.token, builtAsset())).toEqual([])
  })

  test('the token becomes a cookie that scripts and other sites do not get', async ({ door }) => {
    const { cookie, lacks } = await enter(door.port, door.token)
    expect(lacks).toEqual([])
    expect((await visit({ port: door.port, headers: { cookie } })).status).toBe(200)
  })

  test('the address bar keeps no token', async ({ page }) => {
    expect(page.url()).not.toContain('token')
    expect(await page.evaluate(() => document.cookie)).toBe('')
  })

  test('an address in a page of another site opens too', async ({ browser, closed, site }) => {
    const page = await browser.newPage()
    await page.goto(site.url.replace('127.0.0.1', 'localhost'))
    await page.evaluate((address) => location.assign(address), closed.address)
    await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible()
    expect(page.url()).not.toContain('token')
    await page.close()
  })

  test('no path leads out of the pages', async ({ door }) => {
    const { cookie } = await enter(door.port, door.token)
    const paths = [
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/assets/../../main/index.js',
    ]
    for (const path of [...paths, '/%00', '/.stamp', '//etc/passwd', '/..\\package.json']) {
      const { status } = await visit({ port: door.port, path, headers: { cookie } })
      expect({ path, status }).toEqual({ path, status: 404 })
    }
  })

  test('nothing foreign is loaded or run', async ({ opened, site }) => {
    expect(await tryInjection(opened.page, site)).toEqual([])
    expect(site.visits).toEqual([])
    expect(await pageProblems(opened.page)).not.toEqual([])
  })

  test('the page gets no permission, even where the person has granted it', async ({ page }) => {
    await page.context().grantPermissions(['geolocation', 'microphone'])
    expect(await tryPermissions(page)).toEqual([])
  })
})

test.describe('controls @web', () => {
  test('Host and Origin', async ({ door, weaken }) => {
    const { cookie } = await enter(door.port, door.token)
    const proxy = await weaken('origin')
    const letIn = await foreignVisitorsLetIn(proxy.port, cookie)
    expect(letIn).toContain('request: rebound name')
    expect(letIn).toContain('upgrade: rebound name')
    expect(letIn).toContain('upgrade: foreign origin')
  })

  test('session and token', async ({ door, weaken }) => {
    const { cookie } = await enter(door.port, door.token)
    const proxy = await weaken('session', cookie)
    const letIn = await strangersLetIn(proxy.port, door.token, builtAsset())
    expect(letIn).toHaveLength(9)
  })

  test('cookie flags', async ({ door, weaken }) => {
    const proxy = await weaken('cookie')
    const { lacks } = await enter(proxy.port, door.token)
    expect(lacks).toEqual(['HttpOnly', 'SameSite=Strict', 'Path=/'])
  })

  test('content security policy', async ({ door, weaken, browser, site }) => {
    const proxy = await weaken('csp')
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${proxy.port}/?token=${door.token}`)
    expect(await tryInjection(page, site)).toContain('inline script')
    expect(await pageProblems(page)).toEqual([])
  })

  test('permissions policy', async ({ door, weaken, browser }) => {
    const proxy = await weaken('permissions-policy')
    const context = await browser.newContext({ geolocation: { latitude: 0, longitude: 0 } })
    await context.grantPermissions(['geolocation', 'microphone'])
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${proxy.port}/?token=${door.token}`)
    expect(await tryPermissions(page)).toContain('geolocation')
  })
})
