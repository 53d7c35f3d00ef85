// axe on what is shown now.
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'

/** One line a violation: rule, what it wants, where. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Not legacy would open a second page for its results, which the desktop refuses as a popup.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target.join(' ')).join(', ')})`,
  )
}
