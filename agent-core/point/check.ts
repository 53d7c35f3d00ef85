// The checks that every point passes on its way in (spec points-io-http.md section 1.3): limits in bytes, key rules,
// what a category refuses and what it requires. What is put right is noted as a warn of the point.
import type { Category } from './category.ts'
import { goQuote } from './go-quote.ts'
import { Kind, keyValue, lookup, type KeyValue, type Point, type Warn } from './point.ts'
import { cutText, exceedsBytes, textByteLength } from './text.ts'

export const LIMITS = {
  nameBytes: 1024,
  keyBytes: 256,
  tagValueBytes: 1024,
  fieldValueBytes: 32 * 1024 * 1024,
  tags: 256,
  fields: 1024,
} as const

const DEFAULT_NAME = '__default'

export interface CheckRules {
  /** Text and bytes fields stay; arrays of text always do. */
  readonly strings: boolean
  /** Dots in keys stay; else each becomes `_`. */
  readonly dots: boolean
  readonly disabled: readonly string[]
  readonly required: readonly RequiredField[]
}

/** A field that is added when its key is absent, and the warn that says so. */
export interface RequiredField {
  readonly key: string
  readonly value: string
  readonly warn: Warn
}

const required = (key: string, value: string): RequiredField => ({
  key,
  value,
  warn: { type: 'add_required_kv', message: `add required key-value ${goQuote(key)}: ${goQuote(value)}` },
})

const OPEN: CheckRules = { strings: true, dots: true, disabled: [], required: [] }
const METRIC: CheckRules = { ...OPEN, strings: false }
const LOGGING: CheckRules = {
  strings: true,
  dots: false,
  disabled: ['source', 'date'],
  required: [required('status', 'info')],
}
const OBJECT: CheckRules = {
  strings: true,
  dots: false,
  disabled: ['class', 'date'],
  required: [required('name', 'default')],
}

/** The rules of a category. */
export function checkRules(category: Category): CheckRules {
  if (category === 'metric') return METRIC
  if (category === 'logging') return LOGGING
  return category === 'object' ? OBJECT : OPEN
}

export interface CheckOptions {
  /** A point of line protocol: no key occurs twice, and fields go before tags whatever their order. */
  readonly line?: boolean
  /**
   * By the rules that all categories share, then by the category's own: so are bodies of line protocol and JSON. It
   * shows in the words of warns, and in a backslash where a tag value was cut.
   */
  readonly twice?: boolean
}

/** Checks a point and puts it right in place. A point that is fine is left untouched. */
export function checkPoint(point: Point, rules: CheckRules, options: CheckOptions = {}): void {
  if (isClean(point, rules, options)) {
    addRequired(point, rules)
    return
  }
  const checker = new Checker(point, options.line === true)
  if (options.twice && !isClean(point, OPEN, options)) checker.run(OPEN)
  checker.run(rules)
}

/** True when no rule but the required keys has anything to do: the usual case, found in one walk. */
function isClean(point: Point, rules: CheckRules, options: CheckOptions): boolean {
  const { name, kvs } = point
  if (name === '' || exceedsBytes(name, LIMITS.nameBytes)) return false
  if (kvs.length > LIMITS.tags || (!options.line && hasTwins(kvs))) return false
  for (const kv of kvs) {
    if (!isCleanKey(kv.key, rules) || !isCleanValue(kv, rules)) return false
  }
  return true
}

const NEWLINE = 10
const DOT = 46
const BACKSLASH = 92

/** Key of a usual length without anything that a rule looks for. */
function isCleanKey(key: string, rules: CheckRules): boolean {
  const length = key.length
  if (length === 0 || length * 3 > LIMITS.keyBytes) return false
  let unit = 0
  for (let i = 0; i < length; i++) {
    unit = key.charCodeAt(i)
    if (unit === NEWLINE || (unit === DOT && !rules.dots)) return false
  }
  return unit !== BACKSLASH && !rules.disabled.includes(key)
}

function isCleanValue(kv: KeyValue, rules: CheckRules): boolean {
  switch (kv.kind) {
    case Kind.string: {
      const text = kv.value as string
      if (!kv.isTag) return rules.strings && text.length * 3 <= LIMITS.fieldValueBytes
      return (
        text.length * 3 <= LIMITS.tagValueBytes &&
        !text.includes('\n') &&
        text.charCodeAt(text.length - 1) !== BACKSLASH
      )
    }
    case Kind.nil:
      return false
    case Kind.float:
      return kv.value !== Infinity && kv.value !== -Infinity
    case Kind.bytes:
      return rules.strings && (kv.value as Uint8Array).length <= LIMITS.fieldValueBytes
    default:
      return true
  }
}

