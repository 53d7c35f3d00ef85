// Variables to slots. Assigning overwrites the nearest variable of that name, else it makes one in the innermost
// block; whether a name exists in a block may depend on the run, so a read may have several slots to look at. A
// variable that is certainly set (`definite`) ends the search, which leaves one slot for nearly every script.
import { MISSING } from './point-view.ts'
import type { Expanded } from '../grok/grok.ts'
import type { Execute, Frame } from './frame.ts'

interface Variable {
  readonly slot: number
  definite: boolean
}

export class SlotCount {
  value = 0
}

export class Scope {
  readonly parent: Scope | undefined
  readonly #slots: SlotCount
  readonly #variables = new Map<string, Variable>()
  /** grok patterns added in this block. */
  readonly patterns = new Map<string, Expanded>()

  constructor(parent: Scope | undefined, slots: SlotCount) {
    this.parent = parent
    this.#slots = slots
  }

  child(): Scope {
    return new Scope(this, this.#slots)
  }

  /** Slots that may hold a variable, innermost first; the last one certainly does when `definite`. */
  candidates(name: string): { readonly slots: number[]; readonly definite: boolean } {
    const own = this.#variables.get(name)
    if (own?.definite) return { slots: [own.slot], definite: true }
    const outer = this.parent?.candidates(name) ?? { slots: [], definite: false }
    return own ? { slots: [own.slot, ...outer.slots], definite: outer.definite } : outer
  }

  /** The slot of a variable in this very block. */
  declare(name: string, definite: boolean): number {
    let variable = this.#variables.get(name)
    if (!variable) {
      variable = { slot: this.#slots.value++, definite }
      this.#variables.set(name, variable)
    }
    return variable.slot
  }

  pattern(name: string): Expanded | undefined {
    return this.patterns.get(name) ?? this.parent?.pattern(name)
  }

  /** Slots that must be emptied when the block starts. */
  get resets(): number[] {
    return [...this.#variables.values()].filter((v) => !v.definite).map((v) => v.slot)
  }
}

/** Empties the block's slots before it runs. */
export function withResets(scope: Scope, run: Execute): Execute {
  const slots = scope.resets
  if (slots.length === 0) return run
  return (frame: Frame) => {
    for (const slot of slots) frame.slots[slot] = MISSING
    run(frame)
  }
}
