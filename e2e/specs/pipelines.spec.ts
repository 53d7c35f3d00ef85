// The pipeline studio: a script is written, corrected, tried, saved, and then at work on what the agent receives.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { accessibilityProblems } from '../checks/accessible.ts'
import { startDataway, type DatawayFixture } from '../fixtures/dataway.ts'
import { expect, test as base } from '../fixtures/test.ts'
import { ConsolePage } from '../pages/console-page.ts'
import { PipelinesPage } from '../pages/pipelines-page.ts'

const LINE = '10.1.2.3 GET /a 200 77417'
const SCRIPT = `grok(_, "%{IP:client_ip} %{WORD:method} %{NOTSPACE:url} %{INT:code:int} %{INT:size:int}")
if code >= 500 {
  set_tag(failed, "yes")
}
if url == "/health" {
  drop()
}
`

const test = base.extend<{ dataway: DatawayFixture; studio: PipelinesPage }>({
  dataway: async ({}, use) => {
    const dataway = await startDataway()
    await use(dataway)
    await dataway.close()
  },
  workdir: async ({ workdir, dataway }, use) => {
    mkdirSync(join(workdir, 'conf.d'), { recursive: true })
    writeFileSync(join(workdir, 'conf.d/datakit.conf'), `[dataway]\nurls = ["${dataway.url}"]\n`)
    await use(workdir)
  },
  studio: async ({ page }, use) => {
    await new ConsolePage(page).open('Pipelines')
    await use(new PipelinesPage(page))
  },
})

/** The port that the agent took, as its log says. */
async function apiPort(workdir: string): Promise<number> {
  let port = 0
  await expect(() => {
    const lines = readFileSync(join(workdir, 'log/log'), 'utf8').split('\n')
    const listens = lines.findLast((line) => line.includes('HTTP API listens'))
    port = listens === undefined ? 0 : (JSON.parse(listens) as { port: number }).port
    expect(port).toBeGreaterThan(0)
  }).toPass()
  return port
}

async function feedLog(port: number, message: string): Promise<void> {
  const body = JSON.stringify([{ measurement: 'shop', tags: { host: 'h' }, fields: { message } }])
  const headers = { 'content-type': 'application/json' }
  const url = `http://127.0.0.1:${port}/v1/write/logging`
  const answer = await fetch(url, { method: 'POST', body, headers })
  expect(answer.status).toBe(200)
}

