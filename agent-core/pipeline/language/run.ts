// A compiled script on a point, and what follows a run: status, time, created points, the context window.
import { lowerRunes } from '../text/space.ts'
import type { Category } from '../../point/category.ts'
import { Kind, keyValue, lookup, type Point } from '../../point/point.ts'
import type { Environment, ScriptState } from '../environment.ts'
import type { CompiledScript } from './compile.ts'
import { ScriptFault, type ScriptError } from './fault.ts'
import { kvValue } from './point-value.ts'
import type { CreatedPoint, Frame, Session, TraceHook } from './frame.ts'

export interface RunOutcome {
  /** The script said so and ended well. The point is changed in place either way. */
  readonly dropped: boolean
  readonly error?: ScriptError
  /** Points that the script made and did not drop, then points that its context window released. */
  readonly created: readonly CreatedPoint[]
  readonly released: readonly Point[]
}

export interface RunOptions {
  readonly category: Category
  readonly environment: Environment
  readonly state?: ScriptState
  readonly trace?: TraceHook
}

const NOTHING: readonly never[] = []
const KEPT: RunOutcome = { dropped: false, created: NOTHING, released: NOTHING }
const DROPPED: RunOutcome = { dropped: true, created: NOTHING, released: NOTHING }

/**
 * Runs a script on a point, which it changes in place. A runtime error keeps the changes made so far and undoes a drop;
 * status mapping, the `time` key, created points and the window only follow a run without error.
 */
export function runScript(script: CompiledScript, point: Point, options: RunOptions): RunOutcome {
  const { category, state } = options
  const session = newSession(options)
  const error = execute(script, point, session, options.trace)
  if (error) return { dropped: false, error, created: NOTHING, released: NOTHING }
  if (category === 'logging' && session.statusMapping) mapStatus(point)
  promoteTime(point)
  for (const created of session.created) promoteTime(created.point)
  const released =
    state && session.window !== undefined
      ? state.windows.after(session.window, session.windowHit, session.dropped, point)
      : NOTHING
  // Nearly every run ends in one of two ways, which need no object of their own.
  if (session.created.length === 0 && released.length === 0) return session.dropped ? DROPPED : KEPT
  const created = session.created.filter((c) => !c.dropped)
  return { dropped: session.dropped, created, released }
}

export function newSession({ category, environment, state }: RunOptions): Session {
  return {
    environment,
    state,
    category,
    dropped: false,
    statusMapping: true,
    created: [],
    window: undefined,
    windowHit: false,
  }
}

function execute(
  script: CompiledScript,
  point: Point,
  session: Session,
  trace: TraceHook | undefined,
): ScriptError | undefined {
  const view = script.set.acquire()
  view.bind(point)
  try {
    enter(script, view, session, trace)
    return undefined
  } catch (fault) {
    if (fault instanceof ScriptFault) return fault.error()
    // A value that holds itself, or outgrows what the engine can hold, is the script's doing: its point alone goes on.
    if (fault instanceof RangeError) return outOfRange(script, fault)
    throw fault
  } finally {
    script.set.release(view)
  }
}

const outOfRange = ({ name }: CompiledScript, { message }: RangeError): ScriptError => ({
  message: `a value is too large or holds itself: ${message}`,
  chain: [{ file: name, line: 1, column: 1, offset: 0 }],
})

/** Runs a script on a view that another script has, with variables of its own. Faults pass through. */
export function enter(
  script: CompiledScript,
  view: Frame['view'],
  session: Session,
  trace: TraceHook | undefined,
): void {
  const { frame } = script
  frame.view = view
  frame.session = session
  frame.signal = 0
  frame.trace = trace
  script.execute(frame)
}

const STATUS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    f: 'emerg',
    emerg: 'emerg',
    a: 'alert',
    alert: 'alert',
    c: 'critical',
    critical: 'critical',
    e: 'error',
    error: 'error',
    w: 'warning',
    warn: 'warning',
    warning: 'warning',
    n: 'notice',
    notice: 'notice',
    i: 'info',
    info: 'info',
    d: 'debug',
    debug: 'debug',
    trace: 'debug',
    verbose: 'debug',
    o: 'OK',
    s: 'OK',
    ok: 'OK',
  }),
)

/** Status of a log in the product's own words; it stays a tag if it was one. */
function mapStatus(point: Point): void {
  const kv = lookup(point, 'status')
  if (!kv) {
    point.kvs.push(keyValue('status', Kind.string, 'info'))
    return
  }
  const given = kv.kind === Kind.string ? (kv.value as string) : kvValue(kv)
  const text = typeof given === 'string' ? lowerRunes(given) : ''
  kv.kind = Kind.string
  kv.value = text === '' ? 'info' : (STATUS.get(text) ?? text)
}

/** The key `time` becomes the point's time when it is an int other than 0; it goes away in every case. */
export function promoteTime(point: Point): void {
  const at = point.kvs.findIndex((kv) => kv.key === 'time')
  if (at < 0) return
  const [kv] = point.kvs.splice(at, 1)
  if (kv!.isTag || (kv!.kind !== Kind.int && kv!.kind !== Kind.uint)) return
  const time = BigInt(kvValue(kv!) as number | bigint)
  if (time !== 0n) point.time = time
}
