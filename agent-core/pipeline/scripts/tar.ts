// Plain files in a tar: 512-byte header (name at 0, size in octal at 124, checksum at 148, type at 156), then the data
// padded to 512; two empty blocks end it.

const BLOCK = 512

export function packTar(files: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = []
  for (const [name, data] of files) {
    const header = Buffer.alloc(BLOCK)
    header.write(name.slice(0, 100), 0)
    header.write('0000644\0', 100)
    header.write('0000000\0', 108)
    header.write('0000000\0', 116)
    header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124)
    header.write('00000000000\0', 136)
    header.write(' '.repeat(8), 148)
    header.write('0', 156)
    header.write('ustar\x0000', 257)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    parts.push(header, data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK))
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

/** Regular files only; what breaks off is left out. */
export function unpackTar(tar: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const text = (from: number, to: number): string => {
      const raw = tar.toString('utf8', at + from, at + to)
      const end = raw.indexOf('\0')
      return end < 0 ? raw : raw.slice(0, end)
    }
    const size = Number.parseInt(text(124, 136), 8) || 0
    const type = text(156, 157)
    const data = tar.subarray(at + BLOCK, at + BLOCK + size)
    if ((type === '0' || type === '') && data.length === size) files.set(text(0, 100), data)
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return files
}
