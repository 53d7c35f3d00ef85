// Time zones: offsets of IANA zones, wall clock to instant as Go does it, and the abbreviations people write.

/** One region a fixed offset, daylight saving included, as scripts have always written `+8`. */
const OFFSET_REGIONS: Readonly<Record<string, string>> = {
  '-11': 'Pacific/Midway',
  '-10': 'Pacific/Honolulu',
  '-9:30': 'Pacific/Marquesas',
  '-9': 'America/Anchorage',
  '-8': 'America/Los_Angeles',
  '-7': 'America/Phoenix',
  '-6': 'America/Chicago',
  '-5': 'America/New_York',
  '-4': 'America/Santiago',
  '-3:30': 'America/St_Johns',
  '-3': 'America/Sao_Paulo',
  '-2': 'America/Noronha',
  '-1': 'America/Scoresbysund',
  '+0': 'Europe/London',
  '+1': 'Europe/Vatican',
  '+2': 'Europe/Kiev',
  '+3': 'Europe/Moscow',
  '+3:30': 'Asia/Tehran',
  '+4': 'Asia/Dubai',
  '+4:30': 'Asia/Kabul',
  '+5': 'Asia/Samarkand',
  '+5:30': 'Asia/Kolkata',
  '+5:45': 'Asia/Kathmandu',
  '+6': 'Asia/Almaty',
  '+6:30': 'Asia/Yangon',
  '+7': 'Asia/Jakarta',
  '+8': 'Asia/Shanghai',
  '+8:45': 'Australia/Eucla',
  '+9': 'Asia/Tokyo',
  '+9:30': 'Australia/Darwin',
  '+10': 'Australia/Sydney',
  '+10:30': 'Australia/Lord_Howe',
  '+11': 'Pacific/Guadalcanal',
  '+12': 'Pacific/Auckland',
  '+12:45': 'Pacific/Chatham',
  '+13': 'Pacific/Apia',
  '+14': 'Pacific/Kiritimati',
}

/** The region of `+8`, `-3:30`, ...; undefined for any other text. */
export const offsetRegion = (text: string): string | undefined =>
  Object.hasOwn(OFFSET_REGIONS, text) ? OFFSET_REGIONS[text] : undefined

