// Quotes text as Go's %q does, which is how warns and errors of points name keys and values.
const NAMED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
}

// What Go calls printable: letters, marks, numbers, punctuation, symbols, and the ASCII space.
const ODD = /["\\]|(?! )[^\p{L}\p{M}\p{N}\p{P}\p{S}]/gu

/** The text in double quotes; unprintable characters and bytes that are no UTF-8 are escaped. */
export const goQuote = (text: string): string => `"${text.replace(ODD, escaped)}"`

function escaped(character: string): string {
  const named = NAMED[character]
  if (named !== undefined) return named
  const code = character.codePointAt(0)!
  // A byte that is no UTF-8 (text.ts), a control character, or a rune.
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
  if (code >= 0xd800 && code <= 0xdfff) return '�'
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}
