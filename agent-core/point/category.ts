// The categories of points (spec points-io-http.md section 1.1).

export const CATEGORIES = [
  { name: 'metric', alias: 'M', enum: 3, local: true },
  { name: 'network', alias: 'N', enum: 4, local: true },
  { name: 'keyevent', alias: 'E', enum: 5, local: true },
  { name: 'object', alias: 'O', enum: 6, local: true },
  { name: 'object_change', alias: 'OCH', enum: 7, local: false },
  { name: 'custom_object', alias: 'CO', enum: 8, local: true },
  { name: 'logging', alias: 'L', enum: 9, local: true },
  { name: 'tracing', alias: 'T', enum: 10, local: true },
  { name: 'rum', alias: 'R', enum: 11, local: true },
  { name: 'security', alias: 'S', enum: 12, local: true },
  { name: 'profiling', alias: 'P', enum: 13, local: false },
  { name: 'dialtesting', alias: 'DT', enum: 14, local: false },
  { name: 'dynamic_dw', alias: 'DYNAMIC_DW', enum: 1, local: false },
] as const satisfies readonly { name: string; alias: string; enum: number; local: boolean }[]

export type Category = (typeof CATEGORIES)[number]['name']

const byText = new Map<string, Category>(
  CATEGORIES.flatMap((c) => [[c.name, c.name] as const, [c.alias, c.name] as const]),
)

/** A category by its name or alias, exact case; undefined when there is none. */
export const parseCategory = (text: string): Category | undefined => byText.get(text)
