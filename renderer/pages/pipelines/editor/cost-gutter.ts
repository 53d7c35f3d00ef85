// Time per statement beside the line it stands on: the figure, and a bar for its share of the dearest line.
import { RangeSetBuilder, StateEffect, StateField, type Extension } from '@codemirror/state'
import { gutter, GutterMarker } from '@codemirror/view'
import type { RangeSet } from '@codemirror/state'
import type { LineCost } from '../trace.ts'

const BAR_PX = 24

export const setCosts = StateEffect.define<ReadonlyMap<number, LineCost>>()

class CostMarker extends GutterMarker {
  readonly share: number
  readonly text: string

  constructor(share: number, text: string) {
    super()
    this.share = share
    this.text = text
  }
  override eq(other: CostMarker): boolean {
    return other.share === this.share && other.text === this.text
  }
  override toDOM(): Node {
    const cell = document.createElement('span')
    cell.className = 'cm-cost-cell'
    const bar = document.createElement('i')
    bar.className = 'cm-cost-bar'
    const width = Math.round(this.share * BAR_PX)
    if (width > 1) {
      bar.style.width = `${width}px`
      cell.append(bar)
    }
    cell.append(this.text)
    return cell
  }
}

/** `figure` writes ns as the console does. Lines move with edits until the next run tells anew. */
export function costGutter(figure: (ns: number) => string): Extension {
  const field = StateField.define<RangeSet<GutterMarker>>({
    create: () => new RangeSetBuilder<GutterMarker>().finish(),
    update(markers, transaction) {
      const told = transaction.effects.find((effect) => effect.is(setCosts))
      if (!told) return markers.map(transaction.changes)
      const builder = new RangeSetBuilder<GutterMarker>()
      const { doc } = transaction.state
      for (const { line, ns, share } of [...told.value.values()].toSorted((a, b) => a.line - b.line)) {
        if (line < 1 || line > doc.lines) continue
        const { from } = doc.line(line)
        builder.add(from, from, new CostMarker(share, figure(ns)))
      }
      return builder.finish()
    },
  })
  return [field, gutter({ class: 'cm-cost', side: 'after', markers: (view) => view.state.field(field) })]
}
