// URLs as Go's net/url reads them.
import { err, ok, type Result } from '../../kernel/result.ts'
import { bytesText } from '../../point/text.ts'

/** Undoes percent escapes; `plus`: a + is a blank. The error is the bad escape. */
function unescape(text: string, plus: boolean): Result<string, string> {
  if (!text.includes('%')) return ok(plus ? text.replaceAll('+', ' ') : text)
  const bytes: number[] = []
  const source = Buffer.from(text)
  for (let at = 0; at < source.length; at++) {
    const byte = source[at]!
    if (byte === 0x25) {
      const code = source.toString('latin1', at + 1, at + 3)
      if (!/^[0-9A-Fa-f]{2}$/.test(code)) return err(source.toString('latin1', at, at + 3))
      bytes.push(Number.parseInt(code, 16))
      at += 2
    } else bytes.push(plus && byte === 0x2b ? 0x20 : byte)
  }
  return ok(bytesText(Buffer.from(bytes)))
}

export const queryUnescape = (text: string): Result<string, string> => unescape(text, true)

export interface ParsedUrl {
  readonly scheme: string
  /** With its port. */
  readonly host: string
  readonly port: string
  readonly path: string
  /** Repeated parameters joined by commas; those with a `;` or a bad escape are left out. */
  readonly params: ReadonlyMap<string, string>
}

const quote = (text: string): string => JSON.stringify(text)

export function parseUrl(text: string): Result<ParsedUrl, string> {
  const fail = (reason: string): Result<ParsedUrl, string> => err(`parse ${quote(text)}: ${reason}`)
  if (/[\u0000-\u001f\u007f]/.test(text)) return fail('net/url: invalid control character in URL')
  const hash = text.indexOf('#')
  const noFragment = hash < 0 ? text : text.slice(0, hash)
  const fragment = hash < 0 ? ok('') : unescape(text.slice(hash + 1), false)
  if (!fragment.ok) return fail(`invalid URL escape ${quote(fragment.error)}`)
  if (noFragment === '*') return ok({ scheme: '', host: '', port: '', path: '*', params: new Map() })
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(noFragment)
  if (noFragment.startsWith(':')) return fail('missing protocol scheme')
  let rest = scheme ? noFragment.slice(scheme[0].length) : noFragment
  const question = rest.indexOf('?')
  const query = question < 0 ? '' : rest.slice(question + 1)
  if (question >= 0) rest = rest.slice(0, question)
  const params = queryParameters(query)
  const name = scheme?.[1]!.toLowerCase() ?? ''
  if (!rest.startsWith('/')) {
    // `mailto:x`: opaque, with neither host nor path.
    if (name !== '') return ok({ scheme: name, host: '', port: '', path: '', params })
    if (rest.split('/', 1)[0]!.includes(':')) return fail('first path segment in URL cannot contain colon')
  }
  let host = ''
  if (rest.startsWith('//') && !(name === '' && rest.startsWith('///'))) {
    const slash = rest.indexOf('/', 2)
    const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash)
    rest = slash < 0 ? '' : rest.slice(slash)
    const parsed = hostOf(authority)
    if (!parsed.ok) return fail(parsed.error)
    host = parsed.value
  }
  const path = unescape(rest, false)
  if (!path.ok) return fail(`invalid URL escape ${quote(path.error)}`)
  return ok({ scheme: name, host, port: portOf(host), path: path.value, params })
}

/** What may stand before the @. */
const USER = /^(?:[A-Za-z0-9._:~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})*$/

function hostOf(authority: string): Result<string, string> {
  const at = authority.lastIndexOf('@')
  if (at >= 0 && !USER.test(authority.slice(0, at))) return err('net/url: invalid userinfo')
  const host = authority.slice(at + 1)
  if (host.startsWith('[')) {
    const close = host.lastIndexOf(']')
    if (close < 0) return err("missing ']' in host")
    if (!/^(?::\d*)?$/.test(host.slice(close + 1)))
      return err(`invalid port ${quote(host.slice(close + 1))} after host`)
    const zone = host.lastIndexOf('%25', close)
    if (zone < 0) return hostText(host)
    const address = hostText(host.slice(0, zone))
    const rest = unescape(host.slice(zone), false)
    if (!address.ok) return address
    return rest.ok ? ok(address.value + rest.value) : err(`invalid URL escape ${quote(rest.error)}`)
  }
  const colon = host.lastIndexOf(':')
  if (colon >= 0 && !/^\d*$/.test(host.slice(colon + 1)))
    return err(`invalid port ${quote(host.slice(colon))} after host`)
  return hostText(host)
}

/** Escapes stand for what is not ASCII only. */
function hostText(host: string): Result<string, string> {
  const strange = /[ \\^`{}|]/.exec(host)
  if (strange) return err(`invalid character ${quote(strange[0])} in host name`)
  const escape = /%(?![89A-Fa-f][0-9A-Fa-f]).{0,2}/s.exec(host)
  if (escape) return err(`invalid URL escape ${quote(escape[0])}`)
  const decoded = unescape(host, false)
  return decoded.ok ? decoded : err(`invalid URL escape ${quote(decoded.error)}`)
}

const portOf = (host: string): string => /:(\d*)$/.exec(host.slice(host.lastIndexOf(']') + 1))?.[1] ?? ''

function queryParameters(query: string): Map<string, string> {
  const params = new Map<string, string>()
  for (const part of query.split('&')) {
    if (part === '' || part.includes(';')) continue
    const equals = part.indexOf('=')
    const key = queryUnescape(equals < 0 ? part : part.slice(0, equals))
    const value = queryUnescape(equals < 0 ? '' : part.slice(equals + 1))
    if (!key.ok || !value.ok) continue
    const before = params.get(key.value)
    params.set(key.value, before === undefined ? value.value : `${before},${value.value}`)
  }
  return params
}
