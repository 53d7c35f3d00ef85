// The time that all charts point at, shared without going through the page's own rendering.
import { inject, provide, shallowRef, type InjectionKey, type ShallowRef } from 'vue'

export interface Cursor {
  /** Under the pointer, or where the keys went; null while nothing is pointed at. */
  readonly time: ShallowRef<number | null>
  /** Set when keys moved it: then each chart moves its crosshair. The pointer's crosshairs move by themselves. */
  readonly keyed: ShallowRef<number | null>
}
const cursorKey: InjectionKey<Cursor> = Symbol('chart cursor')

export function provideCursor(): Cursor {
  const cursor: Cursor = { time: shallowRef(null), keyed: shallowRef(null) }
  provide(cursorKey, cursor)
  return cursor
}

/** A chart that stands alone has a cursor of its own, which its parts share. */
export const useCursor = (): Cursor => inject(cursorKey, undefined) ?? provideCursor()
