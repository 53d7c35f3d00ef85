// What compiled code runs on: a frame a script (its variables) and a session a point (what the run decided about it).
import { isWide } from '../../kernel/re2.ts'
import type { Point } from '../../point/point.ts'
import type { Category } from '../../point/category.ts'
import type { Environment, ScriptState } from '../environment.ts'
import { JsonMemo } from '../json/json-value.ts'
import type { Found, PointView } from './point-view.ts'
import type { Value } from './value.ts'

/** Why a block ended early. */
export const Signal = { none: 0, break: 1, continue: 2, exit: 3 } as const

export interface CreatedPoint {
  readonly category: Category
  readonly point: Point
}

/** One point on its way through a script and those it uses. */
export interface Session {
  readonly environment: Environment
  /** Cache, windows and buckets of the script that was called; absent in points that scripts create. */
  readonly state: ScriptState | undefined
  readonly category: Category
  dropped: boolean
  statusMapping: boolean
  /** In order of creation. */
  created: (CreatedPoint & { readonly dropped: boolean })[]
  /** Stream key of the context window that this run registered, and whether it was hit. */
  window: string | undefined
  windowHit: boolean
}

export class Frame {
  readonly slots: Found[]
  view!: PointView
  session!: Session
  signal = 0
  readonly json = new JsonMemo()
  #text = ''
  #wide = false
  trace: TraceHook | undefined

  constructor(slots: number) {
    this.slots = Array.from({ length: slots }, () => undefined)
  }

  /** `isWide` of a text, remembered for the last one: a script asks many patterns about one message. */
  wide(text: string): boolean {
    if (text !== this.#text) {
      this.#text = text
      this.#wide = isWide(text)
    }
    return this.#wide
  }
}

export type Evaluate = (frame: Frame) => Value
export type Execute = (frame: Frame) => void

export interface TraceStep {
  readonly file: string
  readonly from: number
  readonly to: number
  readonly line: number
  /** The value that an assignment stored or a lone expression gave. */
  readonly value: Value
  /** The variable it went to. */
  readonly variable: string | undefined
  readonly elapsedMs: number
}

/** Called after every statement of a script compiled with `trace`. */
export type TraceHook = (step: TraceStep) => void