test('a script is written, corrected, tried, saved, and works on a log', async ({
  studio,
  page,
  workdir,
  dataway,
}) => {
  await studio.create('shop')

  await test.step('an error has a squiggle and a message', async () => {
    await studio.write(SCRIPT.replace('set_tag', 'sett_tag'))
    await expect(page.locator('.cm-lintRange-error')).toHaveText('sett_tag')
    await expect(studio.tab('Problems')).toHaveAttribute('aria-selected', 'true')
    await expect(studio.below.getByText('unsupported func: `sett_tag`')).toBeVisible()
  })

  await test.step('corrected by its fix, three samples run', async () => {
    await studio.below.getByRole('button', { name: 'Use set_tag' }).click()
    await expect(studio.editor).toContainText('set_tag(failed')
    await expect(page.locator('.cm-lintRange-error')).toHaveCount(0)
    await studio.addSample(LINE)
    await studio.addSample('10.1.2.4 GET /b 503 12')
    await studio.addSample('10.1.2.5 GET /health 200 2')
    await expect(studio.sample('10.1.2.5')).toContainText('dropped')
    await expect(studio.sample('10.1.2.4')).toContainText('+')
  })

  await test.step('the diff tells keys, types and values', async () => {
    await studio.sample('10.1.2.4').click()
    await studio.tab('Field diff').click()
    await expect(studio.field('code')).toContainText('503')
    await expect(studio.field('code')).toContainText('int')
    await expect(studio.field('client_ip')).toContainText('"10.1.2.4"')
    await expect(studio.field('failed')).toContainText('tag')
    await expect(studio.field('failed').getByRole('button')).toHaveText('3')
  })

  await test.step('the trace tells what each statement did', async () => {
    await studio.tab('Step trace').click()
    await expect(studio.step('grok')).toContainText('client_ip')
    await expect(studio.step('if').first()).toContainText('true')
    await expect(studio.step('set_tag')).toContainText('failed')
    await expect(page.locator('.cm-cost .cm-gutterElement', { hasText: 'µs' }).first()).toBeVisible()
  })

  await test.step('saved, it works on what comes in', async () => {
    await studio.save()
    await expect(page.getByText('logging/shop.p is saved and runs.')).toBeVisible()
    expect(readFileSync(join(workdir, 'pipeline/logging/shop.p'), 'utf8')).toBe(SCRIPT)
    await feedLog(await apiPort(workdir), LINE)
    await dataway.until((fixture) => fixture.points('logging').some((point) => point.name === 'shop'))
    const sent = dataway.points('logging').find((point) => point.name === 'shop')!
    const value = (key: string) => sent.kvs.find((kv) => kv.key === key)?.value
    expect([value('client_ip'), value('code'), value('method')]).toEqual(['10.1.2.3', 200, 'GET'])
  })

  await test.step('what comes in is a sample, as it is before scripts', async () => {
    await page.keyboard.press('Alt+w')
    const tap = page.getByRole('dialog', { name: 'Live' })
    await tap.getByLabel('Source').fill('shop')
    await tap.getByLabel('Expression').fill("message match ['GET']")
    await tap.getByRole('button', { name: 'Capture' }).click()
    await expect(tap.getByRole('status')).toContainText('0 of 5')
    const port = await apiPort(workdir)
    await feedLog(port, 'POST is not wanted')
    for (let n = 0; n < 5; n++) await feedLog(port, LINE)
    await tap.getByRole('button', { name: 'Add 5' }).click()
    await expect(studio.samples.getByRole('row', { name: /^10\.1\.2\.3.*live/ })).toHaveCount(5)
    await studio.tab('Field diff').click()
    await expect(studio.field('code')).toContainText('200')
    await expect(studio.field('code').getByRole('button')).toHaveText('1')
  })

  await test.step('and what the store kept is a sample again', async () => {
    await expect(async () => {
      await studio.samples.getByRole('button', { name: 'Stored' }).click()
      const row = page.getByRole('listitem').filter({ hasText: LINE }).first()
      await expect(row)
        .toBeVisible({ timeout: 1000 })
        .catch(async (failure: unknown) => {
          await page.keyboard.press('Escape')
          throw failure
        })
      await row.getByRole('checkbox').check()
    }).toPass()
    await page.getByRole('button', { name: /^Add 1/ }).click()
    await studio.tab('JSON').click()
    await expect(studio.samples.getByRole('tabpanel')).toContainText('"client_ip": "10.1.2.3"')
  })
})

test('a case is checked when the script is saved', async ({ studio, page }) => {
  await studio.create('orders')
  await studio.write('grok(_, "%{WORD:kind} %{INT:n:int}")\n')
  await studio.addSample('order 7')
  await studio.save()
  await studio.samples.getByRole('button', { name: 'Save as case' }).click()
  await studio.samples.getByRole('button', { name: 'Save case' }).click()
  await expect(studio.samples.getByText('The case passes')).toBeVisible()
  await studio.write('grok(_, "%{WORD:kind} %{INT:n}")\n')
  await studio.save()
  await expect(studio.samples.getByText('1 of 1 cases fails')).toBeVisible()
  await expect(studio.samples.getByRole('listitem')).toContainText('n expected 7')
  await expect(page.getByText(/edited/)).toHaveCount(0)
})

test('before saving, what would change is told on stored and on raw points', async ({
  studio,
  page,
  workdir,
}) => {
  await studio.create('shop')
  await studio.write(SCRIPT)
  await studio.save()
  await expect(page.getByText('logging/shop.p is saved and runs.')).toBeVisible()
  const port = await apiPort(workdir)
  await feedLog(port, LINE)
  await studio.write(`${SCRIPT}add_key(extra, 1)\n`)
  await expect(async () => {
    await page.getByRole('button', { name: 'Try before saving' }).click()
    await expect(studio.below.getByRole('list', { name: 'Fields that change' })).toContainText('extra', {
      timeout: 1000,
    })
  }).toPass()
  await expect(studio.below.getByText('this one has worked on them already')).toBeVisible()
  await studio.below.getByRole('button', { name: 'Use raw points' }).click()
  await studio.below.getByRole('button', { name: 'Compare' }).click()
  await expect(studio.below.getByRole('status')).toContainText('0 looked at')
  await feedLog(port, LINE)
  await expect(studio.below.getByRole('status')).toContainText('1 looked at')
  await expect(studio.below.getByRole('grid', { name: 'Impact' })).toContainText('extra')
  await studio.below.getByRole('button', { name: 'Cancel' }).click()
  await expect(studio.below.getByRole('button', { name: 'Compare' })).toBeEnabled()
})

