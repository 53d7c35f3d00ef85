import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../kernel/clock.ts'
import { AgentError } from '../../kernel/errors.ts'
import { integer } from '../../point/point.ts'
import { hostFacts } from '../testing/fixtures.ts'
import { runCommand } from './commands.ts'
import { add, multiply, parseInteger, percent, ratePerSecond, subtract } from './counter.ts'
import { Elapsed } from './elapsed.ts'
import { NameFilter } from './name-filter.ts'
import { openHost } from './open-host.ts'
import { Scanner } from './scanner.ts'
import { SourceErrors } from './source.ts'

const counters = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

describe('counters', () => {
  test('parsing and arithmetic are exact for every 64-bit value', () => {
    fc.assert(
      fc.property(counters, counters, (a, b) => {
        expect(parseInteger(String(a))).toBe(integer(a))
        expect(parseInteger(`-${a}`)).toBe(integer(-a))
        expect(add(integer(a), integer(b))).toBe(integer(a + b))
        expect(subtract(integer(a), integer(b))).toBe(integer(a - b))
        expect(multiply(integer(a), 512)).toBe(integer(a * 512n))
      }),
    )
  })

  test.each(['', '-', '+1', '1.5', '0x1f', ' 1', 'kB'])('%j is no integer', (text) => {
    expect(parseInteger(text)).toBeUndefined()
  })

  test.each([
    [100, 50, 10, 5],
    [59, 50, 10, 0],
    [2n ** 63n + 1000n, 2n ** 63n, 1, 1000],
    [49, 50, 10, undefined],
    [2, 1, 0, undefined],
    [2, 1, undefined, undefined],
    [2, undefined, 1, undefined],
    [undefined, 1, 1, undefined],
  ])('rate of %s after %s in %s s is %s', (now, before, seconds, expected) => {
    expect(ratePerSecond(now, before, seconds)).toBe(expected)
  })

  test('a share of nothing is 0', () => {
    expect(percent(5, 0)).toBe(0)
    expect(percent(2n ** 60n, 2n ** 61n)).toBe(50)
  })
})

test('a scanner reads what split() would give', () => {
  const word = fc.stringMatching(/^[a-z0-9:.-]{1,6}$/)
  const blank = fc.constantFrom(' ', '\t', '   ')
  const line = fc
    .tuple(blank, fc.array(fc.tuple(word, blank), { maxLength: 4 }))
    .map(([lead, rest]) => lead + rest.map((pair) => pair.join('')).join(''))
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
      const read: string[][] = []
      for (const scan = new Scanner(lines.join('\n')); scan.more; scan.nextLine()) {
        const words: string[] = []
        for (let next = scan.word(); next !== ''; next = scan.word()) words.push(next)
        read.push(words)
      }
      const expected = lines.map((text) => text.trim().split(/\s+/).filter(Boolean))
      expect(read).toEqual(lines.join('\n') === '' ? [] : expected)
    }),
  )
})

describe('elapsed time', () => {
  test.each([
    ['a round in time', 10_000, 10_000, 0, 10],
    ['a late round', 10_000, 29_000, 0, 29],
    ['a stall', 10_000, 30_001, 0, undefined],
    ['an interval below a second, raised by protect mode', 1, 1000, 0, 1],
    ['a clock slewed by NTP', 10_000, 10_000, 400, 10],
    ['a clock set forward', 10_000, 10_000, 1001, undefined],
    ['a clock set back', 10_000, 10_000, -60_000, undefined],
  ])('%s', async (_, interval, ms, jump, expected) => {
    const clock = new FakeClock()
    const elapsed = new Elapsed(clock, interval)
    expect(elapsed.next()).toBeUndefined()
    await clock.advance(ms)
    clock.jump(jump)
    expect(elapsed.next()).toBe(expected)
    await clock.advance(1000)
    expect(elapsed.next()).toBe(1)
  })
})

describe('name filter', () => {
  test('tries a name once', () => {
    const filter = new NameFilter([/^sd[a-z]$/, /nvme/i], () => {})
    expect(['sda', 'sda1', 'NVME0', 'sda'].map((name) => filter.matches(name))).toEqual([
      true,
      false,
      true,
      true,
    ])
    expect(filter.matches('x', 'y', 'sdb')).toBe(true)
    expect(new NameFilter([], () => {}).matches('sda')).toBe(false)
  })

  test('a pattern that takes too long twice is switched off and told, the others go on', () => {
    const slow: RegExp[] = []
    const filter = new NameFilter([/^(a+)+$/, /b$/], (pattern) => slow.push(pattern))
    expect(filter.matches(`${'a'.repeat(60)}b`)).toBe(true)
    expect(slow).toEqual([])
    expect(filter.matches(`${'a'.repeat(60)}c`)).toBe(false)
    expect(slow).toEqual([/^(a+)+$/])
    expect(filter.matches(`${'a'.repeat(60)}c`)).toBe(false)
    expect(filter.matches('aaa')).toBe(false)
    expect(slow).toHaveLength(1)
  })

  test.each([
    [/^(ab)+$/, 'abab', true],
    [/^a.*b.*c.*d.*$/, 'a-b-c-d', true],
    [/^x{2,3}(y|z){1,2}$/, 'xxyy', true],
    [/^(ab)+$/, 'aba', false],
  ])('%s on %s under the budget is %s', (pattern, name, expected) => {
    expect(new NameFilter([pattern], () => {}).matches(name)).toBe(expected)
  })
})

describe('source errors', () => {
  test('tell once a streak and let defects through', async () => {
    const told: unknown[] = []
    const sources = new SourceErrors((error) => told.push(error))
    const fail = () => sources.attempt('x', () => Promise.reject(new AgentError('INPUT_SOURCE', 'x')))
    expect(await fail()).toBeUndefined()
    await fail()
    expect(told).toHaveLength(1)
    expect(await sources.attempt('x', () => 5)).toBe(5)
    await fail()
    expect(told).toHaveLength(2)
    const bug = new TypeError('bug')
    await expect(sources.attempt('x', () => Promise.reject(bug))).rejects.toBe(bug)
  })
})

describe('commands', () => {
  test('give their output in plain English', async () => {
    const script = "process.stdout.write(process.env['LC_ALL'])"
    expect(await runCommand(process.execPath, ['-e', script])).toBe('C')
  })

  test('that are missing or fail are unreadable sources', async () => {
    await expect(runCommand('no-such-tool', ['-x'])).rejects.toThrow(
      'Cannot read the source: no-such-tool -x (spawn no-such-tool ENOENT)',
    )
    await expect(runCommand(process.execPath, ['-e', 'process.exit(3)'])).rejects.toMatchObject({
      code: 'INPUT_SOURCE',
    })
  })
})

test.each(['linux', 'darwin', 'win32'] as const)('%s has a reader for every subject', (platform) => {
  const clock = new FakeClock()
  const host = openHost({ host: hostFacts({ platform }), clock })
  const { dispose, ...subjects } = host
  for (const open of Object.values(subjects)) expect(open()).toBeTypeOf('object')
  dispose()
  expect(clock.pending).toBe(0)
})
