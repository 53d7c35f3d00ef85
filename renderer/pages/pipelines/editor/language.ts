// The script language for the editor: tokens to colour, comments, brackets, indentation. The agent's parser judges;
// this one only has to be quick and never wrong about where a string ends.
import { LanguageSupport, StreamLanguage, type StringStream } from '@codemirror/language'

interface State {
  /** The quotes that end an open raw string. */
  raw: '"""' | "'''" | ''
  depth: number
}

const KEYWORD = /^(?:if|elif|else|for|in|break|continue)$/i
const CONSTANT = /^(?:true|false|nil|null|inf|nan)$/i
const RESERVED = /^(?:while|return|identifier|str|bool|int|float|list|map)$/i
const WORD = /^[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/
const NUMBER = /^(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)/

function rawString(stream: StringStream, state: State): string {
  const quotes = state.raw
  while (!stream.eol()) {
    if (stream.match(quotes)) {
      state.raw = ''
      break
    }
    stream.next()
  }
  return 'string'
}

function quoted(stream: StringStream, quote: string): string {
  for (let escaped = false; !stream.eol();) {
    const c = stream.next()
    if (c === quote && !escaped) break
    escaped = c === '\\' && !escaped
  }
  return 'string'
}

function word(stream: StringStream, found: string): string {
  if (KEYWORD.test(found)) return 'keyword'
  if (CONSTANT.test(found)) return 'atom'
  if (RESERVED.test(found)) return 'invalid'
  if (/^\s*\(/.test(stream.string.slice(stream.pos))) return 'variableName.function'
  return 'variableName'
}

const script = StreamLanguage.define<State>({
  name: 'pipeline',
  startState: () => ({ raw: '', depth: 0 }),
  copyState: (state) => ({ ...state }),
  token(stream, state) {
    if (state.raw !== '') return rawString(stream, state)
    if (stream.eatSpace()) return null
    const raw = stream.match(/^(?:"""|''')/) as RegExpMatchArray | null
    if (raw) {
      state.raw = raw[0] as '"""' | "'''"
      return rawString(stream, state)
    }
    const found = stream.match(WORD) as RegExpMatchArray | null
    if (found) return word(stream, found[0])
    if (stream.match(NUMBER)) return 'number'
    const c = stream.next()!
    if (c === '#') {
      stream.skipToEnd()
      return 'comment'
    }
    if (c === '"' || c === "'") return quoted(stream, c)
    if (c === '`') {
      stream.skipTo('`')
      stream.next()
      return 'variableName'
    }
    if ('({['.includes(c)) state.depth++
    if (')}]'.includes(c)) state.depth = Math.max(0, state.depth - 1)
    return '(){}[]'.includes(c) ? 'bracket' : 'operator'
  },
  indent(state, textAfter, context) {
    const depth = /^[)\]}]/.test(textAfter) ? state.depth - 1 : state.depth
    return Math.max(0, depth) * context.unit
  },
  languageData: {
    commentTokens: { line: '#' },
    indentOnInput: /^\s*[)\]}]$/,
    closeBrackets: { brackets: ['(', '[', '{', '"', "'"] },
  },
})

export const pipelineLanguage = (): LanguageSupport => new LanguageSupport(script)
