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

const parts = ({ comment }: Section): readonly string[] => comment?.split('; ') ?? []

interface Draft {
  isMobile: boolean
  isBot: boolean
  platform: string
  os: string
  engine: string
  engineVersion: string
  browser: string
  browserVersion: string
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

const BOT =
  /bot|slurp|ia_archiver|crawler|spider|hound|yandeximages|curious|dataprovider|mediapartners-google|seznam/i
const BOT_ADDRESS = /https?:\/\/|\+http|www\./i

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
  }
  if (sections.length === 0) return ua
  detectBrowser(ua, sections)
  detectOs(ua, sections[0]!)
  // A bot says so in its name or gives an address for questions. Nearly every text is free of both.
  if (BOT.test(text) || (sections.length === 1 && BOT_ADDRESS.test(text))) detectBot(ua, sections)
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
      const end = closing(text, at)
      comment = text.slice(at + 1, end)
      // The character behind the parenthesis, a blank as a rule, goes with it.
      at = end + 2
    }
    if (text.charCodeAt(at) === BRACKET) {
      const end = text.indexOf(']', at)
      at = end < 0 ? text.length : end + 2
    }
    sections.push({ name, version, comment })
  }
  return sections
}

function closing(text: string, open: number): number {
  let depth = 1
  let at = open + 1
  let inner = text.indexOf('(', at)
  for (;;) {
    const end = text.indexOf(')', at)
    if (end < 0) return text.length
    for (; inner >= 0 && inner < end; inner = text.indexOf('(', inner + 1)) depth++
    if (--depth === 0) return end
    at = end + 1
  }
}

function detectBrowser(ua: Draft, sections: readonly Section[]): void {
  const first = sections[0]!
  if (first.name === 'Opera') {
    setBrowser(ua, 'Opera', first.version)
    if (sections[1]) setEngine(ua, sections[1])
    return
  }
  if (sections.length === 1) {
    if (first.name !== 'Mozilla') setBrowser(ua, first.name, first.version)
    return
  }
  const engine = sections[1]!
  setEngine(ua, engine)
  if (engine.name === 'AppleWebKit') return webkitBrowser(ua, sections)
  const third = sections[2]
  if (engine.name === 'Gecko') {
    if (third?.name === 'MRA' && sections[4]?.name === 'Firefox')
      return setBrowser(ua, 'Firefox', sections[4].version)
    return setBrowser(ua, third?.name ?? '', third?.version ?? '')
  }
  if (first.name === 'Mozilla' && engine.name === 'like' && third?.name === 'Gecko') {
    ua.engine = 'Trident'
    ua.engineVersion = ''
    const version =
      parts(first)
        .find((c) => c.startsWith('rv:'))
        ?.slice(3) ?? ''
    return setBrowser(ua, 'Internet Explorer', version)
  }
  if (first.name !== 'Mozilla') setBrowser(ua, first.name, first.version)
}

function setBrowser(ua: Draft, name: string, version: string): void {
  ua.browser = name
  ua.browserVersion = version
}

function setEngine(ua: Draft, section: Section): void {
  ua.engine = section.name
  ua.engineVersion = section.version
}

/** Products that name themselves behind Chrome or Safari. */
const DERIVED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    OPR: 'Opera',
    OPiOS: 'Opera',
    Edg: 'Edge',
    Edge: 'Edge',
    EdgA: 'Edge',
    EdgiOS: 'Edge',
    Vivaldi: 'Vivaldi',
    YaBrowser: 'Yandex',
    SamsungBrowser: 'Samsung Internet',
    UCBrowser: 'UCBrowser',
    QQBrowser: 'QQBrowser',
    HeadlessChrome: 'Headless Chrome',
    CriOS: 'Chrome',
    FxiOS: 'Firefox',
    Electron: 'Electron',
    DuckDuckGo: 'DuckDuckGo',
    Coc_Coc_Browser: 'Coc Coc',
    coc_coc_browser: 'Coc Coc',
    Epiphany: 'Epiphany',
    GSA: 'Google App',
    NintendoBrowser: 'NintendoBrowser',
  }),
)

function webkitBrowser(ua: Draft, sections: readonly Section[]): void {
  for (let i = 2; i < sections.length; i++) {
    const name = DERIVED.get(sections[i]!.name)
    if (name !== undefined) return setBrowser(ua, name, sections[i]!.version)
  }
  const chrome = find(sections, 'Chrome') ?? find(sections, 'Chromium')
  if (chrome) return setBrowser(ua, chrome.name, chrome.version)
  const safari = find(sections, 'Safari')
  if (safari) return setBrowser(ua, 'Safari', find(sections, 'Version')?.version ?? safari.version)
  const third = sections[2]
  if (third?.name === 'Mobile') return setBrowser(ua, 'Safari', '')
  setBrowser(ua, third?.name ?? '', third?.version ?? '')
}

