// A browser's User-Agent taken apart the way mssola/user_agent reports it.

export interface UserAgent {
  readonly isMobile: boolean
  readonly isBot: boolean
  readonly platform: string
  readonly os: string
  readonly engine: string
  readonly engineVersion: string
  readonly browser: string
  readonly browserVersion: string
}

interface Section {
  readonly name: string
  readonly version: string
  /** What stands in its parentheses. */
  readonly comment: string | undefined
}

const NOTHING: readonly string[] = []
const parts = ({ comment }: Section): readonly string[] => comment?.split('; ') ?? NOTHING

interface Draft {
  isMobile: boolean
  isBot: boolean
  platform: string
  os: string
  engine: string
  engineVersion: string
  browser: string
  browserVersion: string
  /** Nothing certain was found, or a crawler borrows a browser's text: the bot rules have the last word. */
  unsure: boolean
}

const WINDOWS: Readonly<Record<string, string>> = {
  '10.0': 'Windows 10',
  '6.3': 'Windows 8.1',
  '6.2': 'Windows 8',
  '6.1': 'Windows 7',
  '6.0': 'Windows Vista',
  '5.2': 'Windows XP x64 Edition',
  '5.1': 'Windows XP',
  '5.01': 'Windows 2000, Service Pack 1 (SP1)',
  '5.0': 'Windows 2000',
}

const OPEN = '('.charCodeAt(0)
const BRACKET = '['.charCodeAt(0)

export function parseUserAgent(text: string): UserAgent {
  const sections = readSections(text)
  const ua: Draft = {
    isMobile: false,
    isBot: false,
    platform: '',
    os: '',
    engine: '',
    engineVersion: '',
    browser: '',
    browserVersion: '',
    unsure: false,
  }
  const [first] = sections
  if (!first) return ua
  for (const { name } of sections) if (name === 'Mobile') ua.isMobile = true
  detectBrowser(ua, sections)
  detectOs(ua, first, text)
  if (ua.unsure) detectBot(ua, sections)
  return ua
}

/** `Name/version (comment; parts)` again and again; what stands in brackets is skipped. */
function readSections(text: string): Section[] {
  const sections: Section[] = []
  let at = 0
  let slash = text.indexOf('/')
  while (at < text.length) {
    let name = ''
    let version = ''
    const first = text.charCodeAt(at)
    if (first !== OPEN && first !== BRACKET) {
      const blank = text.indexOf(' ', at)
      const end = blank < 0 ? text.length : blank
      if (slash >= 0 && slash < at) slash = text.indexOf('/', at)
      const named = slash >= 0 && slash < end
      name = text.slice(at, named ? slash : end)
      if (named) version = text.slice(slash + 1, end)
      at = end + 1
    }
    let comment: string | undefined
    if (text.charCodeAt(at) === OPEN) {
      const end = closing(text, at, ')')
      comment = text.slice(at + 1, end)
      // The character behind the parenthesis, a blank as a rule, goes with it.
      at = end + 2
    }
    if (text.charCodeAt(at) === BRACKET) {
      at = closing(text, at, ']') + 2
    }
    sections.push({ name, version, comment })
  }
  return sections
}

/** Where what opens at `open` ends; a parenthesis inside it takes one closing character for itself. */
function closing(text: string, open: number, close: ')' | ']'): number {
  let depth = 1
  let at = open + 1
  let inner = text.indexOf('(', at)
  for (;;) {
    const end = text.indexOf(close, at)
    if (end < 0) return text.length
    for (; inner >= 0 && inner < end; inner = text.indexOf('(', inner + 1)) depth++
    if (--depth === 0) return end
    at = end + 1
  }
}

// --- browser and engine

function detectBrowser(ua: Draft, sections: readonly Section[]): void {
  const [first, engine] = sections as [Section, Section | undefined]
  if (first.name === 'Opera') {
    setBrowser(ua, 'Opera', first.version)
    ua.engine = 'Presto'
    ua.engineVersion = engine?.version ?? ''
  } else if (first.name === 'Dalvik') return
  else if (!engine) explorer(ua, parts(first))
  else {
    ua.engine = engine.name
    ua.engineVersion = engine.version
    if (sections.length > 2) engineBrowser(ua, sections)
  }
}

function setBrowser(ua: Draft, name: string, version: string): void {
  ua.browser = name
  ua.browserVersion = version
}

