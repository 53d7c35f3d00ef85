// Reference tables from their address: tried up to four times, 1 s apart and doubling to 15 s.
import type { Clock } from '../../kernel/clock.ts'
import { AgentError, errorText } from '../../kernel/errors.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { createReferTables, type ReferTableDocument } from '../state/refer-tables.ts'

const TIMEOUT_MS = 60_000
const RETRIES = 3
const FIRST_WAIT_MS = 1000
const MOST_WAIT_MS = 15_000

/** The documents, checked; an error never holds the address, which may carry a password. */
export async function pullReferTables(
  url: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<readonly ReferTableDocument[]>> {
  let failure = ''
  for (let attempt = 0; attempt <= RETRIES && !signal.aborted; attempt++) {
    if (attempt > 0)
      await clock.sleep(Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)), signal).catch(() => {})
    try {
      const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) })
      if (!answer.ok) failure = `the reference tables answered ${answer.status}`
      else return check(await answer.json())
    } catch (error) {
      failure = `the reference tables: ${errorText(error)}`
    }
  }
  return err(new AgentError('PIPELINE_REMOTE', failure))
}

function check(body: unknown): Result<readonly ReferTableDocument[]> {
  if (!Array.isArray(body) || !body.every(isDocument))
    return err(new AgentError('PIPELINE_REMOTE', 'the reference tables are no list of tables'))
  const tables = createReferTables(body)
  return tables.ok ? ok(body) : err(new AgentError('PIPELINE_REMOTE', tables.error))
}

const isDocument = (table: unknown): table is ReferTableDocument => {
  const {
    table_name: name,
    column_name: names,
    column_type: types,
    row_data: rows,
  } = (table ?? {}) as Record<string, unknown>
  return (
    typeof name === 'string' &&
    Array.isArray(names) &&
    Array.isArray(types) &&
    Array.isArray(rows) &&
    rows.every(Array.isArray)
  )
}
