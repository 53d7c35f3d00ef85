// @vitest-environment happy-dom
// The studio's state against an engine in memory: what is run when, what is kept, what an older answer may not spoil.
import { createPinia, setActivePinia } from 'pinia'
import { createApp } from 'vue'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClient } from '../../../agent-core/contract/client.ts'
import type { Sample, SampleResult, ScriptRef } from '../../../agent-core/contract/index.ts'
import { createMemoryBridge, type MemoryBridge } from '../../../agent-core/contract/memory-bridge.ts'
import type { PipelinesContract } from '../../../agent-core/contract/pipelines.ts'
import type { ContractHandlers } from '../../../agent-core/contract/server.ts'
import { createConsoleI18n } from '../../i18n.ts'
import { provideServices } from '../../services.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { useStudio } from './studio.ts'

const SCRIPT: ScriptRef = { category: 'logging', namespace: 'default', name: 'a.p' }
const point = (text: string) => ({
  name: 'a',
  time: '1',
  keys: [{ key: 'message', tag: false, value: { kind: 'str' as const, text } }],
})
const resultOf = ({ text }: Sample): SampleResult => ({
  before: point(text),
  after: point(text),
  dropped: false,
  created: [],
  error: null,
  steps: [],
  moreSteps: 0,
  ns: 1,
})
const problem = {
  code: 'PIPELINE_CHECK',
  severity: 'error' as const,
  message: 'bad',
  labels: [],
  notes: [],
  fixes: [],
}

/** An engine that refuses the word `bad` and keeps one file. */
class Engine {
  text = 'drop()'
  revision = 1
  readonly calls: string[] = []
  readonly traced: boolean[] = []
  /** Resolves the runs that are held back. */
  release: (() => void) | undefined
  held: Promise<void> | undefined

  hold(): void {
    this.held = new Promise((resolve) => (this.release = resolve))
  }

  readonly handlers: Partial<ContractHandlers<PipelinesContract>> = {
    'pipelines.watch': (_args, emit) => {
      emit({ scripts: [], pointsPerSecond: 0, lanes: 1 })
      return { dispose: () => {} }
    },
    'pipelines.language': () => ({ functions: [], patterns: [] }),
    'pipelines.read': () => ({ text: this.text, revision: String(this.revision) }),
    'pipelines.check': ({ text }) => ({ diagnostics: text.includes('bad') ? [problem] : [] }),
    'pipelines.run': async ({ text, samples, trace }) => {
      this.calls.push(text)
      this.traced.push(trace)
      await this.held
      return { diagnostics: [], results: samples.map(resultOf), statements: [] }
    },
    'pipelines.cases': () => ({ cases: [] }),
    'pipelines.save': ({ text, base }) => {
      if (base !== String(this.revision))
        return { ok: false, error: { code: 'PIPELINE_CONFLICT', message: 'm', hint: 'h', retriable: false } }
      this.text = text
      this.revision++
      return { revision: String(this.revision), diagnostics: [] }
    },
    'pipelines.delete': () => ({}),
  }
}

let engine: Engine
let bridge: MemoryBridge
let clock: FakeClock

/** A console of its own, as after a reload. */
function openConsole() {
  const app = createApp({ render: () => null })
  provideServices(app, {
    client: createClient(bridge),
    clock,
    i18n: createConsoleI18n('en'),
    host: 'web',
    platform: 'linux',
    cspNonce: undefined,
  })
  const pinia = createPinia()
  app.use(pinia)
  setActivePinia(pinia)
  return app.runWithContext(() => useStudio())
}
/** Until what was set going over the bridge has come to rest. */
async function settled(): Promise<void> {
  for (let n = 0; n < 40; n++) await Promise.resolve()
}

beforeEach(() => {
  localStorage.clear()
  engine = new Engine()
  bridge = createMemoryBridge(engine.handlers as unknown as ContractHandlers)
  clock = new FakeClock()
})
afterEach(() => bridge.dispose())