/** Standard and daylight abbreviations; regions that are not here go by their offset (`+08`). */
const ABBREVIATIONS: readonly (readonly [RegExp, string, string?])[] = [
  [/^(?:UTC|Etc\/(?:UTC|UCT|Universal|Zulu)|Universal|Zulu|UCT)$/, 'UTC'],
  [
    /^(?:GMT|Etc\/(?:GMT|Greenwich)|Greenwich|Africa\/(?:Abidjan|Accra|Dakar)|Atlantic\/Reykjavik|Iceland)$/,
    'GMT',
  ],
  [/^(?:Asia\/(?:Shanghai|Chongqing|Chungking|Harbin|Taipei|Macau|Macao)|PRC|ROC)$/, 'CST', 'CDT'],
  [/^(?:Asia\/Hong_Kong|Hongkong)$/, 'HKT', 'HKST'],
  [/^(?:Asia\/Tokyo|Japan)$/, 'JST', 'JDT'],
  [/^(?:Asia\/Seoul|Asia\/Pyongyang|ROK)$/, 'KST', 'KDT'],
  [/^Asia\/(?:Kolkata|Calcutta)$/, 'IST'],
  [/^Asia\/Karachi$/, 'PKT', 'PKST'],
  [/^Asia\/(?:Jakarta|Pontianak)$/, 'WIB'],
  [/^Asia\/Makassar$/, 'WITA'],
  [/^Asia\/Jayapura$/, 'WIT'],
  [/^Asia\/Manila$/, 'PST', 'PDT'],
  [/^(?:Asia\/(?:Jerusalem|Tel_Aviv)|Israel)$/, 'IST', 'IDT'],
  [/^Asia\/(?:Beirut|Nicosia|Gaza|Hebron|Famagusta)$/, 'EET', 'EEST'],
  [/^(?:Europe\/(?:London|Belfast|Jersey|Guernsey|Isle_of_Man)|GB|GB-Eire)$/, 'GMT', 'BST'],
  [/^(?:Europe\/Dublin|Eire)$/, 'GMT', 'IST'],
  [/^(?:Europe\/Lisbon|Portugal|WET|Atlantic\/(?:Canary|Madeira|Faroe))$/, 'WET', 'WEST'],
  [/^(?:Europe\/(?:Moscow|Simferopol)|W-SU)$/, 'MSK', 'MSD'],
  [
    /^(?:Europe\/(?:Athens|Bucharest|Helsinki|Kiev|Kyiv|Riga|Sofia|Tallinn|Vilnius|Chisinau|Mariehamn)|Africa\/Cairo|Egypt|EET)$/,
    'EET',
    'EEST',
  ],
  [
    /^(?:Europe\/(?:Amsterdam|Andorra|Belgrade|Berlin|Bratislava|Brussels|Budapest|Copenhagen|Gibraltar|Ljubljana|Luxembourg|Madrid|Malta|Monaco|Oslo|Paris|Podgorica|Prague|Rome|San_Marino|Sarajevo|Skopje|Stockholm|Tirane|Vaduz|Vatican|Vienna|Warsaw|Zagreb|Zurich)|Africa\/(?:Ceuta|Tunis|Algiers)|Poland|CET|MET)$/,
    'CET',
    'CEST',
  ],
  [/^Africa\/(?:Johannesburg)$/, 'SAST'],
  [/^Africa\/(?:Nairobi|Addis_Ababa|Kampala|Dar_es_Salaam)$/, 'EAT'],
  [/^Africa\/(?:Lagos|Luanda|Kinshasa)$/, 'WAT'],
  [/^Africa\/(?:Harare|Maputo|Lusaka|Khartoum)$/, 'CAT'],
  [
    /^(?:America\/(?:New_York|Detroit|Toronto|Montreal|Nassau|Port-au-Prince|Indianapolis|Indiana\/Indianapolis)|US\/Eastern|EST5EDT)$/,
    'EST',
    'EDT',
  ],
  [/^(?:America\/(?:Chicago|Winnipeg|Menominee|Matamoros)|US\/Central|CST6CDT)$/, 'CST', 'CDT'],
  [
    /^America\/(?:Mexico_City|Costa_Rica|Guatemala|El_Salvador|Managua|Regina|Tegucigalpa|Belize|Monterrey)$/,
    'CST',
    'CDT',
  ],
  [/^(?:America\/(?:Denver|Boise|Edmonton)|US\/Mountain|MST7MDT)$/, 'MST', 'MDT'],
  [/^(?:America\/(?:Phoenix|Hermosillo|Whitehorse)|US\/Arizona|MST)$/, 'MST'],
  [/^(?:America\/(?:Los_Angeles|Vancouver|Tijuana)|US\/Pacific|PST8PDT)$/, 'PST', 'PDT'],
  [/^(?:America\/(?:Anchorage|Juneau|Nome)|US\/Alaska)$/, 'AKST', 'AKDT'],
  [/^(?:Pacific\/Honolulu|US\/Hawaii|HST)$/, 'HST'],
  [/^(?:America\/(?:Halifax|Bermuda|Puerto_Rico|Thule)|Atlantic\/Bermuda|Canada\/Atlantic)$/, 'AST', 'ADT'],
  [/^(?:America\/St_Johns|Canada\/Newfoundland)$/, 'NST', 'NDT'],
  [/^(?:America\/(?:Panama|Jamaica|Cancun)|EST|Jamaica)$/, 'EST'],
  [/^(?:America\/Havana|Cuba)$/, 'CST', 'CDT'],
  [/^(?:Australia\/(?:Sydney|Melbourne|Hobart|Canberra|ACT|NSW|Victoria|Tasmania))$/, 'AEST', 'AEDT'],
  [/^Australia\/(?:Brisbane|Lindeman|Queensland)$/, 'AEST'],
  [/^Australia\/(?:Adelaide|Broken_Hill|South)$/, 'ACST', 'ACDT'],
  [/^Australia\/(?:Darwin|North)$/, 'ACST'],
  [/^Australia\/(?:Perth|West)$/, 'AWST', 'AWDT'],
  [/^(?:Pacific\/Auckland|NZ)$/, 'NZST', 'NZDT'],
  [/^Pacific\/Guam$/, 'ChST'],
  [/^Pacific\/(?:Midway|Pago_Pago)$/, 'SST'],
]

const HOUR = 3600
const EARLIEST = Date.UTC(1800, 0, 1) / 1000

