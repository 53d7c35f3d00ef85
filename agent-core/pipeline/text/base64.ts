// Base64 as Go's standard encoding reads it: padded, line breaks ignored, strict about everything else.
import { bytesText } from '../../point/text.ts'

/** The decoded text, or the offset of the byte where the input stops being base64. */
export function decodeBase64(text: string): string | number {
  const plain = text.replaceAll(/[\r\n]/g, '')
  const bad = /[^A-Za-z0-9+/=]/.exec(text.replaceAll(/[\r\n]/g, 'A'))
  if (bad) return bad.index
  const padding = plain.indexOf('=')
  const digits = padding < 0 ? plain.length : padding
  const wanted = [0, -1, 2, 1][digits % 4]!
  if (plain.length - digits !== wanted || !/^=*$/.test(plain.slice(digits)))
    return (
      Math.floor(digits / 4) * 4 + (digits % 4 === 0 ? 0 : Math.min(digits % 4, 4)) * (padding < 0 ? 0 : 1)
    )
  return bytesText(Buffer.from(plain, 'base64'))
}
