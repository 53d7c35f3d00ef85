// Undoes a body's compression within a limit, so that a small bomb cannot fill the memory.
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'

export type Decompressed =
  | { readonly ok: true; readonly body: Buffer }
  | { readonly ok: false; readonly reason: 'unknown' | 'broken' | 'too_large'; readonly message: string }

type Undo = (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>

const CODECS: Readonly<Record<string, Undo>> = {
  gzip: promisify(zlib.gunzip) as Undo,
  // Clients send either form under this name: the wrapped one of the standard, or the bare stream.
  deflate: (body, options) =>
    (promisify(zlib.inflate) as Undo)(body, options).catch((error: unknown) => {
      if ((error as { code?: string }).code !== 'Z_DATA_ERROR') throw error
      return (promisify(zlib.inflateRaw) as Undo)(body, options)
    }),
  br: promisify(zlib.brotliDecompress) as Undo,
  zstd: promisify(zlib.zstdDecompress) as Undo,
}

export async function decompress(body: Buffer, encoding: string, maxBytes: number): Promise<Decompressed> {
  const name = encoding.trim().toLowerCase()
  if (name === '' || name === 'identity') return { ok: true, body }
  const undo = CODECS[name]
  if (!undo)
    return {
      ok: false,
      reason: 'unknown',
      message: `unknown content encoding ${JSON.stringify(encoding.slice(0, 40))}`,
    }
  try {
    return { ok: true, body: await undo(body, { maxOutputLength: maxBytes }) }
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE')
      return {
        ok: false,
        reason: 'too_large',
        message: `the body is longer than ${maxBytes} bytes when unpacked`,
      }
    return { ok: false, reason: 'broken', message: `${name}: ${(error as Error).message}` }
  }
}
