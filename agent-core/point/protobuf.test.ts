import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyPoint } from './arbitrary.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { Kind, keyValue, makePoint, tag, type Element } from './point.ts'
import { decodePoints } from './protobuf-decode.ts'
import { appendPoint, encodePoints, pointSize } from './protobuf.ts'
import { bytesText, compareText, textByteLength, textBytes } from './text.ts'

const int = (value: number): Element => ({ kind: Kind.int, value })

describe('protobuf v2', () => {
  it('writes the bytes that the Go agent writes', () => {
    const point = makePoint(
      'z',
      [
        keyValue('i', Kind.int, 0),
        keyValue('b', Kind.bool, false),
        keyValue('s', Kind.string, ''),
        tag('t', ''),
        keyValue('arr', Kind.array, [int(1), int(-1)]),
        keyValue('d', Kind.bytes, Uint8Array.of(1)),
      ],
      1n,
    )
    expect(encodePoints([point]).toString('hex')).toBe(
      '0a680a017a12050a0169100012050a0162280012050a01735a0012070a017440015a00123b0a036172723a340a1f747970652e676f6f' +
        '676c65617069732e636f6d2f706f696e742e417272617912110a0208010a0b08ffffffffffffffffff0112060a01643201011801',
    )
  })

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.array(anyPoint, { maxLength: 4 }), (points) => {
        const bytes = encodePoints(points)
        const back = decodePoints(bytes)
        if (!back.ok) throw back.error
        expect(encodePoints(back.value)).toEqual(bytes)
        expect(back.value.map((p) => p.time)).toEqual(points.map((p) => p.time))
        expect(back.value.map((p) => p.kvs.length)).toEqual(points.map((p) => p.kvs.length))
      }),
    )
  })

  it('writes fragments that concatenate to a whole message', () => {
    fc.assert(
      fc.property(fc.array(anyPoint, { maxLength: 4 }), (points) => {
        const parts = points.map((point) => {
          const out = new ByteBuffer(16)
          appendPoint(out, point)
          return out.copy()
        })
        expect(Buffer.concat(parts)).toEqual(encodePoints(points))
      }),
    )
  })

  it('answers any bytes with a result', () => {
    const mutated = fc
      .tuple(
        fc.array(anyPoint, { maxLength: 2 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      )
      .map(([points, edits]) => {
        const bytes = Buffer.from(encodePoints(points))
        for (const [at, value] of edits) if (bytes.length > 0) bytes[at % bytes.length] = value
        return bytes
      })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
        const points = decodePoints(bytes)
        const said = points.ok ? `: ${encodePoints(points.value).length}` : points.error.message
        expect(said).toMatch(/: ./)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['0a7f01', 'unexpected EOF'],
    ['0001', 'proto: PBPoints: illegal tag 0 (wire type 0)'],
    ['0a060a016d1a0178', 'proto: wrong wireType = 2 for field Time'],
    ['0c', 'proto: PBPoints: wiretype end group for non-group'],
    ['0a80808080808080808001', 'proto: negative length found during unmarshaling'],
    ['ffffffffffffffffffffff01', 'proto: integer overflow'],
    ['0a0712050a016b4001', 'tag "k" has no string value'],
  ])('refuses %s: %s', (hex, reason) => {
    const points = decodePoints(Buffer.from(hex, 'hex'))
    expect(points.ok ? '' : points.error.message).toBe(`invalid protobuf point: ${reason}`)
  })

  it('counts the size that body limits are measured in', () => {
    const point = makePoint(
      'cpu',
      [tag('host', 'a'), { ...keyValue('n', Kind.int, 1), unit: 'ms' }, keyValue('s', Kind.string, 'é')],
      1n,
    )
    point.warns.push({ type: 'w', message: 'msg' })
    expect(pointSize(point)).toBe(3 + (4 + 13 + 1) + (1 + 13 + 2 + 8) + (1 + 13 + 2) + 4)
  })
})

describe('text', () => {
  it('has the order of its bytes', () => {
    const byte = fc.constantFrom(0, 0x41, 0x7f, 0x80, 0x85, 0xa8, 0xc3, 0xe2, 0xe4, 0xed, 0xee, 0xf0, 0xff)
    const chunk = fc.oneof(
      fc
        .constantFrom('a', 'é', '\u2028', '中', '\ud7ff', '\ue000', '\uffff', '😀')
        .map((s) => Buffer.from(s)),
      byte.map((b) => Buffer.of(b)),
    )
    const bytes = fc.array(chunk, { maxLength: 4 }).map((chunks) => Buffer.concat(chunks))
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(compareText(bytesText(a), bytesText(b)))).toBe(Buffer.compare(a, b))
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps every byte sequence', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (input) => {
        const bytes = Buffer.from(input)
        const text = bytesText(bytes)
        expect(textBytes(text)).toEqual(bytes)
        expect(textByteLength(text)).toBe(bytes.length)
      }),
      { numRuns: 2000 },
    )
  })

  it('writes other lone surrogates as U+FFFD', () => {
    expect(textBytes('a\ud800b\udc00').toString()).toBe('a\ufffdb\ufffd')
  })
})
