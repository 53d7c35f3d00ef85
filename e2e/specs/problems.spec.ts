// What is wrong is on the Overview, with file, line and column, and everything else runs.
import { createServer, type AddressInfo, type Server } from 'node:net'
import { expect, test } from '../fixtures/test.ts'
import { ConsolePage } from '../pages/console-page.ts'

test.describe('broken configuration files', () => {
  test.use({
    files: {
      'conf.d/broken.conf': '# a broken file\n[settings]\ninterval = "10s\n',
      'conf.d/cpu.conf': '[[inputs.cpu]]\nintervall = "10s"\n',
      'conf.d/swap.conf': '[[inputs.swap]]\ninterval = true\n',
      'conf.d/net.conf': '[[inputs.net]]\ninterval = "1ms"\n',
      'conf.d/unknown.conf': '[[inputs.no_such_collector]]\n',
    },
  })

  test('each is named with its place; the other collectors run', async ({ page }) => {
    const console = new ConsolePage(page)
    const problems = console.main.getByRole('region', { name: 'Configuration problems' })
    await problems.getByRole('button', { name: 'All 5' }).click()
    const said = [
      /broken\.conf:3:16.*syntax/,
      /swap\.conf:2:12.*duration/,
      /cpu\.conf:2:1.*did you mean interval/,
      /unknown\.conf:1:10.*no_such_collector/,
      /net\.conf.*interval = 1ms.*every 1s/,
    ]
    for (const text of said)
      await expect(problems.getByRole('listitem').filter({ hasText: text })).toHaveCount(1)
    for (const name of ['cpu', 'disk', 'mem', 'net', 'system'])
      await expect(console.main.getByRole('row', { name: new RegExp(`^OK ${name} `) })).toBeVisible()
  })
})

const withServer = test.extend<{ taken: Server }>({
  taken: async ({}, use) => {
    const server = createServer()
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    await use(server)
    server.close()
  },
  agentEnv: async ({ taken }, use) =>
    use({ ENV_HTTP_LISTEN: `127.0.0.1:${(taken.address() as AddressInfo).port}` }),
})

withServer('a taken port is named, and the agent runs on', async ({ page, taken }) => {
  const console = new ConsolePage(page)
  const { port } = taken.address() as AddressInfo
  await expect(console.main.getByText(`127.0.0.1:${port}`).first()).toBeVisible()
  await expect(console.main.getByRole('row', { name: /^OK cpu / })).toBeVisible()
})
