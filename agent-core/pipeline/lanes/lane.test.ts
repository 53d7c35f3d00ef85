import { expect, it } from 'vitest'
import { encodePoints } from '../../point/protobuf.ts'
import { EMPTY_CONTEXT } from '../scripts/script.ts'
import { log } from '../testdata/running-pipeline.ts'
import { Lane } from './lane.ts'

it('a lane that ends takes the points of its windows with it, and tells so', async () => {
  const changes: unknown[] = []
  const lane = new Lane(
    'test',
    () => Promise.resolve(undefined),
    (category, change) => void changes.push([category, change]),
  )
  await lane.ready
  const source = 'set_tag(host, "h")\npoint_window(5, 5, ["host"])\ndrop()'
  const script = { category: 'logging', namespace: 'default', name: 'a.p', source, stateful: true } as const
  await lane.call({ call: 'load', context: { ...EMPTY_CONTEXT, version: 1, scripts: [script] } })
  const answer = await lane.call({
    call: 'batch',
    category: 'logging',
    bytes: encodePoints([log('a', 'one'), log('a', 'two')]),
    raw: undefined,
    output: undefined,
    scripts: true,
    map: undefined,
    filter: false,
    correctTo: undefined,
    showPiped: false,
    budgetMs: 5000,
  })
  expect(answer).toMatchObject({ kind: 'value', value: { read: 2, points: 0, dropped: 0, held: 2 } })
  expect(changes).toEqual([])
  await lane.terminate()
  expect(changes).toEqual([['logging', -2]])
})
