import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../kernel/clock.ts'
import { hostFacts } from '../../testing/fixtures.ts'
import { openCim } from '../open-host.ts'
import { CimSession, type PowerShell } from './cim-session.ts'

/** A line of PowerShell is complete when its braces and quotes are. */
function balanced(line: string): boolean {
  const code = line.replace(/'[^']*'/g, '')
  const count = (letter: string) => code.split(letter).length - 1
  return !code.includes("'") && count('{') === count('}') && count('(') === count(')')
}

interface FakeShell extends PowerShell {
  readonly asked: { id: number; className: string; namespace: string }[]
  /** All that was written to it. */
  readonly lines: string[]
  readonly killed: boolean
  say(text: string): void
  end(event: 'exit' | 'error'): void
}

/** PowerShell as far as the session sees it. */
function fakeShell(): FakeShell {
  const events = new EventEmitter()
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const asked: FakeShell['asked'] = []
  let killed = false
  const lines: string[] = []
  stdin.on('data', (chunk: Buffer) => {
    lines.push(...String(chunk).trimEnd().split('\n'))
    for (const [, json] of String(chunk).matchAll(/^Ask '(.*)'$/gm))
      asked.push(JSON.parse(json!.replaceAll("''", "'")) as FakeShell['asked'][0])
  })
  return {
    stdin,
    stdout,
    stderr: new PassThrough(),
    asked,
    lines,
    once: (event, run) => events.once(event, run),
    kill: () => (killed = true),
    get killed() {
      return killed
    },
    say: (text) => void stdout.write(text),
    end: (event) => void events.emit(event, new Error('gone')),
  }
}

function session() {
  const clock = new FakeClock()
  const shells: FakeShell[] = []
  const cim = new CimSession(() => {
    shells.push(fakeShell())
    return shells.at(-1)!
  })
  const ask = (className: string) => {
    const answer = cim.query({ className, properties: ['A'] }, clock)
    answer.catch(() => {})
    return answer
  }
  return { clock, shells, cim, ask }
}

const failure = (className: string, reason: string) => `Cannot read the source: ${className} (${reason})`

