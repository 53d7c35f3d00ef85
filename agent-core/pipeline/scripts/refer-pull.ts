// Reference tables from their address: tried up to four times, 1 s apart and doubling to 15 s.
import type { Clock } from '../../kernel/clock.ts'
import { errorText } from '../../kernel/errors.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { readReferTables, type ReferTableDocument } from '../state/refer-tables.ts'

const TIMEOUT_MS = 60_000
const RETRIES = 3
const FIRST_WAIT_MS = 1000
const MOST_WAIT_MS = 15_000

/** The documents, checked; an error never holds the address, which may carry a password. */
export async function pullReferTables(
  url: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<readonly ReferTableDocument[], string>> {
  let failure = ''
  for (let attempt = 0; attempt <= RETRIES && !signal.aborted; attempt++) {
    if (attempt > 0)
      await clock.sleep(Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)), signal).catch(() => {})
    if (signal.aborted) break
    const body = await ask(url, clock, signal)
    if (body.ok) return check(body.value)
    failure = `the reference tables: ${body.error}`
  }
  return err(failure)
}

/** One try, the whole answer within its time. */
async function ask(url: string, clock: Clock, signal: AbortSignal): Promise<Result<unknown, string>> {
  const late = new AbortController()
  const timer = clock.after(TIMEOUT_MS, () => late.abort())
  try {
    const { address, headers } = withoutCredentials(url)
    const answer = await fetch(address, { headers, signal: AbortSignal.any([signal, late.signal]) })
    if (!answer.ok) {
      await answer.body?.cancel()
      return err(`status ${answer.status}`)
    }
    return ok(await answer.json())
  } catch (error) {
    if (late.signal.aborted) return err(`no answer within ${TIMEOUT_MS / 1000} s`)
    return err(error instanceof SyntaxError ? 'the answer is not JSON' : reasonOf(error))
  } finally {
    timer.dispose()
  }
}

/** fetch takes no address with a name and a password in it. */
function withoutCredentials(url: string): { address: URL; headers: Record<string, string> } {
  const address = new URL(url)
  const { username, password } = address
  if (username === '' && password === '') return { address, headers: {} }
  address.username = address.password = ''
  const pair = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
  return { address, headers: { authorization: `Basic ${pair.toString('base64')}` } }
}

/** fetch says only "fetch failed", the cause says why; neither may show the address. */
function reasonOf(error: unknown): string {
  const { code } = ((error as { cause?: unknown }).cause ?? {}) as { code?: unknown }
  if (typeof code === 'string') return code
  return error instanceof TypeError ? 'the address cannot be asked' : errorText(error)
}

function check(body: unknown): Result<readonly ReferTableDocument[], string> {
  if (!Array.isArray(body) || !body.every(isDocument))
    return err('the reference tables are no list of tables')
  const tables = readReferTables(body)
  return tables.ok ? ok(body) : err(`the reference tables: ${tables.error}`)
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
