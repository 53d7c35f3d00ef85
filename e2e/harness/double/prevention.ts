// Events that a listener may prevent.
import type { EventEmitter } from 'node:events'

/** Emits `name` with an Electron-like event first; true when a listener prevented it. */
export function emitPreventable(
  emitter: EventEmitter,
  name: string,
  facts: Readonly<Record<string, unknown>> = {},
  ...rest: unknown[]
): boolean {
  let prevented = false
  const event = {
    ...facts,
    get defaultPrevented() {
      return prevented
    },
    preventDefault() {
      prevented = true
    },
  }
  emitter.emit(name, event, ...rest)
  return prevented
}
