import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Diagnostic } from '../kernel/diagnostic.ts'
import { loadInputs } from './load-inputs.ts'
import { loadMainConfig } from './main-config.ts'
import { testRegistry, withWorkdir } from './test-workdir.ts'

const WORDS = [
  '[[inputs.prom]]',
  '[inputs.cpu]',
  '[inputs.cpu.tags]',
  '[http_api]',
  '[global_tags]',
  'dataway.url = "https://h?token=tkn_hunter2hunter2"',
  'urls = ["${HOME}", 1]',
  'interval = "5"',
  'password = "hunter2"',
  'auth = { token = "hunter2", x = 1 }',
  'k = "ENC[aes://hunter2]"',
  'x = {{.hunter2}}',
  'http_listen = 9223372036854775807',
  '"""',
  '#',
  '=',
  '\n',
  '\r\n',
  '\uFEFF',
]
const content = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: 'binary', maxLength: 4 })), {
      maxLength: 12,
    })
    .map((parts) => parts.join('\n')),
  fc.uint8Array({ maxLength: 40 }),
)

function checkDiagnostics(diagnostics: readonly Diagnostic[], size: number): void {
  expect(JSON.stringify(diagnostics)).not.toContain('hunter2')
  const outside = diagnostics
    .flatMap((d) => d.labels)
    .filter(({ from, to, line, column }) => from < 0 || to < from || to > size + 1 || line < 1 || column < 1)
  expect(outside).toEqual([])
}

it('whatever a file holds, loading ends with diagnostics that lie in it and quote no value', () => {
  fc.assert(
    fc.property(content, (bytes) => {
      withWorkdir(
        { 'conf.d/datakit.conf': bytes, 'conf.d/a.conf': bytes, 'conf.d/b.conf': '[inputs.cpu]' },
        ({ layout }) => {
          const env = { HOME: 'hunter2' }
          const main = loadMainConfig(layout, { env, platform: 'linux', cores: 1 })
          const inputs = loadInputs(layout, testRegistry, { env, platform: 'linux' })
          const size = bytes.length
          checkDiagnostics(main.diagnostics, size)
          checkDiagnostics(inputs.files[0]!.diagnostics, size)
          expect(inputs.instances.some((instance) => instance.name === 'cpu')).toBe(true)
          const told = inputs.files[0]!.diagnostics.length > 0
          expect(told || ['loaded', 'empty'].includes(inputs.files[0]!.state)).toBe(true)
        },
      )
    }),
    { numRuns: 60 },
  )
})
