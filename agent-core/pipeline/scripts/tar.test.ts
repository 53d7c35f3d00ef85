import fc from 'fast-check'
import { expect, it } from 'vitest'
import { packTar, unpackTar } from './tar.ts'

it('gives files back, with names of any length and script', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 120 })
    .filter((text) => !text.includes('\0') && text.isWellFormed())
  const data = fc.uint8Array({ maxLength: 1100 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(fc.dictionary(name, data, { maxKeys: 5, noNullPrototype: true }), (files) => {
      const packed = new Map(Object.entries(files))
      expect(unpackTar(packTar(packed))).toEqual(packed)
    }),
  )
})

it('reads the long names that Go writes, and leaves out what breaks off', () => {
  const long = `logging/${'名'.repeat(60)}.p`
  const record = (length: number): string => `${length} path=${long}\n`
  const length = Buffer.byteLength(record(100))
  const pax = packTar(new Map([['pax', Buffer.from(`11 mtime=1\n${record(length)}`)]]))
  pax.write('x', 156)
  const file = packTar(new Map([['cut', Buffer.from('text')]]))
  const tar = Buffer.concat([pax.subarray(0, -1024), file])
  expect(unpackTar(tar)).toEqual(new Map([[long, Buffer.from('text')]]))
  expect(unpackTar(tar.subarray(0, tar.length - 1024 - 510))).toEqual(new Map())
})
