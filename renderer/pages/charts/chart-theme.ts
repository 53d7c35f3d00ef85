// Colours of the canvas: the tokens as the page computes them now, read again when the theme changes.
import { onBeforeUnmount, shallowRef, watch, type ShallowRef } from 'vue'
import { useSettings } from '../../stores/settings.ts'

export interface ChartTheme {
  /** Series colours, first to fifth. */
  readonly series: readonly string[]
  readonly fills: readonly string[]
  readonly grid: string
  readonly axis: string
  readonly font: string
}

const SERIES = ['--s1', '--s2', '--s3', '--s4', '--s5']
const FILL_ALPHA = 0.16

/** A token holds light-dark(…): only a property that takes a colour tells which one it is. */
function readTheme(): ChartTheme {
  const probe = document.createElement('span')
  document.body.append(probe)
  const colour = (token: string): string => {
    probe.style.color = `var(${token})`
    return getComputedStyle(probe).color
  }
  const series = SERIES.map(colour)
  const theme = {
    series,
    fills: series.map((rgb) => rgb.replace(/^rgb\((.*)\)$/, `rgba($1, ${FILL_ALPHA})`)),
    grid: colour('--line'),
    axis: colour('--ink-3'),
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
  }
  probe.remove()
  return theme
}

export function useChartTheme(): Readonly<ShallowRef<ChartTheme>> {
  const settings = useSettings()
  const theme = shallowRef(readTheme())
  const update = (): void => {
    theme.value = readTheme()
  }
  const system = matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', update)
  onBeforeUnmount(() => system.removeEventListener('change', update))
  watch(() => settings.settings.theme, update, { flush: 'post' })
  return theme
}
