// Fragments of PBPoints, cut without decoding: each point is `0a <length varint> <bytes>`.

/** The points of a fragment, each a fragment of its own (views, not copies). Throws RangeError on damage. */
export function splitFragment(fragment: Uint8Array): Uint8Array[] {
  const points: Uint8Array[] = []
  let at = 0
  while (at < fragment.length) {
    const from = at
    if (fragment[at++] !== 0x0a) throw new RangeError(`no point at byte ${from} of the fragment`)
    let length = 0
    let scale = 1
    for (;;) {
      const byte = fragment[at++]
      if (byte === undefined) throw new RangeError('the fragment ends inside a length')
      length += (byte & 0x7f) * scale
      if (byte < 0x80) break
      scale *= 128
    }
    at += length
    if (at > fragment.length) throw new RangeError('the fragment ends inside a point')
    points.push(fragment.subarray(from, at))
  }
  return points
}

export interface PackedRecord {
  readonly fragment: Uint8Array
  readonly points: number
}

/** Cuts a fragment between points so that no part is longer than `maxBytes`, unless a single point is. */
export function packFragment(fragment: Uint8Array, points: number, maxBytes: number): PackedRecord[] {
  if (fragment.length <= maxBytes) return [{ fragment, points }]
  const records: PackedRecord[] = []
  let from = 0
  let at = 0
  let count = 0
  const close = (): void => {
    if (count > 0) records.push({ fragment: fragment.subarray(from, at), points: count })
    from = at
    count = 0
  }
  for (const point of splitFragment(fragment)) {
    if (at + point.length - from > maxBytes) close()
    at += point.length
    count++
  }
  close()
  return records
}
