// user_agent: what a User-Agent says.
import { MISSING } from '../language/point-view.ts'
import { valueText } from '../language/value.ts'
import { parseUserAgent } from '../text/user-agent.ts'
import { defineFunction } from './define-function.ts'

const FIELDS = ['isMobile', 'isBot', 'os', 'browser', 'browserVer', 'engine', 'engineVer', 'ua'] as const

export const userAgent = defineFunction({
  name: 'user_agent',
  params: [{ name: 'key', kind: 'key' }],
  doc: {
    en: 'Writes isMobile, isBot, os, browser, browserVer, engine, engineVer and ua (the platform) of a User-Agent.',
    zh: '解析 User-Agent，写入 isMobile、isBot、os、browser、browserVer、engine、engineVer 和 ua（平台）。',
  },
  examples: [
    {
      script: 'user_agent(agent)',
      fields: { agent: 'curl/8.4.0' },
      expect: { browser: 'curl', browserVer: '8.4.0', isBot: false },
    },
  ],
  check: (call) => ({ key: call.key(0), ids: FIELDS.map((name) => call.keyOf(name).id) }),
  run(frame, { key, ids }) {
    const found = key.read(frame)
    if (found === MISSING || found === undefined) return undefined
    const ua = parseUserAgent(valueText(found))
    const { view } = frame
    view.write(ids[0]!, ua.isMobile)
    view.write(ids[1]!, ua.isBot)
    view.write(ids[2]!, ua.os)
    view.write(ids[3]!, ua.browser)
    view.write(ids[4]!, ua.browserVersion)
    view.write(ids[5]!, ua.engine)
    view.write(ids[6]!, ua.engineVersion)
    view.write(ids[7]!, ua.platform)
    return undefined
  },
})
