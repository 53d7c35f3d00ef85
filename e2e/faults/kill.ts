// 100,000 points over HTTP while the agent is killed at 20 random moments and the DataWay misbehaves: what was answered
// 200 arrives, more than once only as often as something was under way.
import { startDataway, type Behaviour } from '../fixtures/dataway.ts'
import { agent, check, difference, numbered, pause, until, type CaseContext, type FaultCase } from './case.ts'

const BODY = 100
const WRITERS = 4
/** An acknowledged write is on disk as such after this, on a busy machine too. */
const CURSOR_MS = 100

/** How the DataWay answers, with its share. 413 only where there is more than one record to split. */
const FAULTS: readonly (readonly [Behaviour, number])[] = [
  [204, 0.1],
  [408, 0.03],
  [413, 0.05],
  [429, 0.03],
  [500, 0.05],
  [503, 0.05],
  ['reset', 0.03],
  ['truncate', 0.03],
  ['hang', 0.01],
]

export const kill: FaultCase = {
  name: 'SIGKILL at random moments',
  async run(context) {
    const points = context.short ? 20_000 : 100_000
    const kills = context.short ? 3 : 20
    const dataway = await startDataway()
    dataway.answerHeaders = { 'retry-after': '1' }
    dataway.otherwise = ({ points: count }) => {
      let dice = context.random()
      for (const [behaviour, share] of FAULTS) {
        dice -= share
        if (dice < 0) return behaviour === 413 && count < 2 * BODY ? 200 : behaviour
      }
      return 200
    }
    const running = await agent({ urls: [dataway.url] })
    try {
      const sent = await writeThrough(running, points, kills, context)
      dataway.otherwise = 200
      const seen = (): Map<string, number> => arrivals(dataway.points('logging'))
      await until('all points arrive', () => seen().size >= points, 120_000)
      const counts = seen()
      for (let n = 0; n < points; n++)
        check(counts.has(String(n)), `point ${n} was answered 200 and never arrived`)
      const extra = [...counts.values()].reduce((sum, n) => sum + n - 1, 0)
      // What nobody answered was written again; what was acknowledged just before a kill may be sent again.
      const cutOff = dataway.writes.filter(
        ({ status, at }) =>
          status >= 200 && status < 300 && sent.killed.some((kill) => at > kill - CURSOR_MS && at <= kill),
      )
      const bound = cutOff.reduce((sum, { points: { length } }) => sum + length, sent.unanswered * BODY)
      check(extra <= bound, `${extra} duplicates, more than the ${bound} that were under way`)
      await until('the ledger is at rest', async () => (await running.ledger())['pending'] === 0)
      const ledger = await running.ledger()
      check(difference(ledger) === 0, `the ledger is off: ${JSON.stringify(ledger)}`)
      return `${points} points, ${kills} kills, ${dataway.writes.length} writes, ${sent.unanswered} unanswered posts, ${extra} duplicates (bound ${bound})`
    } finally {
      await running.dispose()
      await dataway.close()
    }
  },
}

/** Posts every body until it is answered 200, and kills the agent in between. */
async function writeThrough(
  running: Awaited<ReturnType<typeof agent>>,
  points: number,
  kills: number,
  { random, log }: CaseContext,
): Promise<{ unanswered: number; killed: readonly number[] }> {
  const bodies = points / BODY
  const moments = Array.from({ length: kills }, () => Math.floor(random() * bodies)).toSorted((a, b) => a - b)
  let next = 0
  let answered = 0
  let unanswered = 0
  const killed: number[] = []
  const writer = async (): Promise<void> => {
    while (next < bodies) {
      const body = next++
      for (;;) {
        const status = await running.post(numbered(body * BODY, (body + 1) * BODY)).catch(noAnswer)
        if (status === 200) break
        check(status <= 0 || status === 503, `a write was answered ${status}`)
        if (status === UNANSWERED) unanswered++
        await pause(20)
      }
      answered++
    }
  }
  const killer = async (): Promise<void> => {
    for (const [index, moment] of moments.entries()) {
      await until(`${moment} bodies are answered`, () => answered >= moment, 120_000)
      await pause(random() * 60)
      await running.process.end('SIGKILL')
      killed.push(performance.now())
      log(`kill ${index + 1} of ${kills} after ${answered} bodies`)
      await running.start()
    }
  }
  await Promise.all([killer(), ...Array.from({ length: WRITERS }, writer)])
  return { unanswered, killed }
}

const NOT_SENT = -1
const UNANSWERED = 0

/** A refused connection carried nothing; any other failure leaves open whether the points were kept. */
function noAnswer(error: unknown): number {
  const cause = (error as { cause?: { code?: string } }).cause
  return cause?.code === 'ECONNREFUSED' ? NOT_SENT : UNANSWERED
}

export function arrivals(
  points: readonly { kvs: readonly { key: string; value: unknown }[] }[],
): Map<string, number> {
  const counts = new Map<string, number>()
  for (const point of points) {
    const id = String(point.kvs.find((kv) => kv.key === 'message')?.value)
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return counts
}
