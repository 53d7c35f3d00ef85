// What must never appear on a page of ours: policy violations and uncaught errors.
import type { Page } from '@playwright/test'

/** Everything since the page was opened, in Chromium's words. */
export async function pageProblems(page: Page): Promise<string[]> {
  const messages = (await page.consoleMessages()).map((message) => message.text())
  const errors = (await page.pageErrors()).map(String)
  return [...messages.filter((text) => text.includes('Content Security Policy')), ...errors]
}
