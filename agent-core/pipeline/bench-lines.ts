// The benchmark's log lines: the generator of the workload with seed 42, line for line what its first version writes.

/** Python's random module: MT19937 seeded by an integer, 53-bit floats, rejection sampling below a bound. */
class PythonRandom {
  readonly #state = new Uint32Array(624)
  #index = 624

  constructor(seed: number) {
    const mt = this.#state
    mt[0] = 19_650_218
    for (let i = 1; i < 624; i++) mt[i] = Math.imul(1_812_433_253, mt[i - 1]! ^ (mt[i - 1]! >>> 30)) + i
    let i = 1
    for (let k = 0; k < 624; k++) {
      mt[i] = (mt[i]! ^ Math.imul(mt[i - 1]! ^ (mt[i - 1]! >>> 30), 1_664_525)) + seed
      if (++i >= 624) {
        mt[0] = mt[623]!
        i = 1
      }
    }
    for (let k = 0; k < 623; k++) {
      mt[i] = (mt[i]! ^ Math.imul(mt[i - 1]! ^ (mt[i - 1]! >>> 30), 1_566_083_941)) - i
      if (++i >= 624) {
        mt[0] = mt[623]!
        i = 1
      }
    }
    mt[0] = 0x80000000
  }

  #next(): number {
    const mt = this.#state
    if (this.#index >= 624) {
      for (let k = 0; k < 624; k++) {
        const y = (mt[k]! & 0x80000000) | (mt[(k + 1) % 624]! & 0x7fffffff)
        mt[k] = mt[(k + 397) % 624]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
      }
      this.#index = 0
    }
    let y = mt[this.#index++]!
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  /** Hexadecimal text of so many random bits, a multiple of 32. */
  hex(bits: number): string {
    const words = Array.from({ length: bits / 32 }, () => this.#next().toString(16).padStart(8, '0'))
    return words.toReversed().join('')
  }

  below(bound: number): number {
    const shift = Math.clz32(bound)
    let value = this.#next() >>> shift
    while (value >= bound) value = this.#next() >>> shift
    return value
  }

  /** Both ends included. */
  int(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  float(low: number, high: number): number {
    const a = this.#next() >>> 5
    const b = this.#next() >>> 6
    return low + (high - low) * ((a * 67_108_864 + b) / 9_007_199_254_740_992)
  }

  choice<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }
}

const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.5 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
  'curl/7.88.1',
  'Go-http-client/1.1',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
]
const repeat = <T>(item: T, count: number): T[] => Array.from({ length: count }, () => item)
const METHODS = [...repeat('GET', 7), ...repeat('POST', 2), 'DELETE']
const PATHS = [
  '/',
  '/api/v1/items',
  '/api/v1/items/%d',
  '/static/js/app.%d.js',
  '/login',
  '/search?q=term%d&page=2',
  '/health',
]
const CODES = [
  ...repeat(200, 80),
  ...repeat(301, 5),
  ...repeat(304, 5),
  ...repeat(404, 6),
  403,
  500,
  502,
  503,
]
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const LEVELS = ['debug', 'info', 'info', 'info', 'warn', 'error']
const SERVICES = ['checkout', 'cart', 'search', 'auth']

const pad = (value: number, width = 2): string => String(value).padStart(width, '0')

function nginxLine(random: PythonRandom): string {
  let path = random.choice(PATHS)
  if (path.includes('%d')) path = path.replace('%d', String(random.int(1, 99_999)))
  const ip = [1, 2, 3, 4].map(() => random.int(1, 254)).join('.')
  const day = pad(random.int(1, 28))
  const month = random.choice(MONTHS)
  const time = [random.int(0, 23), random.int(0, 59), random.int(0, 59)].map((n) => pad(n)).join(':')
  const method = random.choice(METHODS)
  const code = random.choice(CODES)
  const size = random.int(20, 90_000)
  const page = random.int(1, 50)
  const referer = random.choice(['-', 'https://example.com/', `https://example.com/list?page=${page}`])
  const agent = random.choice(AGENTS)
  return `${ip} - - [${day}/${month}/2024:${time} +0000] "${method} ${path} HTTP/1.1" ${code} ${size} "${referer}" "${agent}"`
}

function jsonLine(random: PythonRandom, index: number): string {
  const date = `2024-${pad(random.int(1, 12))}-${pad(random.int(1, 28))}`
  const clock = `${pad(random.int(0, 23))}:${pad(random.int(0, 59))}:${pad(random.int(0, 59))}`
  const time = `${date}T${clock}.${pad(random.int(0, 999), 3)}Z`
  const level = random.choice(LEVELS)
  const method = random.choice(METHODS)
  const path = `/api/v1/items/${random.int(1, 9999)}`
  const status = random.choice(CODES)
  const cost = Number(random.float(0.1, 900).toFixed(3))
  const costText = Number.isInteger(cost) ? `${cost}.0` : String(cost)
  const id = random.int(1, 10 ** 7)
  const name = `user${random.int(1, 9999)}`
  const trace = random.hex(128)
  const host = `web-${pad(random.int(1, 20))}`
  return (
    `{"time": "${time}", "level": "${level}", "msg": "request ${index} finished", "logger": "http.server", ` +
    `"http": {"method": "${method}", "path": "${path}", "status": ${status}, "cost_ms": ${costText}}, ` +
    `"user": {"id": ${id}, "name": "${name}", "roles": ["a", "b"]}, "trace_id": "${trace}", "host": "${host}"}`
  )
}

function kvLine(random: PythonRandom): string {
  const time = `2024-05-${pad(random.int(1, 28))} 12:${pad(random.int(0, 59))}:${pad(random.int(0, 59))}`
  const level = random.choice(LEVELS).toUpperCase()
  const service = random.choice(SERVICES)
  const code = random.choice(CODES)
  const cost = random.int(1, 3000)
  return `${time} [${level}] svc=${service} code=${code} cost=${cost}ms user=U${pad(random.int(1, 999_999), 6)}`
}

export type LineKind = 'nginx' | 'json' | 'kv'

const MAKERS: readonly (readonly [LineKind, (random: PythonRandom, index: number) => string])[] = [
  ['nginx', nginxLine],
  ['json', jsonLine],
  ['kv', kvLine],
]

/** `count` lines of one kind; those of the kinds before it are made and forgotten, as they share the numbers. */
export function benchLines(kind: LineKind, count: number): readonly string[] {
  const random = new PythonRandom(42)
  for (const [name, make] of MAKERS) {
    // Flat, as lines that come from bytes are: text put together of pieces is put together only when first read.
    const lines = Array.from({ length: count }, (_, i) => flat(make(random, i)))
    if (name === kind) return lines
  }
  return []
}

const flat = (text: string): string => Buffer.from(text).toString('latin1')
