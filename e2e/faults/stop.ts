// A clean stop loses nothing, whether the DataWay takes data or not; refused bodies are accounted for.
import { startDataway } from '../fixtures/dataway.ts'
import { agent, check, difference, numbered, until, type FaultCase } from './case.ts'
import { arrivals } from './kill.ts'

export const cleanStop: FaultCase = {
  name: 'a clean stop loses 0',
  async run({ short }) {
    const rounds = short ? 3 : 10
    const dataway = await startDataway()
    const running = await agent({ urls: [dataway.url] })
    try {
      for (let round = 0; round < rounds; round++) {
        dataway.otherwise = round % 2 === 0 ? 503 : 200
        for (let body = 0; body < 10; body++) {
          const from = (round * 10 + body) * 100
          check((await running.post(numbered(from, from + 100))) === 200, 'a write was not answered 200')
        }
        await running.process.end('SIGINT')
        await running.start()
      }
      dataway.otherwise = 200
      await until('all points arrive', () => arrivals(dataway.points()).size === rounds * 1000)
      const extra = [...arrivals(dataway.points()).values()].filter((n) => n > 1).length
      check(extra === 0, `${extra} points arrived twice`)
      return `${rounds} stops, ${rounds * 1000} points, 0 lost, 0 twice`
    } finally {
      await running.dispose()
      await dataway.close()
    }
  },
}

export const refusals: FaultCase = {
  name: 'refused bodies are dead letters, the ledger balances',
  async run() {
    const dataway = await startDataway()
    dataway.script(400, 403, 200, 404)
    const running = await agent({ urls: [dataway.url] })
    try {
      for (let body = 0; body < 20; body++) {
        check(
          (await running.post(numbered(body * 100, body * 100 + 100))) === 200,
          'a write was not answered 200',
        )
        if (body < 4) await until('a write', () => dataway.writes.length > body)
      }
      await until('nothing is pending', async () => (await running.ledger())['pending'] === 0)
      const ledger = await running.ledger()
      check(difference(ledger) === 0, `the ledger is off: ${JSON.stringify(ledger)}`)
      check(
        ledger['dropped_dead_letter'] === 300 && ledger['sent'] === 1700,
        `expected 300 dead letters and 1700 sent: ${JSON.stringify(ledger)}`,
      )
      return '300 of 2000 points refused and kept'
    } finally {
      await running.dispose()
      await dataway.close()
    }
  },
}
