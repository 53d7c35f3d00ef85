// One suite, three projects: real Electron where its binary exists, Electron's surface over Chromium, the web console.
import { join } from 'node:path'
import { defineConfig } from '@playwright/test'
import { chromiumOptions } from './harness/chromium.ts'
import type { HostOptions } from './fixtures/test.ts'

const root = join(import.meta.dirname, '..')

export default defineConfig<HostOptions>({
  testDir: 'specs',
  outputDir: join(root, 'artefacts/e2e'),
  timeout: 60_000,
  expect: { timeout: 15_000 },
  // A machine that is busy elsewhere may spoil one try; the report still calls such a test flaky.
  retries: 1,
  workers: 2,
  forbidOnly: true,
  fullyParallel: true,
  reporter: [['list']],
  use: {
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: chromiumOptions(),
  },
  projects: [
    { name: 'electron', use: { host: 'electron' }, grepInvert: /@web|@double/ },
    { name: 'electron-on-chromium', use: { host: 'chromium' }, grepInvert: /@web/ },
    { name: 'web', use: { host: 'web' }, grepInvert: /@desktop/ },
  ],
})
