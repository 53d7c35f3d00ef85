// The keys of the studio, in one place: shown where the action is, in the palette, and none of them taken by a browser.
import type { Key } from '../../ui/use-keys.ts'

export const STUDIO_KEYS = {
  save: { key: 's', mod: true },
  run: { key: 'Enter', mod: true },
  cancel: { key: '.', mod: true },
  create: { key: 'n', alt: true },
  addSample: { key: 'a', alt: true },
  fromFile: { key: 'o', alt: true },
  fromTap: { key: 'w', alt: true },
  fromStore: { key: 'q', alt: true },
  saveCase: { key: 'c', alt: true },
  grok: { key: 'g', alt: true },
  bench: { key: 'm', alt: true },
  impact: { key: 'i', alt: true },
  fix: { key: 'Enter', alt: true },
  nextProblem: { key: 'F8' },
  nextPart: { key: 'F6' },
} as const satisfies Record<string, Key>
