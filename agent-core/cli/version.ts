// `datakit version`: what is installed, in the layout that DataKit prints.
export interface BuildFacts {
  readonly version: string
  readonly commit: string
  readonly builtAt: string
}

export function versionText(facts: BuildFacts, node = process.version): string {
  const rows: readonly (readonly [string, string])[] = [
    ['Version', facts.version],
    ['Commit', facts.commit || '-'],
    ['Build At(UTC)', facts.builtAt || '-'],
    ['Node Version', `${node} ${process.platform}/${process.arch}`],
    ['Build Tag', 'desktop'],
  ]
  return `\n${rows.map(([name, value]) => `${name.padStart(14)}: ${value}`).join('\n')}\n`
}