/** A zone with its offsets remembered hour by hour. */
export class Zone {
  readonly name: string
  readonly #format: Intl.DateTimeFormat | undefined
  #hour = NaN
  #offset = 0
  #abbreviations: readonly [string, string?] | undefined

  constructor(name: string) {
    this.name = name
    // UTC needs no table; everything else asks the platform.
    if (name !== 'UTC')
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      })
  }

  /** Seconds east of UTC at an instant. */
  offset(seconds: number): number {
    if (!this.#format) return 0
    // No zone changes its offset inside a quarter of an hour that it does not begin.
    const quarter = Math.floor(seconds / 900)
    if (quarter === this.#hour) return this.#offset
    // Before the first change of any zone its offset is what it was then.
    const at = Math.max(quarter * 900, EARLIEST)
    const parts: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(at * 1000)) parts[type] = Number(value)
    const wall = Date.UTC(
      parts['year']!,
      parts['month']! - 1,
      parts['day']!,
      parts['hour'],
      parts['minute'],
      parts['second'],
    )
    this.#hour = quarter
    this.#offset = wall / 1000 - at
    return this.#offset
  }

  /** The instant of a wall clock; one that is skipped or repeated resolves as in Go. */
  instant(wall: number): number {
    if (!this.#format) return wall
    const first = this.offset(wall)
    if (first === 0) return wall
    const guess = wall - first
    const second = this.offset(guess)
    return second === first ? guess : wall - second
  }

  /** `CST`, `CEST`, or `+08` where the zone has no letters. */
  abbreviation(seconds: number): string {
    const offset = this.offset(seconds)
    // Only the time of the sun has seconds.
    if (offset % 60 !== 0) return 'LMT'
    const names = this.#names()
    if (!names) return numericName(offset)
    return names[1] !== undefined && offset !== this.#standard(seconds) ? names[1] : names[0]
  }

  /** The offset that an abbreviation means in this zone; undefined when the zone does not know it. */
  abbreviationOffset(name: string, seconds: number): number | undefined {
    const names = this.#names()
    if (!names) return undefined
    const standard = this.#standard(seconds)
    if (name === names[0]) return standard
    return name === names[1] ? standard + HOUR : undefined
  }

  #names(): readonly [string, string?] | undefined {
    if (!this.#abbreviations) {
      const found = ABBREVIATIONS.find(([pattern]) => pattern.test(this.name))
      if (found) this.#abbreviations = [found[1], found[2]]
    }
    return this.#abbreviations
  }

  /** The smaller offset of January and July of that year. */
  #standard(seconds: number): number {
    const year = new Date(seconds * 1000).getUTCFullYear()
    return Math.min(this.offset(Date.UTC(year, 0, 1) / 1000), this.offset(Date.UTC(year, 6, 1) / 1000))
  }
}

function numericName(offset: number): string {
  const minutes = Math.abs(Math.trunc(offset / 60))
  const hours = String(Math.floor(minutes / 60)).padStart(2, '0')
  const rest = minutes % 60
  return `${offset < 0 ? '-' : '+'}${hours}${rest === 0 ? '' : String(rest).padStart(2, '0')}`
}

/** The host's zone goes by no name, or by `Local`. */
export const unlessLocal = (name: string): string => (name === 'Local' ? '' : name)

/** Names that the platform knows and the zone database does not: Java's old three letters. */
const FOREIGN =
  /^(?:ACT|AET|AGT|ART|AST|BET|BST|CAT|CNT|CST|CTT|EAT|ECT|IET|IST|JST|MIT|NET|NST|PLT|PNT|PRT|PST|SST|VST)$/

/** The platform reads names in any case, the zone database does not. */
let spellings: ReadonlyMap<string, string> | undefined
function isMisspelt(name: string): boolean {
  spellings ??= new Map(Intl.supportedValuesOf('timeZone').map((zone) => [zone.toLowerCase(), zone]))
  const spelling = spellings.get(name.toLowerCase())
  return spelling !== undefined && spelling !== name
}

/** An IANA zone; undefined when the zone database does not know the name. Offsets such as `+08:00` are no names. */
export function findZone(name: string): Zone | undefined {
  if (name === '') return new Zone('UTC')
  if (!/^[A-Z]/.test(name) || FOREIGN.test(name) || isMisspelt(name)) return undefined
  try {
    return new Zone(name)
  } catch {
    return undefined
  }
}