function find(sections: readonly Section[], name: string): Section | undefined {
  for (const section of sections) if (section.name === name) return section
  return undefined
}

function detectOs(ua: Draft, first: Section): void {
  if (first.comment === undefined) return
  const comment = parts(first)
  const platform = comment[0]!
  if (first.name === 'Opera') ua.platform = platformOf(platform)
  if (platform === 'compatible') return compatibleOs(ua, comment)
  ua.platform = platformOf(platform)
  ua.isMobile = /mobile/i.test(first.comment)
  if (platform.startsWith('Windows')) windowsOs(ua, platform, comment)
  else if (platform === 'X11' || platform === 'Wayland') ua.os = x11Os(comment)
  else if (platform === 'Linux') linuxOs(ua, comment)
  else if (platform === 'Android') androidOs(ua, comment)
  else if (platform === 'Macintosh') ua.os = comment.find((c) => /Mac OS X|PPC/.test(c)) ?? comment[1] ?? ''
  else if (/^(?:iPhone|iPad|iPod|iPod touch)$/.test(platform)) {
    ua.isMobile = true
    ua.os = comment.find((c) => /like Mac OS X/.test(c)) ?? comment[1] ?? ''
  } else if (platform === 'BlackBerry' || platform === 'PlayBook') {
    ua.isMobile = true
    ua.os = comment.at(-1) ?? ''
  } else ua.os = comment[1] ?? ''
}

const platformOf = (text: string): string => (text.startsWith('Windows') ? 'Windows' : text)

function windowsName(text: string): string {
  const version = /^Windows NT ([\d.]+)/.exec(text)?.[1]
  return version === undefined ? text : (WINDOWS[version] ?? text)
}

function windowsOs(ua: Draft, platform: string, comment: readonly string[]): void {
  ua.os = windowsName(platform)
  if (platform.startsWith('Windows Phone')) ua.isMobile = true
  if (comment.length > 1 && platform === 'Windows')
    ua.os = windowsName(comment.find((c) => c.startsWith('Windows ')) ?? platform)
}

const NOISE = /^(?:U|I|N|rv:.*|[a-z]{2}(?:[-_][A-Za-z]{2})?)$/

const x11Os = (comment: readonly string[]): string => comment.slice(1).find((c) => !NOISE.test(c)) ?? ''

function linuxOs(ua: Draft, comment: readonly string[]): void {
  const android = comment.find((c) => c.startsWith('Android'))
  ua.os = android ?? x11Os(comment)
  if (android !== undefined) ua.isMobile = true
}

function androidOs(ua: Draft, comment: readonly string[]): void {
  ua.isMobile = true
  ua.os = comment[1] === undefined || /^Mobile|^Tablet|^rv:/.test(comment[1]) ? 'Android' : comment[1]
}

/** An Internet Explorer in compatibility mode still names its engine. */
const TRIDENT: Readonly<Record<string, string>> = { '4.0': '8.0', '5.0': '9.0', '6.0': '10.0' }

/** Internet Explorer and bots say `compatible` first. */
function compatibleOs(ua: Draft, comment: readonly string[]): void {
  const msie = comment.find((c) => c.startsWith('MSIE '))
  if (msie === undefined) return
  ua.browser = 'Internet Explorer'
  const trident = comment.find((c) => c.startsWith('Trident/'))?.slice(8) ?? ''
  ua.browserVersion = TRIDENT[trident] ?? msie.slice(5)
  ua.engine = 'Trident'
  ua.engineVersion = ''
  ua.platform = 'Windows'
  ua.os = windowsName(comment.find((c) => c.startsWith('Windows')) ?? '')
}

function named(text: string): [string, string] {
  const slash = text.indexOf('/')
  return slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)]
}

function detectBot(ua: Draft, sections: readonly Section[]): void {
  const [first] = sections
  const bot = (name: string, version: string): void => {
    Object.assign(ua, { isBot: true, isMobile: ua.isMobile, browser: name, browserVersion: version })
    Object.assign(ua, { platform: '', os: '', engine: '', engineVersion: '' })
  }
  if (sections.length === 1 && first!.name !== 'Mozilla') {
    if (BOT.test(first!.name) || parts(first!).some((c) => BOT_ADDRESS.test(c)))
      bot(first!.name, first!.version)
    return
  }
  for (const section of sections)
    for (const part of parts(section))
      if (BOT.test(part) && !BOT_ADDRESS.test(part)) {
        const [name, version] = named(part)
        const { isMobile } = ua
        bot(name, version)
        ua.isMobile = isMobile
        return
      }
  const product = sections.slice(1).find((s) => BOT.test(s.name))
  if (product) bot(product.name, product.version)
}
