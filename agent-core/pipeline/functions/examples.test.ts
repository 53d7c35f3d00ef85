// Every function's examples run; every function is described for completion, hover and the reference page.
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../kernel/clock.ts'
import { Kind, keyValue, lookup, makePoint } from '../../point/point.ts'
import { compileScript } from '../language/compile.ts'
import { scriptErrorText } from '../language/fault.ts'
import { runScript } from '../language/run.ts'
import { newScriptState } from '../state/state.ts'
import type { Example } from './define-function.ts'
import { functionList } from './registry.ts'

function fieldOf(key: string, value: string | number | boolean) {
  if (typeof value === 'string') return keyValue(key, Kind.string, value)
  if (typeof value === 'boolean') return keyValue(key, Kind.bool, value)
  return keyValue(key, Number.isInteger(value) ? Kind.int : Kind.float, value)
}

function runExample({ script, message, fields }: Example): ReturnType<typeof makePoint> {
  const compiled = compileScript({ name: 'example.p', source: script })
  if (!compiled.script) throw new Error(scriptErrorText(compiled.firstError!))
  const given = Object.entries({ ...(message === undefined ? {} : { message }), ...fields })
  const point = makePoint(
    'example',
    given.map(([key, value]) => fieldOf(key, value)),
    1n,
  )
  const outcome = runScript(compiled.script, point, {
    category: 'logging',
    environment: { clock: systemClock, timeZone: 'UTC' },
    state: newScriptState(systemClock),
  })
  if (outcome.error) throw new Error(scriptErrorText(outcome.error))
  return point
}

describe('functions', () => {
  it('are the 75 of the language', () => {
    expect(new Set(functionList.map((f) => f.name)).size).toBe(75)
  })

  it.each(functionList.map((f) => [f.name, f] as const))('%s', (name, definition) => {
    expect(definition.doc.en).not.toBe('')
    expect(definition.doc.zh).toMatch(/\p{Script=Han}/u)
    // `use` needs another script.
    expect(definition.examples.length > 0 || name === 'use').toBe(true)
    for (const example of definition.examples) {
      const point = runExample(example)
      for (const [key, wanted] of Object.entries(example.expect)) {
        const value = lookup(point, key)?.value ?? null
        expect(
          typeof value === 'bigint' ? Number(value) : value,
          `${name}: ${example.script}: ${key}`,
        ).toEqual(wanted)
      }
    }
  })
})
