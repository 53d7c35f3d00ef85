// POST /v1/datakit/usage_trace every 5 minutes: what this agent is and runs (spec points-io-http.md section 3).
import type { Clock } from '../../kernel/clock.ts'
import type { DatawayClient } from './client.ts'
import { repeat } from './repeat.ts'

/** Members as the DataWay names them; undefined ones are left out. */
export type UsageTrace = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

const INTERVAL_MS = 300_000

/** Reports until the signal aborts. Never rejects: nobody waits for this, and the call counters show its failures. */
export async function reportUsage(
  client: DatawayClient,
  trace: () => UsageTrace,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  await repeat(clock, signal, async () => {
    await client
      .call('/v1/datakit/usage_trace', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...trace(), token: client.endpoint.token }),
        signal,
      })
      .catch(() => {})
    return INTERVAL_MS
  })
}
