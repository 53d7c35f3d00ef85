// Lanes as commands use them: nobody waits for what is told about them.
import { systemClock } from '../kernel/clock.ts'
import { silentLogger } from '../kernel/logger.ts'
import { LanePool, type LanePoolParts } from '../pipeline/lanes/lane-pool.ts'
import { EMPTY_CONTEXT, type ScriptContext } from '../pipeline/scripts/script.ts'

export const commandLanes = (
  parts: Pick<LanePoolParts, 'lanes' | 'budgetMs' | 'ask'>,
  context: ScriptContext = EMPTY_CONTEXT,
): LanePool =>
  new LanePool(
    {
      ...parts,
      clock: systemClock,
      log: silentLogger,
      onCreated: () => {},
      onBreach: () => {},
      onFilterBreach: () => {},
      onStateLost: () => {},
      onHeld: () => {},
    },
    context,
  )
