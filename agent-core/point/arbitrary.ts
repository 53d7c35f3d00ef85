// Random points for property tests (fast-check); nothing else imports this.
import * as fc from 'fast-check'
import { Kind, integer, type Element, type KeyValue, type Point } from './point.ts'
import { bytesText } from './text.ts'

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }

/** Text as senders produce it: ASCII with the characters that codecs escape, Unicode, and bytes that are no UTF-8. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.stringMatching(/^[a-z_.]{0,12}$/),
  fc.string({ unit: fc.constantFrom(...'ab1,= "\\\n#t[]ié汉🙂') }),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => bytesText(Buffer.from(bytes))),
  fc.integer({ min: 100, max: 20_000 }).map((n) => 'x'.repeat(n)),
)

const int = fc
  .oneof(fc.bigInt(INT64), fc.bigInt({ min: -200n, max: 200n }), fc.constantFrom(INT64.min, INT64.max))
  .map((v): Element => ({ kind: Kind.int, value: integer(v) }))
const uint = fc
  .bigInt({ min: 0n, max: 2n ** 64n - 1n })
  .map((v): Element => ({ kind: Kind.uint, value: integer(v) }))
const float = fc.double().map((value): Element => ({ kind: Kind.float, value }))
const bool = fc.boolean().map((value): Element => ({ kind: Kind.bool, value }))
const string = anyText.map((value): Element => ({ kind: Kind.string, value }))
const bytes = fc
  .uint8Array({ maxLength: 300 })
  .map((v): Element => ({ kind: Kind.bytes, value: Buffer.from(v) }))
const basics = [int, uint, float, bool, string, bytes]

const anyScalar: fc.Arbitrary<Element> = fc.oneof(...basics)
const nil = fc.constant<Element>({ kind: Kind.nil, value: null })
const array = fc
  .oneof(...basics.map((of) => fc.array(of, { maxLength: 40 })), fc.array(fc.oneof(nil, ...basics)))
  .map((value): Element => ({ kind: Kind.array, value }))
const map = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,4}$/), anyScalar)
  .map((value): Element => ({ kind: Kind.map, value: new Map(Object.entries(value)) }))

const meta = { type: fc.constantFrom(0, 0, 1, 2, 3), unit: fc.constantFrom('', '', 'ms') } as const
const tag = fc.record({
  key: anyText,
  value: anyText,
  kind: fc.constant(Kind.string),
  isTag: fc.constant(true),
  ...meta,
})
const field = fc
  .record({ key: anyText, of: fc.oneof(anyScalar, anyScalar, nil, array, map), ...meta })
  .map(({ of, ...rest }) => Object.assign(rest, of, { isTag: false }))

/** Any point that protobuf can carry, clean or not. */
export const anyPoint: fc.Arbitrary<Point> = fc.record({
  name: anyText,
  kvs: fc.array(fc.oneof(tag, field), { maxLength: 8 }) as fc.Arbitrary<KeyValue[]>,
  time: fc.bigInt(INT64),
  warns: fc.array(fc.record({ type: anyText, message: anyText }), { maxLength: 2 }),
  debugs: fc.array(anyText, { maxLength: 2 }),
})
