// What a script keeps between points, made anew when the script is loaded.
import type { Clock } from '../../kernel/clock.ts'
import type { ScriptState } from '../environment.ts'
import { AggregationBuckets } from './aggregation.ts'
import { ScriptCache } from './cache.ts'
import { ContextWindows } from './window.ts'

export function newScriptState(
  clock: Pick<Clock, 'now' | 'nowNs'>,
  hostTags?: ReadonlyMap<string, string>,
): ScriptState {
  return {
    cache: new ScriptCache(clock),
    windows: new ContextWindows(),
    aggregation: new AggregationBuckets(clock, hostTags),
  }
}