function hasTwins(kvs: readonly KeyValue[]): boolean {
  if (kvs.length > 24) return new Set(kvs.map((kv) => kv.key)).size < kvs.length
  for (let i = 1; i < kvs.length; i++)
    for (let j = 0; j < i; j++) if (kvs[i]!.key === kvs[j]!.key) return true
  return false
}

function addRequired(point: Point, rules: CheckRules): void {
  for (const { key, value, warn } of rules.required) {
    if (lookup(point, key)) continue
    point.kvs.push(keyValue(key, Kind.string, value))
    point.warns.push(warn)
  }
}

/** One point being put right. */
class Checker {
  private readonly point: Point
  private rules: CheckRules = OPEN
  /** Every key as it now stands, dropped ones too, with how often it occurs: clashes are judged against it. */
  private readonly keys = new Map<string, number>()
  private readonly noted = new Set<string>()

  /** Which of several keys that become the same one stays: the first field, then the first tag; else the first. */
  private readonly fieldsFirst: boolean

  constructor(point: Point, fieldsFirst: boolean) {
    this.point = point
    this.fieldsFirst = fieldsFirst
  }

  run(rules: CheckRules): void {
    const { point } = this
    this.rules = rules
    this.checkName()
    this.trim()
    this.keys.clear()
    for (const { key } of point.kvs) this.keys.set(key, (this.keys.get(key) ?? 0) + 1)
    if (this.fieldsFirst) {
      const fields = new Set(point.kvs.filter((kv) => !kv.isTag && this.keep(kv)))
      point.kvs = point.kvs.filter((kv) => (kv.isTag ? this.keep(kv) : fields.has(kv)))
    } else point.kvs = point.kvs.filter((kv) => this.keep(kv))
    addRequired(point, rules)
  }

  /** Notes a fix. The same words again say nothing new, except that each copy of a repeated key is named. */
  private warn(type: string, message: string): void {
    const id = `${type}\n${message}`
    if (type !== 'key_name_conflict' && this.noted.has(id)) return
    this.noted.add(id)
    this.point.warns.push({ type, message })
  }

  private checkName(): void {
    const { point } = this
    if (point.name === '') {
      point.name = DEFAULT_NAME
      this.warn('invalid_measurement', `empty measurement, use ${DEFAULT_NAME}`)
    }
    const limit = LIMITS.nameBytes
    if (!exceedsBytes(point.name, limit)) return
    const length = textByteLength(point.name)
    this.warn('invalid_measurement', `exceed max measurement length(${limit}), got length ${length}, trimmed`)
    point.name = cutText(point.name, limit)
  }

  private trim(): void {
    const { point } = this
    const tags = point.kvs.filter((kv) => kv.isTag).length
    const fields = point.kvs.length - tags
    for (const [what, isTag, count] of [
      ['field', false, fields],
      ['tag', true, tags],
    ] as const) {
      const limit = isTag ? LIMITS.tags : LIMITS.fields
      if (count <= limit) continue
      let seen = 0
      point.kvs = point.kvs.filter((kv) => kv.isTag !== isTag || ++seen <= limit)
      this.warn(
        'exceed_max_fields',
        `exceed max ${what} count(${limit}), got ${count} ${what}s, extra ${what}s deleted`,
      )
    }
  }

  private keep(kv: KeyValue): boolean {
    if (!this.fixKey(kv)) return false
    if (kv.key === '') this.warn('tag_disabled', 'empty tag key disabled')
    else if (this.rules.disabled.includes(kv.key))
      this.warn('tag_disabled', `tag key ${goQuote(kv.key)} disabled`)
    else if (this.keys.get(kv.key)! > 1) this.warn('key_name_conflict', `same key (${goQuote(kv.key)})`)
    else return kv.isTag ? this.fixTagValue(kv) : this.fixFieldValue(kv)
    return false
  }

