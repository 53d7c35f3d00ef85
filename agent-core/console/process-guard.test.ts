import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { silentLogger } from '../kernel/logger.ts'
import { guardProcess } from './process-guard.ts'

it('gives collectors their own errors and the host the rest', () => {
  const source = new EventEmitter() as unknown as NodeJS.Process
  const defects: unknown[] = []
  const guard = guardProcess(
    { claim: (thrown) => thrown === 'of a collector', log: silentLogger },
    (thrown) => defects.push(thrown),
    source,
  )
  source.emit('uncaughtException', 'of a collector' as unknown as Error)
  source.emit('unhandledRejection', 'of the agent', Promise.resolve())
  expect(defects).toEqual(['of the agent'])
  guard.dispose()
  expect(source.listenerCount('uncaughtException') + source.listenerCount('unhandledRejection')).toBe(0)
})
