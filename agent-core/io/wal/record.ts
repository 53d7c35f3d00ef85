// One WAL record. Little-endian:
//
//   magic u32 | length u32 | crc u32 | points u32 | time f64 (ms, when appended) | meta length u32 | meta | payload
//
// `length` counts meta and payload; `crc` is CRC-32 over everything behind it. The payload is a fragment of PBPoints:
// concatenated fragments are a valid PBPoints. The magic lets a reader find the next record after a damaged one.
import { crc32 } from 'node:zlib'

export const MAGIC = 0x31574b44
export const HEADER_BYTES = 28
/** Longest record that is believed: a larger length can only be damage. */
export const MAX_RECORD_BYTES = 256 * 1024 * 1024
const CRC_FROM = 12

export interface RecordHeader {
  readonly length: number
  readonly crc: number
  readonly points: number
  /** ms since the Unix epoch when the record was appended. */
  readonly time: number
  readonly metaLength: number
}

export interface RecordExtent {
  /** Position of the record in the log, and of the one behind it. */
  readonly offset: number
  readonly next: number
  readonly points: number
}

export interface WalRecord extends RecordExtent {
  readonly time: number
  /** Short text that travels with the payload: request headers, the DataWay's answer. */
  readonly meta: string
  readonly payload: Buffer
}

/** The parts of a record, ready for writev: the payload is not copied. */
export function encodeRecord(payload: Uint8Array, points: number, time: number, meta: string): Uint8Array[] {
  const metaLength = meta === '' ? 0 : Buffer.byteLength(meta)
  const head = Buffer.allocUnsafe(HEADER_BYTES + metaLength)
  head.writeUInt32LE(MAGIC, 0)
  head.writeUInt32LE(metaLength + payload.length, 4)
  head.writeUInt32LE(points, 12)
  head.writeDoubleLE(time, 16)
  head.writeUInt32LE(metaLength, 24)
  if (metaLength > 0) head.write(meta, HEADER_BYTES)
  head.writeUInt32LE(crc32(payload, crc32(head.subarray(CRC_FROM))), 8)
  return [head, payload]
}

/** Reads a header; undefined when it cannot be one. */
export function decodeHeader(bytes: Buffer, at = 0): RecordHeader | undefined {
  if (bytes.length - at < HEADER_BYTES || bytes.readUInt32LE(at) !== MAGIC) return undefined
  const length = bytes.readUInt32LE(at + 4)
  const metaLength = bytes.readUInt32LE(at + 24)
  if (length > MAX_RECORD_BYTES || metaLength > length) return undefined
  return {
    length,
    crc: bytes.readUInt32LE(at + 8),
    points: bytes.readUInt32LE(at + 12),
    time: bytes.readDoubleLE(at + 16),
    metaLength,
  }
}

/** The record at `at` of bytes whose first byte stands at `base` in the log; undefined when damaged or cut. */
export function decodeRecord(bytes: Buffer, at: number, base: number): WalRecord | undefined {
  const header = decodeHeader(bytes, at)
  if (!header) return undefined
  const end = at + HEADER_BYTES + header.length
  if (end > bytes.length || crc32(bytes.subarray(at + CRC_FROM, end)) !== header.crc) return undefined
  const metaEnd = at + HEADER_BYTES + header.metaLength
  return {
    offset: base + at,
    next: base + end,
    points: header.points,
    time: header.time,
    meta: header.metaLength === 0 ? '' : bytes.toString('utf8', at + HEADER_BYTES, metaEnd),
    payload: bytes.subarray(metaEnd, end),
  }
}

/** Where the next magic stands at or behind `from`; -1 when there is none. */
export function findMagic(bytes: Buffer, from: number): number {
  return bytes.indexOf('DKW1', from, 'latin1')
}