describe('a session', () => {
  test('starts with the first query, serves all, answers in any order and in pieces', async () => {
    const { shells, ask, clock } = session()
    expect(shells).toHaveLength(0)
    const [one, two] = [ask('One'), ask('Two')]
    await clock.advance(0)
    const [shell] = shells
    expect(shells).toHaveLength(1)
    expect(shell!.asked).toEqual([
      { id: 1, namespace: 'root/cimv2', className: 'One', properties: ['A'] },
      { id: 2, namespace: 'root/cimv2', className: 'Two', properties: ['A'] },
    ])
    shell!.say('PS C:\\> @answer {"id":2,"rows":[{"A":"Ö1"}]}\r\nnoise\n{"id":1}\n@answer {"id":1,"ro')
    expect(await two).toEqual([{ A: 'Ö1' }])
    shell!.say('ws":[]}\n@answer {"id":99,"rows":[]}\n')
    expect(await one).toEqual([])
    expect(clock.pending).toBe(0)
  })

  test('writes one complete ASCII line a statement, with quotes doubled', async () => {
    const { shells, cim, clock } = session()
    const query = { className: 'X', properties: ['A'], filter: "Name = 'Büro'" }
    cim.query(query, clock).catch(() => {})
    await clock.advance(0)
    const { lines } = shells[0]!
    for (const line of lines) {
      expect(line).toMatch(/^[\x20-\x7e]+$/)
      expect(balanced(line)).toBe(true)
    }
    expect(lines.at(-1)).toBe(
      `Ask '{"id":1,"namespace":"root/cimv2","className":"X","properties":["A"],"filter":"Name = ''B\\u00fcro''"}'`,
    )
    expect(shells[0]!.asked).toEqual([{ id: 1, namespace: 'root/cimv2', ...query }])
    cim.dispose()
  })

  test('passes on what a query failed with, and goes on', async () => {
    const { shells, ask, clock } = session()
    const bad = ask('Bad')
    await clock.advance(0)
    shells[0]!.say('@answer {"id":1,"error":"Ungültige Klasse"}\n')
    await expect(bad).rejects.toThrow(failure('Bad', 'Ungültige Klasse'))
    const good = ask('Good')
    await clock.advance(0)
    shells[0]!.say('@answer {"id":2,"rows":[{}]}\n')
    expect(await good).toEqual([{}])
    expect(shells).toHaveLength(1)
  })

  test('noise on its error channel answers nobody', async () => {
    const { shells, ask, clock } = session()
    const slow = ask('Slow')
    await clock.advance(0)
    ;(shells[0]!.stderr as PassThrough).write('WARNING: something\n')
    await clock.advance(1000)
    shells[0]!.say('@answer {"id":1,"rows":[{"A":"1"}]}\n')
    expect(await slow).toEqual([{ A: '1' }])
  })

  test('that hangs is ended, and replaced after a pause', async () => {
    const { shells, ask, clock } = session()
    const [one, two] = [ask('One'), ask('Two')]
    await clock.advance(15_000)
    await expect(one).rejects.toThrow(failure('One', 'PowerShell did not answer within 15 s'))
    await expect(two).rejects.toThrow(failure('Two', 'PowerShell did not answer within 15 s'))
    expect(shells[0]!.killed).toBe(true)
    await expect(ask('Soon')).rejects.toThrow(failure('Soon', 'PowerShell failed and is started again soon'))

    await clock.advance(30_000)
    const later = ask('Later')
    await clock.advance(0)
    // What the first one still says is nobody's answer.
    shells[0]!.say('@answer {"id":3,"rows":[{"A":"old"}]}\n')
    shells[0]!.end('exit')
    shells[1]!.say('@answer {"id":3,"rows":[{"A":"new"}]}\n')
    expect(await later).toEqual([{ A: 'new' }])
    expect(clock.pending).toBe(0)
  })

  test.each([
    ['exit', 'PowerShell ended'],
    ['error', 'PowerShell cannot be started'],
  ] as const)('that ends by %s fails what waits for it', async (event, reason) => {
    const { shells, ask, clock } = session()
    const one = ask('One')
    await clock.advance(0)
    shells[0]!.end(event)
    await expect(one).rejects.toThrow(failure('One', reason))
    expect(clock.pending).toBe(0)
  })

  test('whose input breaks fails what waits for it', async () => {
    const { shells, ask, clock } = session()
    const one = ask('One')
    await clock.advance(0)
    shells[0]!.stdin.destroy(new Error('EPIPE'))
    await expect(one).rejects.toThrow(failure('One', 'PowerShell closed its input'))
  })

  test('disposed ends its PowerShell and takes no more', async () => {
    const { shells, ask, cim, clock } = session()
    const one = ask('One')
    await clock.advance(0)
    cim.dispose()
    await expect(one).rejects.toThrow(failure('One', 'the agent stops'))
    await expect(ask('Two')).rejects.toThrow(failure('Two', 'the agent stops'))
    expect(shells.map((shell) => shell.killed)).toEqual([true])
    expect(clock.pending).toBe(0)
  })
})

test('all collectors of an agent share one session, which ends with the last of them', async () => {
  const clock = new FakeClock()
  const shells: FakeShell[] = []
  const start = () => {
    shells.push(fakeShell())
    return shells.at(-1)!
  }
  const host = hostFacts({ platform: 'win32' })
  const [one, two] = [openCim(host, clock, start), openCim(host, clock, start)]
  for (const { cim } of [one, two]) cim.query({ className: 'X', properties: [] }).catch(() => {})
  expect(shells).toHaveLength(1)
  one.release()
  one.release()
  expect(shells[0]!.killed).toBe(false)
  two.release()
  expect(shells[0]!.killed).toBe(true)
  expect(clock.pending).toBe(0)
  const next = openCim(host, clock, start)
  next.cim.query({ className: 'X', properties: [] }).catch(() => {})
  expect(shells).toHaveLength(2)
  next.release()
})
