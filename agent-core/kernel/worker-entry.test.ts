import { describe, expect, test } from 'vitest'
import { workerEntry } from './worker-entry.ts'

describe('workerEntry', () => {
  test('lies beside its caller in the source tree', () => {
    const url = workerEntry('file:///app/agent-core/store/store.ts', './worker/store-worker.ts')
    expect(url.href).toBe('file:///app/agent-core/store/worker/store-worker.ts')
  })

  test('lies flat beside the bundle after the build', () => {
    const url = workerEntry('file:///app/out/main/index.js', './worker/store-worker.ts')
    expect(url.href).toBe('file:///app/out/main/store-worker.js')
  })

  test('keeps a path with characters that URLs escape', () => {
    const url = workerEntry('file:///C:/My%20Apps/%231/out/main/cli.js', './lane-worker.ts')
    expect(url.href).toBe('file:///C:/My%20Apps/%231/out/main/lane-worker.js')
  })
})
