// Texts for names that the agent sends: known ones by the locale files, a name that is not there yet as it is.

type Translate = (key: string, params?: Record<string, unknown>) => string
type Exists = (key: string) => boolean

export const reasonText = (t: Translate, te: Exists, reason: string): string =>
  te(`reason.${reason}`) ? t(`reason.${reason}`) : reason

export const categoryText = (t: Translate, te: Exists, category: string): string =>
  te(`category.${category}`) ? t(`category.${category}`) : category

/** An event that this console does not know yet still shows its name and facts. */
export function eventText(
  t: Translate,
  te: Exists,
  event: { readonly kind: string; readonly params: Readonly<Record<string, string | number>> },
): string {
  const key = `event.${event.kind}`
  if (te(key)) return t(key, { ...event.params })
  const facts = Object.entries(event.params).map(([name, value]) => `${name}=${value}`)
  return [event.kind, ...facts].join(' ')
}
