import { expect, it } from 'vitest'
import type { DiagnosticView } from '../../../agent-core/contract/index.ts'
import { detailsOf, placeOf, worstProblemsFirst } from './problems.ts'

const problem = (change: Partial<DiagnosticView>): DiagnosticView => ({
  code: 'CONFIG_TYPE',
  severity: 'error',
  message: '',
  labels: [],
  notes: [],
  fixes: [],
  ...change,
})
const label = { from: 10, to: 12, line: 3, column: 5, text: '' }

it.each([
  [{ file: 'conf.d/cpu.conf', labels: [label] }, 'conf.d/cpu.conf:3:5'],
  [{ file: 'cpu.conf', path: 'interval', labels: [label] }, 'cpu.conf:3:5'],
  [{ file: 'cpu.conf', path: 'inputs.cpu.interval' }, 'cpu.conf inputs.cpu.interval'],
  [{ file: 'cpu.conf' }, 'cpu.conf'],
  [{ path: 'ENV_X' }, 'ENV_X'],
  [{}, ''],
])('the place of %j is %j', (change, place) => {
  expect(placeOf(problem(change))).toBe(place)
})

it('puts errors before warnings before notices and keeps the order within each', () => {
  const severities = ['notice', 'error', 'warning', 'error'] as const
  const sorted = worstProblemsFirst(
    severities.map((severity, n) => problem({ severity, message: String(n) })),
  )
  expect(sorted.map(({ message }) => message)).toEqual(['1', '3', '2', '0'])
})

it('leaves out what is no problem', () => {
  expect(worstProblemsFirst([problem({ code: 'CONFIG_LOCAL_ONLY', severity: 'notice' })])).toEqual([])
})

it('does not say anything twice', () => {
  const labels = [{ ...label, text: 'expected a bracket' }]
  const notes = ['Correct the line.', 'Correct the line.']
  expect(detailsOf(problem({ message: 'TOML syntax error: expected a bracket', labels, notes }))).toEqual([
    'Correct the line.',
  ])
  expect(detailsOf(problem({ message: 'TOML syntax error', labels }))).toEqual(['expected a bracket'])
})
