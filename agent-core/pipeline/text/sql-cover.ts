// SQL with its literals hidden, tokens joined by one blank, as DataDog's obfuscator writes it with default options.

type Kind = 'word' | 'quoted' | 'literal' | 'symbol'

interface Token {
  readonly kind: Kind
  readonly text: string
}

// Dots, stars and dollars belong to a name: `t.*` is one word.
const NAME = String.raw`[A-Za-z_@\u0080-\uffff][\w.*$#@\u0080-\uffff]*`
const TOKEN = new RegExp(
  [
    String.raw`(?<blank>\s+)`,
    String.raw`(?<comment>--[^\n]*|#[^\n>-][^\n]*|/\*[^]*?\*/)`,
    // Strings, dollar strings, {escapes}, numbers (a minus right before a digit is theirs), $1, ?, %s and %(name)s.
    String.raw`(?<literal>'(?:[^'\\]|\\[^]|'')*'|\$(?<tag>\w*)\$[^]*?\$\k<tag>\$|\{[^}]*\}|-?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|\$\d+|\?|%(?:\(\w+\))?[A-Za-z])`,
    String.raw`(?<quoted>"(?:[^"\\]|\\[^]|"")*"|${'`'}(?:[^${'`'}]|${'``'})*${'`'})`,
    String.raw`(?<bind>:[A-Za-z_]\w*)`,
    String.raw`(?<word>${NAME})`,
    String.raw`(?<symbol><=>|->>|->|#>>|#>|@>|<@|\|\||<=|>=|<>|!=|::|:=|&&|!~\*|!~|~\*|[^])`,
  ].join('|'),
  'gy',
)

const LITERALS = new Set(['NULL', 'TRUE', 'FALSE'])

/** The text covered, or undefined when it cannot be read (it stays as it is then). */
export function coverSql(text: string): string | undefined {
  const tokens = tokenize(text)
  return tokens && write(tokens)
}

function tokenize(text: string): Token[] | undefined {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const g = match.groups!
    if (g['blank'] !== undefined || g['comment'] !== undefined) continue
    const [whole] = match
    if (g['literal'] !== undefined) tokens.push({ kind: 'literal', text: '?' })
    else if (g['quoted'] !== undefined) tokens.push({ kind: 'quoted', text: whole.slice(1, -1) })
    else if (g['word'] !== undefined && LITERALS.has(whole.toUpperCase()))
      tokens.push({ kind: 'literal', text: '?' })
    else if (g['word'] !== undefined || g['bind'] !== undefined) tokens.push({ kind: 'word', text: whole })
    else if (/['"`]/.test(whole)) return undefined
    else tokens.push({ kind: 'symbol', text: whole })
  }
  return tokens
}

function write(tokens: readonly Token[]): string {
  const out: string[] = []
  // Once a `?` stands, further values and commas say nothing new until another word or operator comes.
  let grouped = false
  // Groups behind a first one, as in VALUES ( ? ), ( ? ), go whole.
  let groups = 0
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!
    const previous = tokens[i - 1]
    if (token.text === ';' && token.kind === 'symbol') continue
    if (token.kind === 'word' && token.text.toUpperCase() === 'AS') {
      // An alias goes with its AS, whatever it is.
      i++
      continue
    }
    const covered =
      token.kind === 'literal' ||
      (token.kind === 'quoted' && previous?.text === '=') ||
      (previous?.kind === 'word' && previous.text.toUpperCase() === 'SAVEPOINT')
    if (covered) {
      if (!grouped) out.push('?')
      if (previous?.text === '(' && groups === 0) groups = 1
      grouped = true
    } else if (token.text === ',' && grouped) continue
    else if (token.text === '(' && groups > 0 && grouped && skipGroup(tokens, i) > i) i = skipGroup(tokens, i)
    else {
      if (token.text !== '(' && token.text !== ')') {
        grouped = false
        groups = 0
      }
      out.push(token.text)
    }
  }
  return join(out)
}

/** The closing parenthesis of a group, or its opening one when it holds more than values. */
function skipGroup(tokens: readonly Token[], open: number): number {
  let at = open + 1
  while (tokens[at]?.kind === 'literal' || tokens[at]?.text === ',') at++
  return tokens[at]?.text === ')' ? at : open
}

function join(parts: readonly string[]): string {
  let text = ''
  for (const part of parts) text += part === ',' || text === '' ? part : ` ${part}`
  return text
}
