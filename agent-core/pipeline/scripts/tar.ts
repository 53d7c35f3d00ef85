// Plain files in a tar: 512-byte header (name at 0, size in octal at 124, checksum at 148, type at 156), then the data
// padded to 512; two empty blocks end it. A name beyond 100 bytes stands before its file: as data of type L (written,
// GNU), or as the record `<length> path=<name>\n` of type x (POSIX, as Go writes it).

const BLOCK = 512
const NAME_BYTES = 100

export function packTar(files: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = []
  for (const [name, data] of files) {
    const bytes = Buffer.from(name)
    if (bytes.length > NAME_BYTES)
      parts.push(...entry('././@LongLink', 'L', Buffer.concat([bytes, Buffer.of(0)])))
    parts.push(...entry(bytes.subarray(0, NAME_BYTES), '0', data))
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

function entry(name: Buffer | string, type: string, data: Buffer): Buffer[] {
  const header = Buffer.alloc(BLOCK)
  header.set(Buffer.from(name), 0)
  header.write('0000644\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write(' '.repeat(8), 148)
  header.write(type, 156)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return [header, data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)]
}

/** Regular files only; what breaks off is left out. */
export function unpackTar(tar: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  let longName: string | undefined
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const header = tar.subarray(at, at + BLOCK)
    const size = Number.parseInt(text(header.subarray(124, 136)), 8) || 0
    const type = text(header.subarray(156, 157))
    const data = tar.subarray(at + BLOCK, at + BLOCK + size)
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
    if (data.length < size) break
    if (type === 'L') longName = text(data)
    else if (type === 'x') longName = paxPath(data) ?? longName
    else {
      if (type === '0' || type === '') files.set(longName ?? text(header.subarray(0, NAME_BYTES)), data)
      longName = undefined
    }
  }
  return files
}

function text(raw: Buffer): string {
  const end = raw.indexOf(0)
  return raw.toString('utf8', 0, end < 0 ? raw.length : end)
}

/** Records are told apart by their length in bytes, which counts itself. */
function paxPath(records: Buffer): string | undefined {
  let path: string | undefined
  for (let at = 0; at < records.length;) {
    const length = Number.parseInt(records.toString('latin1', at, at + 20), 10)
    if (!(length > 0)) break
    const [, value] = /^\d+ path=([^]*)\n$/.exec(records.toString('utf8', at, at + length)) ?? []
    path = value ?? path
    at += length
  }
  return path
}
