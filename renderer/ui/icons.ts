// Icons: 16 grid, stroke 1.5, drawn for this console. A filled shape says so.

interface IconShape {
  readonly d: string
  readonly filled?: string
}

/** A circle as a path. */
const ring = (x: number, y: number, r: number): string =>
  `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`

export const ICONS = {
  mark: { d: 'M3 4.5h10M3 8h6.5M3 11.5h3.5M12.5 8v5.5M9.75 11l2.75 2.75L15.25 11' },
  search: { d: `${ring(7, 7, 4.25)}m8.5 0m-1 3.25l3.5 3.5` },
  overview: { d: 'M2.5 12a5.75 5.75 0 1 1 11 0M8 11l2.25-4' },
  charts: { d: 'M2.5 2.5v11h11M5 10l2.5-3.25L9.75 8.5l3.5-4.5' },
  pipelines: {
    d: 'M6 2.5C3.5 2.5 5 8 2.5 8 5 8 3.5 13.5 6 13.5M10 2.5c2.5 0 1 5.5 3.5 5.5-2.5 0-1 5.5-3.5 5.5',
  },
  filter: { d: 'M2.5 4h11M4.5 8h7M6.5 12h3' },
  pause: { d: 'M5.5 3.5v9M10.5 3.5v9' },
  play: { d: 'M5 3.25 12.5 8 5 12.75z' },
  plus: { d: 'M8 3v10M3 8h10' },
  refresh: { d: 'M13.25 8A5.25 5.25 0 1 1 11.6 4.2M13.25 2.25V5h-2.75' },
  back: { d: 'M7 3.5 2.5 8 7 12.5M2.5 8h11' },
  reset: { d: 'M2.5 5.5v-3h3M13.5 5.5v-3h-3M2.5 10.5v3h3M13.5 10.5v3h-3' },
  settings: { d: `m8 1.75 5.4 3.1v6.3L8 14.25l-5.4-3.1v-6.3z${ring(8, 8, 2)}` },
  theme: { d: ring(8, 8, 5.5), filled: 'M8 2.5a5.5 5.5 0 0 1 0 11z' },
  copy: { d: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3' },
  check: { d: 'm3 8.5 3.25 3.25L13 4.5' },
  close: { d: 'm4 4 8 8M12 4l-8 8' },
  chevron: { d: 'm4 6 4 4 4-4' },
  table: { d: 'M2.5 3.5h11v9h-11zM2.5 6.5h11M6.5 6.5v6' },
  folder: { d: 'M2 12.5v-9h4l1.5 2H14v7z' },
  plug: { d: 'M5.5 2v3.5M10.5 2v3.5M3.5 5.5h9v2a4.5 4.5 0 0 1-9 0zM8 12v2.5' },
  lock: { d: 'M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2' },
  mountain: { d: 'M2 12.5h12M3.5 12.5V8M8 12.5V3.5M12.5 12.5V10' },
} as const satisfies Record<string, IconShape>

export type IconName = keyof typeof ICONS
