// A store that writes until it is killed, and prints each round once it is committed.
import { writeSync } from 'node:fs'
import { Kind, keyValue, makePoint } from '../../point/point.ts'
import { encodePoints } from '../../point/protobuf.ts'
import { StoreEngine } from '../engine.ts'
import { DEFAULT_LIMITS } from '../limits.ts'

const start = Date.UTC(2026, 0, 1)
const engine = new StoreEngine({ path: process.argv[2]!, limits: DEFAULT_LIMITS })
for (let round = 0; ; round++) {
  const now = start + round * 10_000
  const point = makePoint('cpu', [keyValue('usage', Kind.int, round)], BigInt(now) * 1_000_000n)
  engine.batch(now, [{ category: 'metric', source: 'cpu', count: 1, bytes: encodePoints([point]) }])
  if (round % 60 === 0) engine.maintain(now, round * 10_000)
  writeSync(1, `${round}\n`)
}
