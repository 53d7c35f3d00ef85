// What happened to the agent: "what changed" on the Overview and the marks on the charts. Kept in memory and, so that a
// chart of two weeks shows its restarts, one JSON line an event in data/events.jsonl.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from './kernel/clock.ts'
import { maskSecrets } from './kernel/secrets.ts'

export interface AgentEvent {
  readonly time: number
  /** A key of the locale files under `event.` */
  readonly kind: string
  readonly params: Readonly<Record<string, string | number>>
  readonly severity: 'info' | 'warning' | 'error'
}

const KEEP = 1000

export class EventLog {
  #events: AgentEvent[] = []
  #lines = 0
  readonly #clock: Clock
  readonly #file: string | undefined
  /** Called for each new event. */
  onEvent: ((event: AgentEvent) => void) | undefined

  /** @param file where events stay; undefined = memory only. A file that cannot be read or written only costs history. */
  constructor(clock: Clock, file?: string) {
    this.#clock = clock
    this.#file = file
    this.#events = file ? readEvents(file) : []
    this.#lines = this.#events.length
  }

  add(
    kind: string,
    params: Readonly<Record<string, string | number>> = {},
    severity: AgentEvent['severity'] = 'info',
  ): void {
    this.push({ time: this.#clock.now(), kind, params, severity })
  }

  push(raw: AgentEvent): void {
    const event = { ...raw, params: masked(raw.params) }
    this.#events.push(event)
    if (this.#events.length > KEEP) this.#events.splice(0, this.#events.length - KEEP)
    this.#write(event)
    this.onEvent?.(event)
  }

  /** Newest first. */
  recent(count: number): AgentEvent[] {
    return this.#events.slice(-count).toReversed()
  }

  between(from: number, to: number): AgentEvent[] {
    return this.#events.filter((e) => e.time >= from && e.time <= to)
  }

  #write(event: AgentEvent): void {
    if (!this.#file) return
    try {
      mkdirSync(dirname(this.#file), { recursive: true })
      if (this.#lines >= 2 * KEEP) {
        writeFileSync(this.#file, this.#events.map((e) => `${JSON.stringify(e)}\n`).join(''))
        this.#lines = this.#events.length
      } else {
        appendFileSync(this.#file, `${JSON.stringify(event)}\n`)
        this.#lines++
      }
    } catch {
      // History of events is a comfort: a full disk is already reported by what must be kept.
    }
  }
}

/** Events go to the console and to a file: a message may quote an address with its token. */
function masked(params: AgentEvent['params']): AgentEvent['params'] {
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [
      key,
      typeof value === 'string' ? maskSecrets(value) : value,
    ]),
  )
}

function readEvents(file: string): AgentEvent[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return []
  }
  return text
    .split('\n')
    .flatMap((line) => parseEvent(line))
    .slice(-KEEP)
}

function parseEvent(line: string): AgentEvent[] {
  try {
    const event = JSON.parse(line) as Partial<AgentEvent> | null
    if (typeof event?.time !== 'number' || typeof event.kind !== 'string' || !event.params) return []
    return [{ time: event.time, kind: event.kind, params: event.params, severity: event.severity ?? 'info' }]
  } catch {
    return []
  }
}
