// Closures for binary operators, specialised by the shape of their operands: a variable or anything else on the left,
// a small integer constant or anything else on the right. Integers are plain numbers, so the fast path is a type check
// and a range check; everything else goes to arithmetic.ts.
import { arithmetic, compare, equal, type OperatorPlace } from './arithmetic.ts'
import type { Evaluate, Frame } from './frame.ts'
import type { Value } from './value.ts'

const MAX = Number.MAX_SAFE_INTEGER

/** An operand: `slot` when it is a variable that is certainly set, `constant` when it is a small integer. */
export interface Operand {
  readonly evaluate: Evaluate
  readonly slot?: number | undefined
  readonly constant?: number | undefined
}

type Build = (place: OperatorPlace, a: Operand, b: Operand) => Evaluate
export type Test = (frame: Frame) => boolean
type BuildTest = (place: OperatorPlace, a: Operand, b: Operand) => Test

const inRange = (value: number): boolean => value <= MAX && value >= -MAX

const add: Build = (place, { evaluate: left, slot }, { evaluate: right, constant }) => {
  if (constant !== undefined && slot !== undefined)
    return (f) => {
      const a = f.slots[slot] as Value
      if (typeof a === 'number') {
        const sum = a + constant
        if (inRange(sum)) return sum
      }
      return arithmetic(place, a, constant)
    }
  if (slot !== undefined)
    return (f) => {
      // The left side is read first: the right side may assign it.
      const a = f.slots[slot] as Value
      const b = right(f)
      if (typeof a === 'number' && typeof b === 'number') {
        const sum = a + b
        if (inRange(sum)) return sum
      }
      return arithmetic(place, a, b)
    }
  return (f) => {
    const a = left(f)
    const b = right(f)
    if (typeof a === 'number' && typeof b === 'number') {
      const sum = a + b
      if (inRange(sum)) return sum
    }
    return arithmetic(place, a, b)
  }
}

const subtract: Build = (place, { evaluate: left, slot }, { evaluate: right, constant }) => {
  if (constant !== undefined && slot !== undefined)
    return (f) => {
      const a = f.slots[slot] as Value
      if (typeof a === 'number') {
        const difference = a - constant
        if (inRange(difference)) return difference
      }
      return arithmetic(place, a, constant)
    }
  return (f) => {
    const a = left(f)
    const b = right(f)
    if (typeof a === 'number' && typeof b === 'number') {
      const difference = a - b
      if (inRange(difference)) return difference
    }
    return arithmetic(place, a, b)
  }
}

const multiply: Build = (place, { evaluate: left, slot }, { evaluate: right, constant }) => {
  if (constant !== undefined && slot !== undefined)
    return (f) => {
      const a = f.slots[slot] as Value
      if (typeof a === 'number') {
        // `+ 0` turns -0, which no int is, into 0.
        const product = a * constant + 0
        if (inRange(product)) return product
      }
      return arithmetic(place, a, constant)
    }
  return (f) => {
    const a = left(f)
    const b = right(f)
    if (typeof a === 'number' && typeof b === 'number') {
      const product = a * b + 0
      if (inRange(product)) return product
    }
    return arithmetic(place, a, b)
  }
}

const divide: Build =
  (place, { evaluate: left }, { evaluate: right }) =>
  (f) => {
    const a = left(f)
    const b = right(f)
    if (typeof a === 'number' && typeof b === 'number' && b !== 0) return (a - (a % b)) / b + 0
    return arithmetic(place, a, b)
  }

const modulo: Build = (place, { evaluate: left }, { evaluate: right, constant }) => {
  if (constant !== undefined && constant !== 0)
    return (f) => {
      const a = left(f)
      return typeof a === 'number' ? (a % constant) + 0 : arithmetic(place, a, constant)
    }
  return (f) => {
    const a = left(f)
    const b = right(f)
    if (typeof a === 'number' && typeof b === 'number' && b !== 0) return (a % b) + 0
    return arithmetic(place, a, b)
  }
}

export const ARITHMETIC: Readonly<Record<string, Build>> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': modulo,
}

const less: BuildTest = (place, { evaluate: left, slot }, { evaluate: right, constant }) => {
  if (constant !== undefined && slot !== undefined)
    return (f) => {
      const a = f.slots[slot] as Value
      return typeof a === 'number' ? a < constant : compare(place, a, constant)
    }
  return (f) => {
    const a = left(f)
    const b = right(f)
    return typeof a === 'number' && typeof b === 'number' ? a < b : compare(place, a, b)
  }
}

const lessOrEqual: BuildTest =
  (place, { evaluate: left }, { evaluate: right }) =>
  (f) => {
    const a = left(f)
    const b = right(f)
    return typeof a === 'number' && typeof b === 'number' ? a <= b : compare(place, a, b)
  }

const greater: BuildTest = (place, { evaluate: left, slot }, { evaluate: right, constant }) => {
  if (constant !== undefined && slot !== undefined)
    return (f) => {
      const a = f.slots[slot] as Value
      return typeof a === 'number' ? a > constant : compare(place, a, constant)
    }
  return (f) => {
    const a = left(f)
    const b = right(f)
    return typeof a === 'number' && typeof b === 'number' ? a > b : compare(place, a, b)
  }
}

const greaterOrEqual: BuildTest =
  (place, { evaluate: left }, { evaluate: right }) =>
  (f) => {
    const a = left(f)
    const b = right(f)
    return typeof a === 'number' && typeof b === 'number' ? a >= b : compare(place, a, b)
  }

const same: BuildTest =
  (_place, { evaluate: left }, { evaluate: right }) =>
  (f) => {
    const a = left(f)
    const b = right(f)
    return typeof a === 'number' && typeof b === 'number' ? a === b : equal(a, b)
  }

const different: BuildTest =
  (_place, { evaluate: left }, { evaluate: right }) =>
  (f) => {
    const a = left(f)
    const b = right(f)
    return typeof a === 'number' && typeof b === 'number' ? a !== b : !equal(a, b)
  }

export const COMPARISON: Readonly<Record<string, BuildTest>> = {
  '<': less,
  '<=': lessOrEqual,
  '>': greater,
  '>=': greaterOrEqual,
  '==': same,
  '!=': different,
}
