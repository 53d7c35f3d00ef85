import { expect, test } from 'vitest'
import { isAppUrl } from './app-origin.ts'

test.each([
  ['app://console/', true],
  ['app://console/#/charts', true],
  ['app://console/assets/index.js', true],
  ['APP://console/', true],
  ['app://CONSOLE/', false],
  ['app://console.evil.test/', false],
  ['app://user@console/', false],
  ['app://console:1/', false],
  ['app://other/', false],
  ['https://console/', false],
  ['file:///console/', false],
  ['about:blank', false],
  ['data:text/html,app://console/', false],
  ['', false],
])('%s', (url, ours) => expect(isAppUrl(url)).toBe(ours))
