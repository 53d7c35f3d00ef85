// The console's frame as a person sees it: pages, settings, theme.
import type { Locator, Page } from '@playwright/test'

/** The pages that work, as the rail calls them. */
export const PAGE_NAMES = ['Overview', 'Charts', 'Pipelines'] as const
export type PageName = (typeof PAGE_NAMES)[number]
export type Theme = 'light' | 'dark'

export class ConsolePage {
  readonly page: Page
  readonly rail: Locator
  readonly main: Locator

  constructor(page: Page) {
    this.page = page
    this.rail = page.getByRole('navigation', { name: 'Pages' })
    this.main = page.getByRole('main')
  }

  async open(name: PageName): Promise<void> {
    await this.rail.getByRole('link', { name }).click()
    await this.main.getByRole('heading', { level: 1, name }).waitFor()
  }

  async openSettings(): Promise<Locator> {
    await this.rail.getByRole('button', { name: 'Settings' }).click()
    return this.page.getByRole('dialog', { name: 'Settings' })
  }

  async setTheme(theme: Theme): Promise<void> {
    const settings = await this.openSettings()
    await settings.getByRole('radio', { name: theme === 'dark' ? 'Dark' : 'Light' }).click()
    await this.page.keyboard.press('Escape')
    await settings.waitFor({ state: 'hidden' })
  }
}
