// decode: another text encoding.
import iconv from 'iconv-lite'
import { textBytes } from '../../point/text.ts'
import { pathText } from '../language/ast.ts'
import { MISSING } from '../language/point-view.ts'
import { valueText } from '../language/value.ts'
import { defineFunction } from './define-function.ts'

/** Names as scripts write them. Plain utf-8 has never been one of them; in single quotes it is. */
const ENCODINGS: Readonly<Record<string, string>> = {
  gbk: 'gbk',
  gb18030: 'gb18030',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
  "'gbk'": 'gbk',
  "'gb18030'": 'gb18030',
  "'utf-16le'": 'utf-16le',
  "'utf-16be'": 'utf-16be',
  "'utf-8'": 'utf-8',
}

export const decode = defineFunction({
  name: 'decode',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'encoding', kind: 'value' },
  ],
  doc: {
    en: 'Decodes the bytes of a key from gbk, gb18030, utf-16le or utf-16be; any other name does nothing.',
    zh: '将键的字节按 gbk、gb18030、utf-16le 或 utf-16be 解码；其他名称不做任何事。',
  },
  examples: [{ script: 'decode(v, "gbk")', fields: { v: 'plain' }, expect: { v: 'plain' } }],
  check(call) {
    const key = call.key(0)
    const node = call.args[1]!
    if (node.type === 'StringLiteral') return { key, encoding: node.value as string, named: undefined }
    if (node.type !== 'Identifier' && node.type !== 'AttrExpr')
      return call.fail(`expect AttrExpr, Identifier or StringLiteral, got ${node.type}`, 1)
    return { key, encoding: '', named: call.keyOf(pathText(node)) }
  },
  run(frame, { key, encoding, named }) {
    const name = named?.read(frame) ?? encoding
    const found = key.read(frame)
    if (found === MISSING || found === undefined || name === MISSING) return undefined
    const codec = ENCODINGS[valueText(name)]
    if (codec === undefined) return undefined
    const bytes = textBytes(valueText(found))
    frame.view.write(key.id, decodeText(bytes, codec))
    return undefined
  },
})

function decodeText(bytes: Buffer, codec: string): string {
  // The platform's decoder shows every bad unit as U+FFFD; iconv drops an odd byte at the end.
  if (codec.startsWith('utf')) return new TextDecoder(codec, { ignoreBOM: true }).decode(bytes)
  return iconv.decode(bytes, codec, { stripBOM: false })
}
