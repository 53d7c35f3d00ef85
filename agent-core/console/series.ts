// Joins what the store has at the collectors' rhythm with what the memory window has at 1 s, and names the units.
import type { SeriesView } from '../contract/charts.ts'
import type { InputDefinition } from '../inputs/define-input.ts'

type Tags = Readonly<Record<string, string>>

/** Unit of a field by measurement, as the collectors describe them. */
export function unitsOf(
  definitions: readonly InputDefinition[],
): (measurement: string, field: string) => string {
  const units = new Map(
    definitions.flatMap((d) =>
      d.measurements.flatMap((m) =>
        Object.entries(m.fields).map(([field, info]) => [`${m.name} ${field}`, info.unit] as const),
      ),
    ),
  )
  return (measurement, field) => units.get(`${measurement} ${field}`) ?? ''
}

/**
 * Where the memory window begins it takes over: its samples are the finer ones. The store's series carry the global tags,
 * the window's only the collector's own, so a live series belongs to the stored one that has all its tags.
 */
export function overlayLive(
  stored: readonly SeriesView[],
  live: readonly SeriesView[],
  globalTags: Tags,
): SeriesView[] {
  const merged = [...stored]
  for (const fresh of live) {
    if (fresh.times.length === 0) continue
    const at = merged.findIndex(
      (s) => s.measurement === fresh.measurement && s.field === fresh.field && hasAll(s.tags, fresh.tags),
    )
    if (at < 0) merged.push({ ...fresh, tags: { ...globalTags, ...fresh.tags } })
    else merged[at] = join(merged[at]!, fresh)
  }
  return merged
}

function join(stored: SeriesView, live: SeriesView): SeriesView {
  const begin = live.times[0]!
  const keep = stored.times.findIndex((time) => time >= begin)
  const before = keep < 0 ? stored.times.length : keep
  const { measurement, field, tags, unit } = stored
  return {
    measurement,
    field,
    tags,
    unit,
    times: [...stored.times.slice(0, before), ...live.times],
    values: [...stored.values.slice(0, before), ...live.values],
  }
}

const hasAll = (tags: Tags, wanted: Tags): boolean =>
  Object.entries(wanted).every(([key, value]) => tags[key] === value)