/** The product behind the engine, whose version is often all that it tells. */
function engineBrowser(ua: Draft, sections: readonly Section[]): void {
  const first = sections[0]!
  const engine = sections[1]!
  const third = sections[2]!
  // Ubuntu writes its name first, without a version.
  const product = third.version === '' && sections.length > 3 ? sections[3]! : third
  ua.browserVersion = product.version
  if (engine.name === 'AppleWebKit') webkitBrowser(ua, sections, product)
  else if (engine.name === 'Gecko') {
    const agent = third.name === 'MRA' ? sections[4] : undefined
    if (agent) setBrowser(ua, agent.name, agent.version)
    else ua.browser = third.name
  } else if (engine.name === 'like' && third.name === 'Gecko') {
    ua.engine = 'Trident'
    const revision = parts(first).find((c) => c.length > 3 && c.startsWith('rv:'))
    setBrowser(ua, 'Internet Explorer', revision?.slice(3) ?? '')
  }
}

/** Products that show by their place from the end, and what they are called. */
const THIRD_LAST = new Map([
  ['YaBrowser', 'YaBrowser'],
  ['coc_coc_browser', 'Coc Coc'],
])
const SECOND_LAST = new Map([
  ['Electron', 'Electron'],
  ['DuckDuckGo', 'DuckDuckGo'],
  ['PhantomJS', 'PhantomJS'],
])
const PRODUCTS = new Map([
  ['Chrome', 'Chrome'],
  ['CriOS', 'Chrome'],
  ['HeadlessChrome', 'Headless Chrome'],
  ['Chromium', 'Chromium'],
  ['GSA', 'Google App'],
  ['FxiOS', 'Firefox'],
])

function webkitBrowser(ua: Draft, sections: readonly Section[], product: Section): void {
  const last = sections.at(-1)!
  const second = sections.at(-2)!
  const third = sections.at(-3)!
  if (parts(sections[1]!).some((c) => c.startsWith('Googlebot') || c.startsWith('bingbot'))) ua.unsure = true
  if (last.name === 'Edge') {
    setBrowser(ua, 'Edge', last.version)
    ua.engine = 'EdgeHTML'
    ua.engineVersion = ''
  } else if (last.name === 'Edg') {
    if (ua.unsure) return
    setBrowser(ua, 'Edge', last.version)
    ua.engineVersion = second.version
  } else if (last.name === 'OPR') setBrowser(ua, 'Opera', last.version)
  else if (last.name === 'Mobile') setBrowser(ua, 'Mobile App', '')
  else {
    const early = THIRD_LAST.get(third.name)
    const late = SECOND_LAST.get(second.name)
    if (early !== undefined) setBrowser(ua, early, third.version)
    else if (late !== undefined) setBrowser(ua, late, second.version)
    else ua.browser = PRODUCTS.get(product.name) ?? 'Safari'
  }
}

/** An Internet Explorer in compatibility mode still names its engine. */
const TRIDENT: Readonly<Record<string, string>> = { '4.0': '8.0', '5.0': '9.0', '6.0': '10.0' }

/** Internet Explorer before 11 says all in one comment. */
function explorer(ua: Draft, [compatible, msie, ...rest]: readonly string[]): void {
  if (compatible !== 'compatible' || !msie?.startsWith('MSIE')) return
  const trident = rest.find((c) => c.startsWith('Trident/'))?.slice(8) ?? ''
  ua.engine = 'Trident'
  setBrowser(ua, 'Internet Explorer', TRIDENT[trident] ?? msie.slice(4).trim())
}

// --- platform and operating system

function detectOs(ua: Draft, first: Section, text: string): void {
  const comment = parts(first)
  if (first.name === 'Mozilla') {
    ua.platform = platformOf(comment)
    if (ua.platform === 'Windows') ua.os = windowsName(comment[0]!)
    if (ua.engine === '') ua.unsure = true
    else if (ua.engine === 'Gecko') geckoOs(ua, comment)
    else if (ua.engine === 'AppleWebKit') webkitOs(ua, comment, text)
    else if (ua.engine === 'Trident') tridentOs(ua, comment)
  } else if (first.name === 'Opera') operaOs(ua, comment)
  else if (first.name === 'Dalvik') {
    if (!comment[0]?.startsWith('Linux')) return
    ua.platform = comment[0]
    ua.os = comment[2] ?? ''
    ua.isMobile = true
  } else if (first.name === 'okhttp') {
    ua.isMobile = true
    setBrowser(ua, 'OkHttp', first.version)
  } else ua.unsure = true
}

function platformOf([first]: readonly string[]): string {
  if (first === undefined || first === 'compatible') return ''
  if (first === 'BB10') return 'BlackBerry'
  return ['Windows', 'Symbian', 'webOS'].find((name) => first.startsWith(name)) ?? first
}

/** `Windows NT 6.1` as the name it was sold by. */
function windowsName(text: string): string {
  const version = /^[^ ]* NT (.*)$/s.exec(text)?.[1]
  return (version !== undefined && Object.hasOwn(WINDOWS, version) ? WINDOWS[version] : undefined) ?? text
}

const isFiller = (text: string | undefined): boolean => text === 'U' || text === 'arm_64'

