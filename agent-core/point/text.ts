// Text that need not be UTF-8. Points carry bytes that people call text: a limit may cut inside a character and a
// sender may use another encoding. A byte that is no valid UTF-8 stands in a string as the lone surrogate
// U+DC00 + byte (U+DC80 to U+DCFF), so every byte sequence survives decode and encode unchanged.
import { isAscii, isUtf8 } from 'node:buffer'

const ESCAPE = 0xdc00

/**
 * Length of a text in a hot place. V8 has a hidden class for each way it keeps a string (sequential, sliced, cons,
 * internalized, of one or two bytes): where all come by, `.length` is a lookup; of the sum it knows that it is a string.
 */
export const lengthOf = (text: string): number => ('' + text).length

/** Bytes as text; exact for any input: `textBytes(bytesText(b))` equals b. */
export function bytesText(bytes: Buffer, start = 0, end: number = bytes.length): string {
  const text = bytes.toString(undefined, start, end)
  // The decoder puts U+FFFD where it fails, but U+FFFD may also be what was sent.
  if (!text.includes('\ufffd')) return text
  return isUtf8(bytes.subarray(start, end)) ? text : escapedText(bytes, start, end)
}

function escapedText(bytes: Buffer, start: number, end: number): string {
  let text = ''
  let valid = start
  let at = start
  while (at < end) {
    const length = sequenceLength(bytes, at, end)
    if (length > 0) {
      at += length
      continue
    }
    text += bytes.toString(undefined, valid, at) + String.fromCharCode(ESCAPE + bytes[at]!)
    valid = ++at
  }
  return text + bytes.toString(undefined, valid, end)
}

/** Length of the valid UTF-8 sequence at a place, 0 when there is none (RFC 3629 table of well-formed sequences). */
function sequenceLength(bytes: Buffer, at: number, end: number): number {
  const lead = bytes[at]!
  if (lead < 0x80) return 1
  const length = lead >= 0xf5 || lead < 0xc2 ? 0 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
  if (length === 0 || at + length > end) return 0
  const second = bytes[at + 1]!
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  if (second < low || second > high) return 0
  for (let i = 2; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0
  return length
}

/** Text as bytes, escaped bytes as themselves; any other lone surrogate becomes U+FFFD. */
export function textBytes(text: string): Buffer {
  return text.isWellFormed() ? Buffer.from(text, 'utf8') : unescapedBytes(text)
}

function unescapedBytes(text: string): Buffer {
  const out = Buffer.allocUnsafe(text.length * 3)
  let length = 0
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0xd800 && unit <= 0xdbff && isLow(text.charCodeAt(at + 1))) at++
    else if (unit >= 0xdc80 && unit <= 0xdcff) {
      length += out.write(text.slice(from, at), length, 'utf8')
      out[length++] = unit - ESCAPE
      from = at + 1
    }
  }
  length += out.write(text.slice(from), length, 'utf8')
  return out.subarray(0, length)
}

const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff

/** Bytes of a text as `textBytes` writes it. */
export function textByteLength(text: string): number {
  const length = Buffer.byteLength(text, 'utf8')
  return length === text.length || text.isWellFormed() ? length : unescapedBytes(text).length
}

/** True when the text takes more than `limit` bytes; cheap for the usual short text. */
export function exceedsBytes(text: string, limit: number): boolean {
  if (text.length * 3 <= limit) return false
  return text.length > limit || textByteLength(text) > limit
}

/** The first `limit` bytes of a text; a cut inside a character leaves its bytes escaped. */
export function cutText(text: string, limit: number): string {
  return exceedsBytes(text, limit) ? bytesText(textBytes(text), 0, limit) : text
}

/** True for bytes that are one character each, so that offsets in text and bytes agree. */
export const isPlainAscii = (bytes: Uint8Array): boolean => isAscii(bytes)

/** Order of the bytes, which for characters beyond the BMP is not that of UTF-16. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // Below the surrogates the order is the same, and ASCII stands before all else.
    const same = (x < 0xd800 && y < 0xd800) || x < 0x80 || y < 0x80
    return same ? x - y : Buffer.compare(textBytes(a), textBytes(b))
  }
  return a.length - b.length
}
