import * as v from 'valibot'
import { describe, expect, it, vi } from 'vitest'
import { AgentError } from '../kernel/errors.ts'
import { ERROR_CODES } from '../kernel/error-codes.ts'
import { err, ok } from '../kernel/result.ts'
import { ContractError, createContractClient, type ContractClient } from './client.ts'
import { method, stream } from './define.ts'
import { CONTRACT_ERRORS } from './errors.ts'
import { createBridge, type MemoryBridge } from './memory-bridge.ts'
import { serve, type ContractHandlers } from './server.ts'
import type { ToConsole } from './messages.ts'

const small = {
  double: method(v.strictObject({ n: v.number() }), v.object({ n: v.number() })),
  slow: method(v.strictObject({}), v.number()),
  state: stream(v.strictObject({}), v.number(), 'latest'),
  records: stream(v.strictObject({ from: v.number() }), v.object({ n: v.number() }), 'drop'),
} as const
type Small = typeof small
type Emit = (event: number) => void

class Fixture {
  readonly bugs: unknown[] = []
  readonly disposed: string[] = []
  readonly emitState: Emit[] = []
  readonly emitRecord: ((event: { n: number }) => void)[] = []
  readonly bridge: MemoryBridge
  readonly client: ContractClient<Small>

  constructor(overrides: Partial<ContractHandlers<Small>> = {}) {
    this.bridge = createBridge<Small>(
      small,
      {
        double: ({ n }) => ({ n: n * 2 }),
        slow: () => new Promise(() => {}),
        state: (_args, emit) => {
          this.emitState.push(emit)
          return { dispose: () => void this.disposed.push('state') }
        },
        records: (_args, emit) => {
          this.emitRecord.push(emit)
          return { dispose: () => void this.disposed.push('records') }
        },
        ...overrides,
      },
      { onBug: (thrown) => this.bugs.push(thrown) },
    )
    this.client = createContractClient(small, this.bridge)
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const failure = (promise: Promise<unknown>): Promise<ContractError> =>
  promise.then(
    () => expect.unreachable('must fail'),
    (error: unknown) => error as ContractError,
  )

describe('calls', () => {
  it('answers a value, or the value of a Result', async () => {
    expect(await new Fixture().client.call('double', { n: 21 })).toEqual({ n: 42 })
    const withResult = new Fixture({ double: ({ n }) => ok({ n: n + 1 }) })
    expect(await withResult.client.call('double', { n: 1 })).toEqual({ n: 2 })
  })

  it("carries an expected error's five fields, returned or thrown", async () => {
    const error = new AgentError('CONFIG_SYNTAX', 'cpu.conf', { data: { line: 3 } })
    const throwing = (): never => {
      throw error
    }
    for (const double of [() => err(error), throwing]) {
      const { client, bugs } = new Fixture({ double })
      const got = await failure(client.call('double', { n: 1 }))
      expect(got).toBeInstanceOf(ContractError)
      const { code, message, hint, retriable, data } = got
      expect({ code, message, hint, retriable, data }).toEqual(error.info())
      expect(bugs).toEqual([])
    }
  })

  it("gives a bug's text without its stack and tells the agent", async () => {
    const thrown = new TypeError('x is undefined')
    const { client, bugs } = new Fixture({
      double: () => {
        throw thrown
      },
    })
    const got = await failure(client.call('double', { n: 1 }))
    expect(got.code).toBe('KERNEL_BUG')
    expect(got.message).toBe('Unexpected error: x is undefined')
    expect(bugs).toEqual([thrown])
  })

  it('refuses bad arguments and bad replies by path, at both ends', async () => {
    const { client, bridge } = new Fixture({ double: () => ({ n: 'two' }) as never })
    const args = await failure(client.call('double', { n: 'one' } as never))
    expect([args.code, args.message]).toEqual([
      'CONSOLE_BAD_ARGUMENTS',
      expect.stringContaining('double: n: '),
    ])
    expect(bridge.sent).toEqual([])
    const reply = await failure(client.call('double', { n: 1 }))
    expect([reply.code, reply.message]).toEqual(['CONSOLE_BAD_REPLY', expect.stringContaining('double: n: ')])
  })

  it('cancels at both ends when the signal aborts', async () => {
    const aborted = vi.fn<() => void>()
    const { client } = new Fixture({
      slow: (_args, { signal }) => {
        signal.addEventListener('abort', aborted)
        return new Promise<number>(() => {})
      },
    })
    const controller = new AbortController()
    const call = failure(client.call('slow', {}, { signal: controller.signal }))
    await settle()
    controller.abort()
    expect((await call).code).toBe('KERNEL_CANCELLED')
    await settle()
    expect(aborted).toHaveBeenCalledOnce()
    const late = await failure(client.call('slow', {}, { signal: controller.signal }))
    expect(late.code).toBe('KERNEL_CANCELLED')
  })

  it('fails pending and new calls while there is no connection', async () => {
    const { client, bridge } = new Fixture()
    const pending = failure(client.call('slow', {}))
    await settle()
    bridge.setConnected(false)
    expect((await pending).code).toBe('CONSOLE_DISCONNECTED')
    expect((await failure(client.call('double', { n: 1 }))).retriable).toBe(true)
    bridge.setConnected(true)
    expect(await client.call('double', { n: 1 })).toEqual({ n: 2 })
  })
})

describe('streams', () => {
  it('delivers every event of a listener that keeps up and closes at both ends', async () => {
    const { client, emitState, disposed } = new Fixture()
    const seen: number[] = []
    const subscription = client.listen('state', {}, { onEvent: (n) => seen.push(n) })
    await settle()
    for (let n = 0; n < 20; n++) {
      emitState[0]!(n)
      await settle()
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => n))
    subscription.dispose()
    await settle()
    emitState[0]!(99)
    await settle()
    expect(seen).not.toContain(99)
    expect(disposed).toEqual(['state'])
  })

  it('coalesces state and counts what was skipped while there is no credit', async () => {
    const { client, emitState } = new Fixture()
    const seen: [number, number][] = []
    client.listen('state', {}, { onEvent: (n, lost) => seen.push([n, lost]) })
    await settle()
    // All within one turn: the console cannot grant between them.
    for (let n = 1; n <= 10; n++) emitState[0]!(n)
    await settle()
    expect(seen).toEqual([
      [1, 0],
      [2, 0],
      [10, 7],
    ])
  })

  it('drops records beyond the credit and says how many', async () => {
    const { client, emitRecord } = new Fixture()
    const seen: [number, number][] = []
    client.listen('records', { from: 0 }, { onEvent: ({ n }, lost) => seen.push([n, lost]) })
    await settle()
    for (let n = 0; n < 100; n++) emitRecord[0]!({ n })
    await settle()
    emitRecord[0]!({ n: 100 })
    await settle()
    expect(seen.length).toBe(65)
    expect(seen.at(-1)).toEqual([100, 36])
  })

  it('opens again after a reconnect and not after its end', async () => {
    const { client, bridge, emitState, emitRecord, disposed } = new Fixture()
    const seen: number[] = []
    client.listen('state', {}, { onEvent: (n) => seen.push(n) })
    client.listen('records', { from: 0 }, { onEvent: () => {} }).dispose()
    await settle()
    bridge.setConnected(false)
    await settle()
    expect(disposed).toContain('state')
    emitState[0]!(1)
    bridge.setConnected(true)
    await settle()
    emitState[1]!(2)
    await settle()
    expect(seen).toEqual([2])
    expect(emitRecord.length).toBe(1)
  })

  it('opens with the connection when there is none yet', async () => {
    const { client, bridge, emitState } = new Fixture()
    bridge.setConnected(false)
    client.listen('state', {}, { onEvent: () => {} })
    await settle()
    expect(emitState.length).toBe(0)
    bridge.setConnected(true)
    await settle()
    expect(emitState.length).toBe(1)
  })

  it('ends with the error of a handler that throws, ends, or sends what does not fit', async () => {
    const ended: (string | undefined)[] = []
    const onEnd = (error?: ContractError): void => void ended.push(error?.code)
    const disposed = vi.fn<() => void>()
    const closable = { dispose: disposed }
    const handlers: ContractHandlers<Small>['state'][] = [
      () => {
        throw new AgentError('STORE_FAILED')
      },
      (_args, _emit, { end }) => {
        end()
        return closable
      },
      (_args, emit) => {
        emit('text' as never)
        return closable
      },
    ]
    for (const state of handlers) {
      new Fixture({ state }).client.listen('state', {}, { onEvent: () => {}, onEnd })
      await settle()
    }
    expect(ended).toEqual(['STORE_FAILED', undefined, 'CONSOLE_BAD_REPLY'])
    expect(disposed).toHaveBeenCalledTimes(2)
  })

  it('ends unknown streams and bad arguments without asking the agent', async () => {
    const { client, bridge } = new Fixture()
    const ended: (string | undefined)[] = []
    const listener = { onEvent: () => {}, onEnd: (error?: ContractError) => void ended.push(error?.code) }
    client.listen('nothing' as never, {} as never, listener)
    client.listen('records', {} as never, listener)
    await settle()
    expect(ended).toEqual(['CONSOLE_UNKNOWN_METHOD', 'CONSOLE_BAD_ARGUMENTS'])
    expect(bridge.sent).toEqual([])
  })

  it("keeps the agent alive when a stream's dispose throws", async () => {
    const { client, bugs } = new Fixture({
      state: () => ({
        dispose: () => {
          throw new Error('cannot close')
        },
      }),
    })
    const subscription = client.listen('state', {}, { onEvent: () => {} })
    await settle()
    subscription.dispose()
    await settle()
    expect(bugs).toEqual([new Error('cannot close')])
  })
})

const serveSmall = (): { sent: ToConsole[]; session: ReturnType<typeof serve> } => {
  const sent: ToConsole[] = []
  const handlers: ContractHandlers<Small> = {
    double: ({ n }) => ({ n: n * 2 }),
    slow: () => 1,
    state: () => ({ dispose: () => {} }),
    records: () => ({ dispose: () => {} }),
  }
  return { sent, session: serve<Small>(small, handlers, (message) => sent.push(message)) }
}

describe('the agent’s end', () => {
  it('names an unknown method, also those that every object has', async () => {
    const { sent, session } = serveSmall()
    session.receive({ t: 'call', id: 1, method: 'nope', args: {} })
    session.receive({ t: 'call', id: 2, method: 'constructor', args: {} })
    session.receive({ t: 'open', id: 3, stream: '__proto__', args: {}, credit: 1 })
    await settle()
    expect(sent.map((m) => ('error' in m ? m.error?.code : m.t))).toEqual(
      Array.from({ length: 3 }, () => 'CONSOLE_UNKNOWN_METHOD'),
    )
  })

  it('ignores what is no message and answers nothing after dispose', async () => {
    const { sent, session } = serveSmall()
    const broken = [null, 'call', { t: 'call' }, { t: 'credit', id: 1, n: -5 }, { t: 'open', id: 0 }, []]
    for (const message of broken) session.receive(message)
    session.receive({ t: 'call', id: 1, method: 'double', args: { n: 1 } })
    await session.dispose()
    session.receive({ t: 'call', id: 2, method: 'double', args: { n: 1 } })
    await settle()
    expect(sent).toEqual([])
  })
})

it("mirrors the kernel's error table", () => {
  for (const [code, entry] of Object.entries(CONTRACT_ERRORS)) {
    const { message, hint, retriable } = ERROR_CODES[code as keyof typeof CONTRACT_ERRORS]
    expect(entry).toEqual({ code, message, hint, retriable })
  }
})
