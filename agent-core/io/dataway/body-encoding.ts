// The body of a write: protobuf v2 as it lies in the WAL, or line protocol v1 made from it.
import { AgentError } from '../../kernel/errors.ts'
import { encodeLineProtocol } from '../../point/line-protocol.ts'
import { decodePoints } from '../../point/protobuf-decode.ts'

export interface EncodedBody {
  /** Empty when no point could be encoded. */
  readonly body: Uint8Array
  /** Points that this encoding cannot carry: left out. */
  readonly invalid: number
}

export interface BodyEncoding {
  readonly contentType: string
  /** From concatenated PBPoints fragments to the body. Throws POINT_ENCODE when they are none. */
  encode(fragments: Uint8Array): EncodedBody
}

const V2: BodyEncoding = {
  contentType: 'application/protobuf; proto=com.guance.Point',
  encode: (fragments) => ({ body: fragments, invalid: 0 }),
}

const V1: BodyEncoding = {
  contentType: 'application/line-protocol',
  encode(fragments) {
    const points = decodePoints(fragments)
    if (!points.ok) throw new AgentError('POINT_ENCODE', points.error.message)
    const { body, count, refused } = encodeLineProtocol(points.value)
    return { body: count === 0 ? Buffer.alloc(0) : body, invalid: refused.length }
  },
}

export const bodyEncoding = (encoding: 'v1' | 'v2'): BodyEncoding => (encoding === 'v1' ? V1 : V2)
