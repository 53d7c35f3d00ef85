// Operators on any operands. Compiled code calls these only when both sides are not small integers.
import { bytesText, textBytes } from '../../point/text.ts'
import { ScriptFault } from './fault.ts'
import type { Source } from './source.ts'
import { Float, Opaque, deepEqual, truthy, typeName, valueText, wrapInt, type Value } from './value.ts'

/** Where an operator stands: its faults name it. */
export interface OperatorPlace {
  readonly operator: string
  readonly source: Source
  readonly at: number
  /** How faults name it when that differs: `+=`. */
  readonly shown?: string
}

const fail = (place: OperatorPlace, message: string): never => {
  throw new ScriptFault(message, place.source, place.at)
}

type Operand = number | bigint | Float | string | boolean
/** What goes by the type int but is none counts as 0. */
const plain = (value: Value): Value =>
  value instanceof Opaque ? (value.type === 'int' ? 0 : valueText(value)) : value
const isOperand = (value: Value): value is Operand =>
  value instanceof Float || (typeof value !== 'object' && value !== undefined)

const integerOf = (value: number | bigint | boolean): bigint => BigInt(value)
const floatOf = (value: Exclude<Operand, string>): number =>
  value instanceof Float ? value.value : Number(value)

/** `+ - * / %`. */
export function arithmetic(place: OperatorPlace, left: Value, right: Value): Value {
  const a = plain(left)
  const b = plain(right)
  if (!isOperand(a)) return fail(place, `unsupported lhs data type: ${typeName(a)}`)
  if (!isOperand(b)) return fail(place, `unsupported rhs data type: ${typeName(b)}`)
  if (typeof a === 'string' || typeof b === 'string') {
    if (place.operator === '+' && typeof a === 'string' && typeof b === 'string') return concatenate(a, b)
    const operator = place.shown ?? place.operator
    return fail(place, `unsupported operand type(s) for ${operator}: ${typeName(a)} and ${typeName(b)}`)
  }
  if (a instanceof Float || b instanceof Float) return floatArithmetic(place, floatOf(a), floatOf(b))
  return intArithmetic(place, integerOf(a), integerOf(b))
}

function intArithmetic(place: OperatorPlace, a: bigint, b: bigint): Value {
  switch (place.operator) {
    case '+':
      return wrapInt(a + b)
    case '-':
      return wrapInt(a - b)
    case '*':
      return wrapInt(a * b)
    case '/':
      return b === 0n ? fail(place, 'integer division by zero') : wrapInt(a / b)
    default:
      return b === 0n ? fail(place, 'integer modulo by zero') : wrapInt(a % b)
  }
}

function floatArithmetic(place: OperatorPlace, a: number, b: number): Value {
  switch (place.operator) {
    case '+':
      return new Float(a + b)
    case '-':
      return new Float(a - b)
    case '*':
      return new Float(a * b)
    case '/':
      return b === 0 ? fail(place, 'float division by zero') : new Float(a / b)
    default:
      return fail(place, 'float does not support modulo operations')
  }
}

const isEscapedByte = (unit: number): boolean => unit >= 0xdc80 && unit <= 0xdcff

/** Joins texts as their bytes join: bytes that make a character together become it. */
export function concatenate(a: string, b: string): string {
  const joined = a + b
  if (a === '' || !isEscapedByte(b.charCodeAt(0)) || !isEscapedByte(a.charCodeAt(a.length - 1))) return joined
  return bytesText(textBytes(joined))
}

/** `== !=`: int, float and bool compare as float64; other kinds only equal their own. */
export function equal(left: Value, right: Value): boolean {
  const a = plain(left)
  const b = plain(right)
  switch (typeof a) {
    case 'string':
      return a === b
    case 'number':
    case 'bigint':
    case 'boolean':
      return numericEqual(Number(a), b)
    case 'undefined':
      // A void result equals nil, but not the other way round.
      return b === undefined || b === null
    default:
      if (a === null) return b === null
      return a instanceof Float ? numericEqual(a.value, b) : deepEqual(a, b)
  }
}

function numericEqual(a: number, b: Value): boolean {
  if (b instanceof Float) return a === b.value
  return (typeof b === 'number' || typeof b === 'bigint' || typeof b === 'boolean') && a === Number(b)
}

/** `< <= > >=`: int with int exactly, otherwise as float64. */
export function compare(place: OperatorPlace, left: Value, right: Value): boolean {
  const a = plain(left)
  const b = plain(right)
  if (!isNumeric(a) || !isNumeric(b)) return fail(place, 'not compareable')
  if (a instanceof Float || b instanceof Float) return ordered(place.operator, floatOf(a), floatOf(b))
  return ordered(place.operator, integerOf(a), integerOf(b))
}

const isNumeric = (value: Value): value is number | bigint | boolean | Float =>
  typeof value === 'number' ||
  typeof value === 'bigint' ||
  typeof value === 'boolean' ||
  value instanceof Float

function ordered(operator: string, a: number | bigint, b: number | bigint): boolean {
  switch (operator) {
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    default:
      return a >= b
  }
}

/** `&&` and `||` when one side is no bool. */
export function logicFault(place: OperatorPlace, a: Value, b: Value): never {
  if (!isNumeric(a) || !isNumeric(b)) return fail(place, 'not compareable')
  return fail(place, `unsupported operand type(s) for ${place.operator}: ${typeName(a)} and ${typeName(b)}`)
}

/** `in`: substring, key of a map, or member of a list with types. */
export function contains(place: OperatorPlace, left: Value, right: Value): boolean {
  const a = plain(left)
  const b = plain(right)
  if (typeof b === 'string' || b instanceof Map) {
    if (typeof a !== 'string') return fail(place, `unsupported lhs data type: ${typeName(a)}`)
    return typeof b === 'string' ? b.includes(a) : b.has(a)
  }
  const member = left === undefined ? null : left
  if (Array.isArray(b)) return b.some((item) => deepEqual(item, member))
  return fail(place, `unsupported rhs data type: ${typeName(b)}`)
}

/** `- + !`. */
export function unary(place: OperatorPlace, operand: Value): Value {
  const value = plain(operand)
  if (place.operator === '!') return !truthy(value)
  const negative = place.operator === '-'
  if (value instanceof Float) return negative ? new Float(-value.value) : value
  if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'boolean')
    return fail(place, `unsuppored operand type for unary op ${place.operator}: *ast.UnaryExpr`)
  return wrapInt(negative ? -integerOf(value) : integerOf(value))
}
