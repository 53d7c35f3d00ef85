// The console opens in every host and talks to its agent.
import { ConsolePage } from '../pages/console-page.ts'
import { expect, test } from '../fixtures/test.ts'

test('the console opens and knows its agent', async ({ page, host }) => {
  const console = new ConsolePage(page)
  await expect(page).toHaveTitle(/DataKit/)
  await expect(console.rail.getByRole('link', { name: 'Overview' })).toBeVisible()
  const settings = await console.openSettings()
  await expect(settings).toContainText('0.1.0')
  await expect(settings).toContainText(host === 'web' ? 'Agent without a window' : 'Desktop app')
})

test('a reload opens a new line to the agent', async ({ page }) => {
  const console = new ConsolePage(page)
  const uptime = console.main.getByText(/^up /)
  await expect(uptime).toBeVisible()
  await page.reload()
  const before = await uptime.textContent()
  // A snapshot comes each second while the line stands.
  await expect(uptime).not.toHaveText(before!)
})
