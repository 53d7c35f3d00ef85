// SQL with its literals hidden, tokens joined by one blank, as DataDog's obfuscator writes it with default options.

/**
 * id         a name        query     SELECT, UPDATE, DELETE         keyword   another word with a meaning of its own
 * as, savepoint            what follows goes, or is covered         literal   what is always covered
 * quoted     "text"        comment   dropped                        symbol    itself, by its text
 * covered    a `?`, written or folded into the one before; `open` a parenthesis folded; gone: dropped; alias: in [..]
 */
type Kind =
  | 'id'
  | 'query'
  | 'keyword'
  | 'as'
  | 'savepoint'
  | 'literal'
  | 'quoted'
  | 'comment'
  | 'symbol'
  | 'covered'
  | 'open'
  | 'gone'
  | 'alias'

interface Token {
  readonly kind: Kind
  readonly text: string
}

const BLANK = String.raw`[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`
const LETTER = String.raw`[\p{L}_@#]`

/** One token; `inside` is what may stand in a quoted text besides its own doubled quote. */
function tokenPattern(inside: (quote: string) => string): RegExp {
  const text = (quote: string): string => `${quote}(?:${inside(quote)}|${quote}${quote})*${quote}`
  return new RegExp(
    [
      `(?<blank>${BLANK}+)`,
      // What follows a # belongs to its comment, even the end of the line.
      String.raw`(?<comment>(?:--|//)[^\n]*\n?|#[^]?[^\n]*\n?|/\*[^]*?\*/)`,
      `(?<literal>${text("'")}`,
      String.raw`\$\d[\da-fA-FxX.]*|\$(?<tag>[^$]*)\$[^]*?\$\k<tag>\$`,
      // A minus right before a digit is the number's, and before a > it is one.
      String.raw`-?(?:0[xX][0-9a-fA-F]*|\d+(?:\.\d*)?(?:[eE][+-]?\d*)?|\.\d+(?:[eE][+-]?\d*)?)|-(?=>)`,
      String.raw`\?|%\([^)]*\)${LETTER}|%${LETTER})`,
      `(?<quoted>${text('"')})`,
      `(?<name>${text('`')})`,
      String.raw`(?<bind>:(?:${LETTER}|\d)(?:${LETTER}|[\d.])*)`,
      String.raw`(?<word>[\p{L}_@](?:${LETTER}|[\d.*$])*)`,
      String.raw`(?<symbol>::|:(?==|${BLANK})|~\*?|<=>|<=|<>|>=|!=|!~\*?|!(?=[(${'`'}'"+\-\d]|${BLANK}|${LETTER})|[=,;()+*&|^\[\].<>%{}-]|/(?!\*))`,
    ].join('|'),
    'uy',
  )
}

/** A backslash takes the next character along, or, where that does not work out, is a character like any other. */
const ESCAPED = tokenPattern((quote) => String.raw`[^${quote}\\]|\\[^]`)
const PLAIN = tokenPattern((quote) => `[^${quote}]`)

const WORDS = new Map<string, Kind>([
  ...['NULL', 'TRUE', 'FALSE'].map((word) => [word, 'literal'] as const),
  ...['SELECT', 'UPDATE', 'DELETE'].map((word) => [word, 'query'] as const),
  ...'LIMIT ALTER CREATE GRANT REVOKE COMMIT BEGIN TRUNCATE DROP FROM INSERT INTO JOIN'
    .split(' ')
    .map((word) => [word, 'keyword'] as const),
  ['AS', 'as'],
  ['SAVEPOINT', 'savepoint'],
])

/** The text covered, or undefined when it cannot be read or nothing is left of it (it stays as it is then). */
export function coverSql(text: string): string | undefined {
  if (!text.isWellFormed()) return undefined
  const covered = cover(text, true)
  return covered === undefined && text.includes('\\') ? cover(text, false) : covered
}

function cover(text: string, escapes: boolean): string | undefined {
  const tokens = tokenize(text, escapes)
  return (tokens && write(tokens)) || undefined
}

function tokenize(text: string, escapes: boolean): Token[] | undefined {
  const pattern = escapes ? ESCAPED : PLAIN
  const tokens: Token[] = []
  let curlies = 0
  for (let at = 0; at < text.length;) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (!match) return undefined
    const [whole] = match
    const g = match.groups!
    if (whole === '{') {
      // Only braces that the text begins with are shown.
      if (at > 0 && curlies === 0) {
        const end = text.indexOf('}', at)
        if (end < 0) return undefined
        at = end + 1
        tokens.push({ kind: 'literal', text: '?' })
        continue
      }
      curlies++
    } else if (whole === '}' && --curlies < 0) return undefined
    at += whole.length
    if (g['blank'] === undefined) tokens.push(tokenOf(whole, g, escapes))
  }
  return tokens
}

