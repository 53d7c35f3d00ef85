import { describe, expect, it } from 'vitest'
import { createConsoleI18n } from '../i18n.ts'
import { categoryText, eventText, reasonText } from './agent-texts.ts'

const { t, te } = createConsoleI18n('zh').global

describe('names that the agent sends', () => {
  it('are told in the language of the console', () => {
    expect(reasonText(t, te, 'wal_full')).toBe('WAL 已满')
    expect(categoryText(t, te, 'logging')).toBe('日志')
    expect(eventText(t, te, { kind: 'config_applied', params: { files: 3 } })).toBe('已应用配置，3 个文件')
  })

  it('are shown as they are when this console does not know them yet', () => {
    expect(reasonText(t, te, 'too_old')).toBe('too_old')
    expect(categoryText(t, te, 'new_kind')).toBe('new_kind')
    expect(eventText(t, te, { kind: 'moon_rose', params: { phase: 2, place: 'here' } })).toBe(
      'moon_rose phase=2 place=here',
    )
  })

  it('keep what looks like a format of the locale files as text', () => {
    const params = { id: 'mysql#0', error: "user {name} | 'x'@'y' {0}" }
    expect(eventText(t, te, { kind: 'collector_crashed', params })).toBe(
      "mysql#0 崩溃：user {name} | 'x'@'y' {0}",
    )
  })

  it.each(['agent_started', 'config_applied', 'dataway_connected', 'elected', 'defeated'])(
    'say what %s, a mark of the charts, means',
    (kind) => expect(te(`event.${kind}`)).toBe(true),
  )
})
