// What holds for every collector: walked over the list, so that a new one is held to it as well.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse as parseToml } from 'smol-toml'
import { parse, safeParse, type GenericSchema } from 'valibot'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { MeasurementInfo } from '../point/measurement.ts'
import type { InputDefinition, Platform } from './define-input.ts'
import vm from './host/testdata/linux-vm.tree?raw'
import vmLater from './host/testdata/linux-vm-later.tree?raw'
import { inputs } from './index.ts'
import metricKeys from './testdata/metric-keys.json'
import { onTree, testContext } from './testing/recorded.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

/** Default interval, shortest and longest under protect mode. */
const RHYTHMS: Readonly<Record<string, readonly [number, number, number]>> = {
  cpu: [10 * SECOND, SECOND, MINUTE],
  mem: [10 * SECOND, SECOND, MINUTE],
  swap: [10 * SECOND, SECOND, MINUTE],
  disk: [10 * SECOND, SECOND, MINUTE],
  diskio: [10 * SECOND, SECOND, MINUTE],
  net: [10 * SECOND, SECOND, MINUTE],
  system: [10 * SECOND, SECOND, MINUTE],
  host_processes: [5 * MINUTE, 30 * SECOND, 15 * MINUTE],
  hostobject: [5 * MINUTE, 10 * SECOND, 30 * MINUTE],
  dk: [30 * SECOND, 5 * SECOND, MINUTE],
}

const settingsOf = (input: InputDefinition): string[] =>
  Object.keys((input.schema as GenericSchema & { entries: Readonly<Record<string, GenericSchema>> }).entries)

/** The one table of a sample, `[inputs.x]` or `[[inputs.x]]`, as the loader finds it. */
function sampleTable({ name }: InputDefinition, text: string): Record<string, unknown> {
  type Table = Record<string, unknown>
  const { inputs: tables } = parseToml(text) as { inputs: Record<string, Table | Table[]> }
  expect(Object.keys(tables)).toEqual([name])
  const [table, ...others] = [tables[name]!].flat()
  expect(others).toEqual([])
  return table!
}

const OS_NAMES: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }

function fieldRows({ fields }: MeasurementInfo): string[] {
  return Object.entries(fields).map(([key, { type, unit, platforms, desc }]) => {
    const where = platforms?.map((platform) => OS_NAMES[platform]).join(', ') ?? 'all'
    return `| \`${key}\` | ${type} | ${unit} | ${where} | ${desc} |`
  })
}

test('names are those of the folders, each once', () => {
  const names = inputs.map((input) => input.name)
  const folders = globSync('*/sample.conf', { cwd: import.meta.dirname }).map(
    (file) => file.split(/[/\\]/)[0],
  )
  expect([...names].sort()).toEqual(folders.sort())
})

describe.each(inputs.map((input) => [input.name, input] as const))('%s', (name, input) => {
  test('its sample is valid as it stands and with every commented setting', () => {
    for (const text of [input.sample, input.sample.replace(/^(\s*)# (?=[a-z_]+ *=)/gm, '$1')]) {
      const table = sampleTable(input, text)
      expect(safeParse(input.schema, table).issues).toBeUndefined()
      for (const key of Object.keys(table)) expect(settingsOf(input)).toContain(key)
    }
  })

  test('runs without any setting, in the rhythm that is documented', () => {
    const { interval, min, max } = input.rhythm(parse(input.schema, {}))
    expect([interval, min, max]).toEqual(RHYTHMS[name])
  })

  test('its README has every setting, measurement, tag and field', () => {
    const readme = readFileSync(join(import.meta.dirname, name, 'README.md'), 'utf8')
    const lines = new Set(readme.split(/\r?\n/))
    expect(lines).toContain(`# ${name}`)
    for (const key of settingsOf(input)) expect(readme).toContain(`| \`${key}\` |`)
    for (const measurement of input.measurements) {
      expect(lines).toContain(`### ${measurement.name}`)
      for (const key of Object.keys(measurement.tags)) expect(readme).toContain(`| \`${key}\` | `)
      for (const row of fieldRows(measurement)) expect(lines).toContain(row)
    }
  })

  test('leaves nothing running', async () => {
    const { round, collector, clock } = onTree(input, vm)
    await round(collector)
    await collector.dispose?.()
    expect(clock.pending).toBe(0)
  })

  test.each(input.platforms.map((platform) => [platform]))(
    'a %s machine without any of its sources is an error, not a crash',
    async (platform: Platform) => {
      const { context, round, clock } = testContext(name, { platform, root: '/nowhere' })
      const collector = input.create(parse(input.schema, {}), context)
      onTestFinished(async () => {
        await collector.dispose?.()
      })
      await round(collector)
      await collector.dispose?.()
      expect(clock.pending).toBe(0)
    },
  )
})

describe.each(Object.entries(metricKeys))('the points of %s', (measurement, expected) => {
  test('have the keys and kinds of the recorded agent', async () => {
    const input = inputs.find((one) => one.measurements.some(({ name }) => name === measurement))!
    const { round, collector, later } = onTree(input, vm)
    const points = [...(await round(collector)), ...(await later(vmLater))].filter(
      ({ name }) => name === measurement,
    )
    const keys: Record<string, string> = {}
    for (const { tags, kinds } of points) {
      Object.assign(keys, kinds)
      for (const key of Object.keys(tags)) keys[key] = 'tag'
    }
    expect(keys).toEqual(expected)
  })
})