  /** Puts a key right; false when its new form is taken. */
  private fixKey(kv: KeyValue): boolean {
    const what = kv.isTag ? 'tag' : 'field'
    const limit = LIMITS.keyBytes
    if (exceedsBytes(kv.key, limit)) {
      const length = `${kv.isTag ? '' : 'length '}${textByteLength(kv.key)}`
      this.warn(
        `exceed_max_${what}_key_len`,
        `exceed max ${what} key length(${limit}), got ${length}, key truncated`,
      )
      if (!this.rename(kv, cutText(kv.key, limit), 'truncate')) return false
    }
    return kv.isTag ? this.strip(kv) && this.undot(kv) : this.undot(kv) && this.strip(kv)
  }

  private strip(kv: KeyValue): boolean {
    const key = stripText(kv.key)
    if (key === kv.key) return true
    if (kv.isTag)
      this.warn('invalid_tag_key', `invalid tag key ${goQuote(kv.key)}, replace \\ or \\n with ''`)
    else
      this.warn(
        'found_new_line_or_tail_espace',
        `invalid field key ${goQuote(kv.key)}: found \\n, replaced with ' '`,
      )
    return this.rename(kv, key, 'adjust')
  }

  private undot(kv: KeyValue): boolean {
    if (this.rules.dots || !kv.key.includes('.')) return true
    if (kv.isTag) this.warn('invalid_tag_key', `invalid tag key \`${kv.key}': found \`.'`)
    else this.warn('dot_in_key', `invalid field key \`${kv.key}': found \`.'`)
    return this.rename(kv, kv.key.replaceAll('.', '_'), 'adjust')
  }

  private rename(kv: KeyValue, key: string, why: 'truncate' | 'adjust'): boolean {
    if (this.keys.get(key)) {
      this.warn('invalid_tag_key', `${kv.isTag ? 'tag' : 'field'} key ${goQuote(key)} exist after ${why}`)
      return false
    }
    this.keys.set(kv.key, this.keys.get(kv.key)! - 1)
    this.keys.set(key, 1)
    kv.key = key
    return true
  }

  private fixTagValue(kv: KeyValue): boolean {
    this.stripValue(kv)
    const text = kv.value as string
    const limit = LIMITS.tagValueBytes
    if (exceedsBytes(text, limit)) {
      this.warn(
        'exceed_max_tag_value_len',
        `exceed max tag value length(${limit}), got ${textByteLength(text)}, value truncated`,
      )
      kv.value = cutText(text, limit)
    }
    return true
  }

  private stripValue(kv: KeyValue): void {
    const text = kv.value as string
    const stripped = stripText(text)
    if (stripped === text) return
    this.warn('found_new_line_or_tail_espace', `invalid tag value ${goQuote(text)}, found \\n or tail \\`)
    kv.value = stripped
  }

  private fixFieldValue(kv: KeyValue): boolean {
    if (kv.kind === Kind.nil) this.warn('nil_field', `nil field(${kv.key})`)
    if (kv.kind === Kind.float) this.fixInfinity(kv)
    if (kv.kind !== Kind.string && kv.kind !== Kind.bytes) return true
    if (!this.rules.strings) {
      this.warn(
        'invalid_field_value_type',
        `field(${kv.key}) dropped with string value, when [DisableStringField] enabled`,
      )
      return false
    }
    this.cutField(kv)
    return true
  }

  private cutField(kv: KeyValue): void {
    const limit = LIMITS.fieldValueBytes
    const length =
      kv.kind === Kind.bytes ? (kv.value as Uint8Array).length : textByteLength(kv.value as string)
    if (length <= limit) return
    this.warn(
      'exceed_max_field_value_len',
      `field (${kv.key}) exceed max field value length(${limit}), got ${length}, value truncated`,
    )
    kv.value =
      kv.kind === Kind.bytes
        ? (kv.value as Uint8Array).subarray(0, limit)
        : cutText(kv.value as string, limit)
  }

  private fixInfinity(kv: KeyValue): void {
    if (kv.value === Infinity) {
      this.warn('convert_inf_to_max_value', `+inf value from ${goQuote(kv.key)} convert to max-uint64`)
      kv.value = 2 ** 64
    } else if (kv.value === -Infinity) {
      this.warn('convert_inf_to_min_value', `+inf value from ${goQuote(kv.key)} convert to min-int64`)
      kv.value = -(2 ** 63)
    }
  }
}

/** Without trailing backslashes, newlines as spaces. */
function stripText(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === BACKSLASH) end--
  return text.slice(0, end).replaceAll('\n', ' ')
}