function geckoOs(ua: Draft, comment: readonly string[]): void {
  const second = comment[1]
  if (second === undefined) return
  if (isFiller(second)) ua.os = windowsName(comment[2] ?? second)
  else if (ua.platform.includes('Android')) {
    ua.isMobile = true
    ua.os = ua.platform
    ua.platform = windowsName(second)
  } else if (comment[0] === 'Mobile' || comment[0] === 'Tablet') {
    ua.isMobile = true
    ua.os = 'FirefoxOS'
  } else if (ua.os === '') ua.os = windowsName(second)
}

function webkitOs(ua: Draft, comment: readonly string[], text: string): void {
  const [first, second, third] = comment
  if (ua.platform === 'webOS' || ua.platform === 'Symbian') {
    ua.isMobile = true
    ua.browser = ua.platform
    ua.os = ua.platform === 'webOS' ? 'Palm' : first!
  } else if (ua.platform === 'Linux') linuxOs(ua, comment, text)
  else if (first !== undefined) {
    if (first.startsWith('Windows NT')) ua.os = windowsName(first)
    else if (third !== undefined) ua.os = windowsName(third)
    else if (second !== undefined && !isSearchBot(ua, text) && !isPreview(ua, text))
      ua.os = windowsName(second)
    if (ua.platform === 'BlackBerry') {
      ua.browser = 'BlackBerry'
      if (ua.os === 'Touch') ua.os = 'BlackBerry'
    }
  }
  // Firefox on an iPad gives itself out for a Macintosh.
  if (ua.platform === 'Macintosh' && ua.browser === 'Firefox') {
    ua.platform = 'iPad'
    ua.isMobile = true
  }
}

function linuxOs(ua: Draft, comment: readonly string[], text: string): void {
  const [first, second, third] = comment
  ua.isMobile = true
  if (ua.browser === 'Safari') ua.browser = 'Android'
  if (isFiller(second)) {
    ua.os = third ?? first!
    if (third === undefined) ua.isMobile = false
  } else if (second !== undefined) ua.os = second
  if (comment.length === 3) isSearchBot(ua, text)
}

function isSearchBot(ua: Draft, text: string): boolean {
  if (text.includes('Google') || text.includes('bingbot')) {
    ua.platform = ''
    ua.unsure = true
  }
  return ua.unsure
}

/** Link previews of iMessage claim to be two bots at once. */
function isPreview(ua: Draft, text: string): boolean {
  if (!text.includes('facebookexternalhit') || !text.includes('Twitterbot')) return false
  ua.isBot = true
  ua.browser = 'iMessage-Preview'
  ua.engine = ''
  ua.engineVersion = ''
  return true
}

function tridentOs(ua: Draft, comment: readonly string[]): void {
  ua.platform = 'Windows'
  if (ua.os === '') ua.os = comment[2] === undefined ? 'Windows NT 4.0' : windowsName(comment[2])
  if (comment.some((c) => c.startsWith('IEMobile'))) ua.isMobile = true
}

function operaOs(ua: Draft, [first, second]: readonly string[]): void {
  if (first === undefined) return
  if (first.startsWith('Windows')) {
    ua.platform = 'Windows'
    ua.os = windowsName(first)
    return
  }
  if (first.startsWith('Android')) ua.isMobile = true
  ua.platform = first
  ua.os = second ?? first
}

// --- bots

const BOT_NAME = /bot|crawler|sp[iy]der|search|worm|fetch|nutch/i
const SITE = /https?:\/\/.+\.\w+/

function detectBot(ua: Draft, sections: readonly Section[]): void {
  const first = sections[0]!
  if (sections.length === 1 && first.name !== 'Mozilla') {
    const named = BOT_NAME.test(first.name)
    const bot = named || siteName(parts(first)) !== ''
    return settle(ua, first.name, named ? '' : first.version, bot)
  }
  for (const section of sections) {
    const name = siteName(parts(section))
    if (name === '') continue
    const slash = name.indexOf('/')
    return slash < 0
      ? settle(ua, name, '', true)
      : settle(ua, name.slice(0, slash), name.slice(slash + 1), true)
  }
  setBrowser(ua, first.name, first.version)
}

/** Who gives an address for questions: the part before the address, or the address itself. */
function siteName(comment: readonly string[]): string {
  const at = comment.length < 3 ? 0 : comment.length === 4 ? 3 : 2
  const site = SITE.exec(comment[at] ?? '')?.[0]
  if (site === undefined) return ''
  return at === 0 ? site : comment[at - 1]!.trim()
}

function settle(ua: Draft, name: string, version: string, isBot: boolean): void {
  ua.isBot = isBot
  setBrowser(ua, name, version)
  ua.engine = ''
  ua.engineVersion = ''
  ua.os = ''
}
