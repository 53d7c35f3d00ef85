// Every page in both themes: reachable, readable for everyone, without a violation of the policy (see the page fixture).
import { accessibilityProblems } from '../checks/accessible.ts'
import { keepScreen } from '../fixtures/screens.ts'
import { expect, test } from '../fixtures/test.ts'
import { ConsolePage, PAGE_NAMES, type Theme } from '../pages/console-page.ts'

for (const theme of ['light', 'dark'] satisfies Theme[])
  test(`every page in the ${theme} theme`, async ({ page }) => {
    await page.setViewportSize({ width: 1280, height: 820 })
    const console = new ConsolePage(page)
    await console.setTheme(theme)
    for (const name of PAGE_NAMES) {
      await console.open(name)
      await keepScreen(page, `${name.toLowerCase()}-${theme}`)
      expect.soft(await accessibilityProblems(page), name).toEqual([])
    }
  })

test('the Overview shows all ten default inputs running', async ({ page }) => {
  const console = new ConsolePage(page)
  await console.open('Overview')
  const names = [
    'cpu',
    'disk',
    'diskio',
    'dk',
    'host_processes',
    'hostobject',
    'mem',
    'net',
    'swap',
    'system',
  ]
  for (const name of names) {
    const row = console.main.getByRole('row', { name: new RegExp(`^OK ${name} `) })
    await expect(row).toBeVisible()
  }
})

test('the first-run card shows the samples of the collectors', async ({ page }) => {
  const console = new ConsolePage(page)
  await console.open('Overview')
  await console.main.getByRole('button', { name: 'Show the samples' }).click()
  const dialog = page.getByRole('dialog', { name: 'Collectors to add' })
  await dialog.getByText('host_processes', { exact: true }).click()
  await expect(dialog.getByText('[[inputs.host_processes]]')).toBeVisible()
  await keepScreen(page, 'samples')
  expect(await accessibilityProblems(page)).toEqual([])
})

test('the console speaks Chinese', async ({ page }) => {
  const console = new ConsolePage(page)
  const settings = await console.openSettings()
  await settings.getByRole('radio', { name: '中文' }).click()
  await expect(page.getByRole('link', { name: '概览' })).toBeVisible()
  await page.keyboard.press('Escape')
  await keepScreen(page, 'overview-zh')
  expect(await accessibilityProblems(page)).toEqual([])
})