function tokenOf(whole: string, g: Record<string, string | undefined>, escapes: boolean): Token {
  if (g['comment'] !== undefined) return { kind: 'comment', text: '' }
  if (g['literal'] !== undefined) return { kind: 'literal', text: '?' }
  if (g['quoted'] !== undefined) return { kind: 'quoted', text: unquote(whole, escapes) }
  if (g['name'] !== undefined) return { kind: 'id', text: unquote(whole, escapes) }
  if (g['word'] !== undefined) return { kind: WORDS.get(whole.toUpperCase()) ?? 'id', text: whole }
  return { kind: g['bind'] === undefined ? 'symbol' : 'keyword', text: whole }
}

const ONLY_BLANKS = new RegExp(`^${BLANK}*$`, 'u')

function unquote(whole: string, escapes: boolean): string {
  const quote = whole[0]!
  let text = whole.slice(1, -1)
  text = escapes
    ? text.replaceAll(/\\([^])|(["`])\2/g, (_, escaped: string | undefined) => escaped ?? quote)
    : text.replaceAll(quote + quote, quote)
  return ONLY_BLANKS.test(text) ? quote + quote : text
}

function write(tokens: readonly Token[]): string | undefined {
  let out = ''
  let last: Token = { kind: 'gone', text: '' }
  // Values under the `?` that stands, and groups of values, as in VALUES ( ? ), ( ? ), that it stands for.
  const group = { values: 0, groups: 0 }
  for (const given of tokens) {
    const kept = discard(given, last)
    if (!kept) return undefined
    const { token, text } = fold(hide(kept, given, last), last, group)
    if (text !== '')
      out += out === '' || text === ',' || (text === '=' && last.text === ':') ? text : ` ${text}`
    last = token
  }
  return out
}

const GONE: Token = { kind: 'gone', text: '' }
const ALIAS: Token = { kind: 'alias', text: '' }

/** Drops comments, and AS with the alias behind it; undefined when a bracketed alias is no name. */
function discard(token: Token, last: Token): Token | undefined {
  if (last.kind === 'alias' && token.text !== ']') return token.kind === 'id' ? ALIAS : undefined
  if (last.kind === 'as' || last.kind === 'alias') return token.text === '[' ? ALIAS : GONE
  if (token.kind === 'comment') return GONE
  if (token.kind === 'as') return { kind: 'as', text: '' }
  return isSymbol(token, ';') ? { kind: 'covered', text: '' } : token
}

const isSymbol = ({ kind, text }: Token, symbol: string): boolean => kind === 'symbol' && text === symbol

/** Covers literals, names of savepoints and what is compared with a text in double quotes. */
function hide(token: Token, given: Token, last: Token): Token {
  if (last.kind === 'savepoint') return { kind: isSymbol(given, '(') ? 'open' : 'covered', text: '?' }
  const covered = token.kind === 'literal' || (token.kind === 'quoted' && isSymbol(last, '='))
  return covered ? { kind: 'covered', text: '?' } : token
}

/** Folds values that follow each other, and whole groups of them, into the first `?`. */
function fold(
  token: Token,
  last: Token,
  group: { values: number; groups: number },
): { token: Token; text: string } {
  const covered = token.kind === 'covered' || token.kind === 'open'
  const opens = isSymbol(token, '(')
  if ((isSymbol(last, '(') && covered) || (opens && group.groups > 0)) group.groups++
  const folded = { token: { kind: opens ? 'open' : 'covered', text: '' } as Token, text: '' }
  if (group.groups > 0 && last.kind === 'open' && (token.kind === 'query' || token.kind === 'id')) {
    group.values = 0
    group.groups = 0
    return { token, text: `( ${token.text}` }
  }
  if (covered) return ++group.values > 1 ? folded : { token, text: token.text }
  if (group.values > 0 && isSymbol(token, ',')) return folded
  if (group.groups > 1) return folded
  if (!opens && !isSymbol(token, ',') && !isSymbol(token, ')')) {
    group.values = 0
    group.groups = 0
  }
  return { token, text: token.text }
}