describe('the studio', () => {
  it('runs each sample after a pause in typing, and not while the script is broken', async () => {
    const studio = openConsole()
    await studio.openScript(SCRIPT, true)
    studio.addSamples([{ origin: 'typed', sample: { format: 'message', text: 'x' }, name: undefined }])
    await settled()
    expect(studio.result?.after?.keys[0]!.value.text).toBe('x')
    const before = engine.calls.length
    studio.edit('drop() # 1')
    studio.edit('drop() # 2')
    await settled()
    expect(engine.calls.length).toBe(before)
    clock.advance(1000)
    await settled()
    expect(engine.calls.slice(before)).toEqual(['drop() # 2'])
    studio.edit('bad')
    clock.advance(1000)
    await settled()
    expect(studio.problems).toHaveLength(1)
    expect(engine.calls.slice(before)).toEqual(['drop() # 2'])
  })

  it('does not show the answer for an older text', async () => {
    const studio = openConsole()
    await studio.openScript(SCRIPT, true)
    engine.hold()
    studio.addSamples([{ origin: 'typed', sample: { format: 'message', text: 'x' }, name: undefined }])
    await settled()
    studio.edit('drop() # newer')
    clock.advance(1000)
    await settled()
    engine.release!()
    await settled()
    expect(studio.run.text).toBe('drop() # newer')
    expect(studio.running).toBe(false)
  })

  it('knows a result of another sample or text from one of this', async () => {
    const studio = openConsole()
    await studio.openScript(SCRIPT, true)
    studio.addSamples([{ origin: 'typed', sample: { format: 'message', text: '' }, name: undefined }])
    await settled()
    expect(studio.isCurrent).toBe(true)
    studio.changeSample(studio.entries[0]!.id, { format: 'message', text: 'order 7' })
    expect([studio.result?.after?.keys[0]!.value.text, studio.isCurrent]).toEqual(['', false])
    clock.advance(1000)
    await settled()
    expect([studio.result?.after?.keys[0]!.value.text, studio.isCurrent]).toEqual(['order 7', true])
    studio.edit('drop() # newer')
    expect(studio.isCurrent).toBe(false)
  })

  it('traces all of a few samples, and only the selected one of many', async () => {
    const studio = openConsole()
    await studio.openScript(SCRIPT, true)
    const many = Array.from({ length: 30 }, (_, n) => ({
      origin: 'file' as const,
      sample: { format: 'message' as const, text: String(n) },
      name: undefined,
    }))
    studio.addSamples(many.slice(0, 3))
    await settled()
    expect(engine.traced).toEqual([true])
    studio.addSamples(many)
    await settled()
    expect(engine.traced.slice(1)).toEqual([false, true])
    expect(studio.run.results.size).toBe(33)
    studio.selectedId = studio.entries[0]!.id
    await studio.traceSelected()
    expect(engine.traced.slice(3)).toEqual([true])
    expect(studio.run.results.size).toBe(33)
  })

  it('keeps unsaved edits over a reload and forgets them when they are saved', async () => {
    const first = openConsole()
    await first.openScript(SCRIPT, true)
    first.edit('drop() # mine')
    const second = openConsole()
    expect([...second.edited]).toEqual(['default/logging/a.p'])
    await second.openScript(SCRIPT, true)
    expect([second.text, second.dirty, second.conflict]).toEqual(['drop() # mine', true, false])
    expect(await second.save()).toBe(true)
    expect([second.dirty, second.edited.size, engine.text]).toEqual([false, 0, 'drop() # mine'])
  })

  it('says when the file is another by now, and overwrites only when told', async () => {
    const studio = openConsole()
    await studio.openScript(SCRIPT, true)
    studio.edit('drop() # mine')
    engine.text = 'theirs'
    engine.revision = 7
    expect(await studio.save()).toBe(false)
    expect([studio.conflict, engine.text, studio.text]).toEqual([true, 'theirs', 'drop() # mine'])
    expect(await studio.save(true)).toBe(true)
    expect([studio.conflict, engine.text]).toEqual([false, 'drop() # mine'])
  })

  it('takes the file instead when told so', async () => {
    const studio = openConsole()
    await studio.openScript(SCRIPT, true)
    studio.edit('drop() # mine')
    engine.text = 'theirs'
    await studio.reread()
    expect([studio.text, studio.dirty]).toEqual(['theirs', false])
  })

  it('discards edits; a script that was never saved closes', async () => {
    const studio = openConsole()
    await studio.openScript(SCRIPT, true)
    studio.edit('x')
    studio.discard()
    expect([studio.text, studio.dirty]).toEqual(['drop()', false])
    studio.create({ ...SCRIPT, name: 'new.p' }, '')
    expect(studio.edited.has('default/logging/new.p')).toBe(true)
    studio.discard()
    expect([studio.open, studio.edited.size]).toEqual([undefined, 0])
  })

  it('shows a read-only script without ever keeping a draft of it', async () => {
    const studio = openConsole()
    await studio.openScript({ ...SCRIPT, namespace: 'remote' }, false)
    studio.edit('mine')
    expect([studio.edited.size, await studio.save()]).toEqual([0, false])
  })

  it('leaves nothing listening', async () => {
    const studio = openConsole()
    const stop = studio.follow()
    await settled()
    expect(studio.list?.lanes).toBe(1)
    stop()
    expect(bridge.sent.at(-1)?.t).toBe('close')
  })
})
