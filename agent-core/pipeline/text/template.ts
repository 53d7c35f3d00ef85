// Replacement templates of Go's regexp: `$1`, `${1}`, `${name}`, `$$`. `$1x` is the group called 1x.

const REFERENCE = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu

/** A JavaScript replacement string where it can say the same, else a function. */
export function goTemplate(
  template: string,
  groups: readonly (string | undefined)[],
): string | ((...match: unknown[]) => string) {
  if (!template.includes('$')) return template
  const parts: (string | number)[] = []
  let at = 0
  for (const found of template.matchAll(REFERENCE)) {
    parts.push(template.slice(at, found.index))
    at = found.index + found[0].length
    const name = found[1] ?? found[2]
    if (name === undefined) parts.push('$')
    else {
      const group = /^(?:0|[1-9]\d*)$/.test(name) ? Number(name) : groups.lastIndexOf(name)
      if (group >= 0 && group < groups.length) parts.push(group)
    }
  }
  parts.push(template.slice(at))
  return (...match) =>
    parts.map((p) => (typeof p === 'string' ? p : ((match[p] as string | undefined) ?? ''))).join('')
}
