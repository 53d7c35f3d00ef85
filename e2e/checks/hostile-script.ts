// What a hostile script in the page tries. Each check returns what it got away with: nothing where the host is safe. A
// negative control runs the same check against a host without the guard, where it must get away with something.
import type { Page } from '@playwright/test'
import type { ForeignSite } from '../fixtures/foreign-site.ts'

/** Leaves for a foreign site by script and by a link. */
export async function tryNavigation(page: Page, site: ForeignSite): Promise<string[]> {
  await attempt(page, `${site.url}/location`, (url) => location.assign(url))
  await attempt(page, `${site.url}/link`, (url) => {
    const link = document.createElement('a')
    link.href = url
    document.body.append(link)
    link.click()
  })
  return site.visits.splice(0)
}

/** Opens windows at a foreign site by script and by a link. */
export async function tryPopups(page: Page, site: ForeignSite): Promise<string[]> {
  await attempt(page, `${site.url}/window-open`, (url) => window.open(url))
  await attempt(page, `${site.url}/blank-link`, (url) => {
    const link = document.createElement('a')
    link.href = url
    link.target = '_blank'
    link.rel = 'opener'
    document.body.append(link)
    link.click()
  })
  return site.visits.splice(0)
}

/** Runs `act` in the page and waits until the request that it causes came through or was stopped. */
async function attempt(page: Page, url: string, act: (url: string) => void): Promise<void> {
  const isIt = { predicate: (request: { url(): string }) => request.url() === url }
  const outcome = inElectron(page)
    ? undefined
    : Promise.race([
        page.context().waitForEvent('requestfailed', isIt),
        page.context().waitForEvent('requestfinished', isIt),
      ])
  await page.evaluate(act, url)
  // Electron stops it before there is a request; one of our own that comes later shows that it decided.
  await (outcome ?? page.evaluate(async () => void (await fetch(location.href))))
}

const inElectron = (page: Page): boolean => page.url().startsWith('app:')

/** Asks for what a console never needs. */
export function tryPermissions(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const asks: Record<string, () => Promise<unknown>> = {
      geolocation: () =>
        new Promise((resolve, reject) => {
          navigator.geolocation.getCurrentPosition(resolve, reject)
        }),
      microphone: () => navigator.mediaDevices.getUserMedia({ audio: true }),
    }
    const granted: string[] = []
    for (const [name, ask] of Object.entries(asks)) {
      try {
        await ask()
        granted.push(name)
      } catch {
        // Refused.
      }
    }
    return granted
  })
}

/** What the page is told when it looks before it asks. */
export function permissionState(page: Page): Promise<string> {
  return page.evaluate(async () => (await navigator.permissions.query({ name: 'geolocation' })).state)
}

/** Runs code and fetches things that the policy forbids. */
export function tryInjection(page: Page, site: ForeignSite): Promise<string[]> {
  return page.evaluate(async (url) => {
    const scope = window as unknown as Record<string, unknown>
    const done: string[] = []
    const inline = document.createElement('script')
    inline.textContent = 'window.inlineRan = true'
    document.head.append(inline)
    if (scope['inlineRan']) done.push('inline script')
    const style = document.createElement('style')
    style.textContent = 'body { outline: 7px solid rgb(1, 2, 3) }'
    document.head.append(style)
    if (getComputedStyle(document.body).outlineWidth === '7px') done.push('style without nonce')
    style.remove()
    try {
      await fetch(`${url}/fetch`, { mode: 'no-cors' })
      done.push('foreign fetch')
    } catch {
      // Refused.
    }
    const base = document.createElement('base')
    base.href = `${url}/`
    document.head.prepend(base)
    if (document.baseURI.startsWith(url)) done.push('base')
    base.remove()
    return done
  }, site.url)
}

/** Names of Node or Electron that the page can see. */
export function findNode(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const names = [
      'require',
      'process',
      'module',
      'Buffer',
      'global',
      'setImmediate',
      'electron',
      'ipcRenderer',
    ]
    return names.filter((name) => name in window)
  })
}
