// What a disk is called in its point, and which udev properties become tags.
import type { Clock } from '../../kernel/clock.ts'
import type { BlockDevice, DiskIoCounters, DiskIoReader } from '../host/ports.ts'

const VARIABLE = /\$(?:(\w+)|\{(\w+)\})/g
/** udev may learn more about a device, and another one may take its name. */
const REMEMBER_MS = 10 * 60_000

export interface DiskNames {
  readonly tags: Readonly<Record<string, string>>
  /** Kernel name and links, for the `devices` patterns. */
  readonly aliases: readonly string[]
}

export interface NamingSettings {
  readonly device_tags: readonly string[]
  readonly name_templates: readonly string[]
  readonly skip_serial_number: boolean
}

/** The first template whose variables all have a value; undefined when none has. */
export function applyTemplates(
  templates: readonly string[],
  properties: ReadonlyMap<string, string>,
): string | undefined {
  for (const template of templates) {
    let complete = true
    const name = template.replace(VARIABLE, (_, plain?: string, braced?: string) => {
      const value = properties.get(plain ?? braced ?? '')
      if (!value) complete = false
      return value ?? ''
    })
    if (complete && name !== '') return name
  }
  return undefined
}

export function diskNames(disk: DiskIoCounters, device: BlockDevice, settings: NamingSettings): DiskNames {
  const tags: Record<string, string> = {}
  for (const key of settings.device_tags) {
    const value = device.properties.get(key)
    if (value) tags[key] = value
  }
  tags['name'] = applyTemplates(settings.name_templates, device.properties) ?? `/dev/${disk.name}`
  if (!settings.skip_serial_number) tags['serial'] = device.serial ?? 'unknown'
  return { tags, aliases: [disk.name, ...device.links] }
}

/** Remembers names: they cost some small files each. */
export class DiskNaming {
  readonly #reader: DiskIoReader
  readonly #clock: Clock
  readonly #settings: NamingSettings
  #known = new Map<string, DiskNames>()
  #since: number

  constructor(reader: DiskIoReader, clock: Clock, settings: NamingSettings) {
    this.#reader = reader
    this.#clock = clock
    this.#settings = settings
    this.#since = clock.monotonic()
  }

  of(disk: DiskIoCounters): DiskNames {
    const now = this.#clock.monotonic()
    if (now - this.#since >= REMEMBER_MS) {
      this.#known = new Map()
      this.#since = now
    }
    const key = `${disk.id ?? ''} ${disk.name}`
    let names = this.#known.get(key)
    if (!names) {
      names = diskNames(disk, this.#reader.describe(disk), this.#settings)
      this.#known.set(key, names)
    }
    return names
  }
}