test('a file becomes samples; created points and faults are shown', async ({ studio, page }) => {
  await studio.create('made')
  await studio.write(
    'create_point("made", {}, {"text": message}, category="L")\nx = 10 / len(message)\nadd_key(x)\n',
  )
  const text = Array.from({ length: 250 }, (_, n) => `line ${n}`).join('\n')
  const file = { name: 'app.log', mimeType: 'text/plain', buffer: Buffer.from(text) }
  await studio.samples.locator('input[type=file]').setInputFiles(file)
  await expect(studio.samples.getByText('50 more were left out')).toBeVisible()
  await studio.tab('Created').click()
  await expect(studio.samples.getByRole('tabpanel')).toContainText('"text": "line 199"')
  await studio.sample('line 0').click()
  await studio.tab('Step trace').click()
  await expect(studio.step('create_point')).toBeVisible()
  await studio.tab('Input').click()
  await studio.samples.getByRole('textbox', { name: 'Text of the sample' }).fill('')
  await expect(studio.samples.getByText(/division by zero|divide by zero/)).toBeVisible()
  await studio.samples.getByRole('button', { name: 'Go there' }).click()
  await expect(page.locator('.cm-activeLine')).toContainText('10 / len')
})

test('a script that does not end is stopped from the page', async ({ studio, page }) => {
  await studio.create('endless')
  await studio.write('for ;; { }\n')
  await studio.addSample('x')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('button', { name: /^Run/ })).toBeVisible()
  await studio.write('add_key(done, 1)\n')
  await studio.tab('Field diff').click()
  await expect(studio.field('done')).toContainText('1')
})

test('unsaved edits outlive a reload', async ({ studio, page }) => {
  await studio.create('draft')
  await studio.write('drop()\n')
  await expect(studio.tree.getByRole('treeitem', { name: /draft\.p/ })).toContainText('edited')
  await new ConsolePage(page).open('Overview')
  await new ConsolePage(page).open('Pipelines')
  await expect(studio.editor).toContainText('drop()')
  page.on('dialog', (dialog) => void dialog.accept())
  await page.reload()
  await expect(studio.tree.getByRole('treeitem', { name: /draft\.p/ })).toContainText('edited')
  await expect(studio.editor).toContainText('drop()')
})

test('by keyboard: save, run, fix, parts of the page', async ({ studio, page }) => {
  await studio.create('keys')
  await studio.editor.click()
  await page.keyboard.insertText('drop()\n')
  await page.keyboard.press('F6')
  await expect(studio.editor).not.toBeFocused()
  await page.keyboard.press('F6')
  await page.keyboard.press('F6')
  await expect(studio.editor).toBeFocused()
  await page.keyboard.press('ControlOrMeta+s')
  await expect(page.getByText('logging/keys.p is saved and runs.')).toBeVisible()
  await page.keyboard.press('Alt+a')
  await page.keyboard.insertText('x')
  await expect(studio.sample('x')).toContainText('dropped')
  await studio.editor.click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText('big = 1\n')
  await expect(page.locator('.cm-lintRange-warning')).toHaveText('big = 1')
  await page.keyboard.press('F8')
  await page.keyboard.press('Alt+Enter')
  await expect(studio.editor).toContainText('add_key(big, 1)')
  await page.keyboard.press('Alt+g')
  await expect(studio.tab('Grok')).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.insertText('Save the script')
  await page.keyboard.press('Enter')
  await expect(studio.tree.getByText('edited')).toHaveCount(0)
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.insertText('Samples from live')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Live' })).toBeVisible()
})

for (const theme of ['light', 'dark'] as const)
  test(`axe finds nothing in the ${theme} theme`, async ({ studio, page }) => {
    await new ConsolePage(page).setTheme(theme)
    await studio.create('look')
    await studio.write('grok(_, "%{INT:n:int}")\nif n > 1 {\n  x = 1\n}\n')
    await studio.addSample('7')
    for (const tab of ['Field diff', 'Grok', 'Benchmark', 'Impact', 'Problems', 'Step trace']) {
      await studio.tab(tab).click()
      expect(await accessibilityProblems(page), tab).toEqual([])
    }
  })
