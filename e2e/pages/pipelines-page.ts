// The pipeline studio as a person uses it.
import type { Locator, Page } from '@playwright/test'

export class PipelinesPage {
  readonly page: Page
  readonly tree: Locator
  readonly editor: Locator
  readonly samples: Locator
  readonly below: Locator

  constructor(page: Page) {
    this.page = page
    this.tree = page.getByRole('tree', { name: 'Scripts' })
    this.editor = page.locator('.cm-content')
    this.samples = page.getByRole('region', { name: 'Samples' })
    this.below = page.getByRole('region', { name: 'Script', exact: true })
  }

  async create(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'New script' }).last().click()
    await this.page.getByLabel('File name').fill(name)
    await this.page.keyboard.press('Enter')
    await this.editor.waitFor()
  }

  /** Replaces the whole text, as a paste does. */
  async write(text: string): Promise<void> {
    await this.editor.click()
    await this.page.keyboard.press('ControlOrMeta+a')
    await this.page.keyboard.insertText(text)
  }

  async addSample(text: string): Promise<void> {
    await this.samples.getByRole('button', { name: 'Add', exact: true }).click()
    await this.page.getByRole('textbox', { name: 'Text of the sample' }).fill(text)
  }

  async save(): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+s')
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name })
  }

  sample(start: string): Locator {
    return this.samples.getByRole('grid', { name: 'Samples' }).getByRole('row', { name: start })
  }

  /** A row of the field diff. */
  field(key: string): Locator {
    const row = this.page.getByRole('grid', { name: 'Field diff' }).getByRole('row')
    return row.filter({ has: this.page.getByRole('rowheader', { name: key, exact: true }) })
  }

  step(statement: string): Locator {
    const row = this.page.getByRole('grid', { name: 'Step trace' }).getByRole('row')
    return row.filter({ has: this.page.getByRole('rowheader', { name: statement, exact: true }) })
  }
}
