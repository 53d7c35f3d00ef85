// Matches names against a user's patterns. Each distinct name is tried once and remembered. A pattern that could run
// away gets a time budget, because it could otherwise stop the whole agent; the others are simply run.
import { Script } from 'node:vm'

/** Wall time, so it must forgive a machine that is busy with other things, and so must one breach. */
const BUDGET_MS = 250
const MAX_BREACHES = 2
/** Unbounded repetitions in a row cost a power of the name's length: up to here names are short enough. */
const HARMLESS_REPETITIONS = 3
const MAX_REMEMBERED = 10_000

export class NameFilter {
  #patterns: readonly RegExp[]
  readonly #onTooSlow: (pattern: RegExp) => void
  readonly #breaches = new Map<RegExp, number>()
  readonly #known = new Map<string, boolean>()

  /** `onTooSlow` hears once of a pattern that used up its budget twice; it is not tried again. */
  constructor(patterns: readonly RegExp[], onTooSlow: (pattern: RegExp) => void) {
    this.#patterns = patterns
    this.#onTooSlow = onTooSlow
  }

  /** True when any pattern is found in any of the names. */
  matches(...names: readonly string[]): boolean {
    return names.some((name) => this.#matchesOne(name))
  }

  #matchesOne(name: string): boolean {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const results = new Set(this.#patterns.map((pattern) => this.#test(pattern, name)))
    const result = results.has(true)
    if (!result && results.has(undefined)) return false
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear()
    this.#known.set(name, result)
    return result
  }

  /** Undefined when the budget was used up. */
  #test(pattern: RegExp, name: string): boolean | undefined {
    if (isHarmless(pattern)) return pattern.test(name)
    const result = testWithin(BUDGET_MS, pattern, name)
    if (result === undefined) this.#breach(pattern)
    return result
  }

  #breach(pattern: RegExp): void {
    const breaches = (this.#breaches.get(pattern) ?? 0) + 1
    this.#breaches.set(pattern, breaches)
    if (breaches < MAX_BREACHES) return
    this.#patterns = this.#patterns.filter((other) => other !== pattern)
    this.#onTooSlow(pattern)
  }
}

function testWithin(ms: number, pattern: RegExp, name: string): boolean | undefined {
  const [source, flags, text] = [pattern.source, pattern.flags, name].map((part) => JSON.stringify(part))
  try {
    const script = new Script(`new RegExp(${source}, ${flags}).test(${text})`)
    return script.runInThisContext({ timeout: ms }) === true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    return undefined
  }
}

/** No repeated group and few repetitions: cannot back-track exponentially. */
function isHarmless(pattern: RegExp): boolean {
  if (pattern.global || pattern.sticky) return false
  const plain = pattern.source.replace(/\\./g, '_').replace(/\[[^\]]*\]/g, '_')
  if (/\)[*+{]/.test(plain)) return false
  return (plain.match(/[*+]|\{\d+,/g) ?? []).length <= HARMLESS_REPETITIONS
}
