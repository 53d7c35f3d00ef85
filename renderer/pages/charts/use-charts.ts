// The data of the Charts page: loads what the range shows, follows live samples, refreshes what is not live.
import { computed, onScopeDispose, ref, shallowReactive, shallowRef, watch, type ShallowRef } from 'vue'
import type { MarkView } from '../../../agent-core/contract/index.ts'
import type { Timer } from '../../clock.ts'
import { useServices } from '../../services.ts'
import { useConnection } from '../../stores/connection.ts'
import { appendLive, buildFrame, emptyFrame, type Frame } from './frame.ts'
import { PANELS, queriesOf, type PanelId } from './panels.ts'
import { clampSpan, panned, RANGES, zoomed, type RangeId, type Span } from './ranges.ts'

/** Samples a series of a stored range: about one a pixel pair of a wide window. */
const STORED_POINTS = 1800
const LIVE_POINTS = 3700
/** A live chart whose collector is slower than a second is read again this often. */
const SLOW_MS = 10_000
const REFRESH_MS = 30_000
const RETRY_MS = 3000
const SETTLE_MS = 120

const ALL_QUERIES = PANELS.flatMap(queriesOf)

export function useCharts() {
  const { client, clock } = useServices()
  const connection = useConnection()

  const rangeId = ref<RangeId>('5m')
  const zooms = shallowRef<readonly Span[]>([])
  const paused = ref(false)
  const loading = ref(true)
  const error = shallowRef<unknown>()
  const lost = ref(0)
  const stepMs = ref(1000)
  const marks = shallowRef<readonly MarkView[]>([])
  const frames = Object.fromEntries(PANELS.map(({ id }) => [id, shallowRef(emptyFrame())])) as Record<
    PanelId,
    ShallowRef<Frame>
  >
  /** Right edge while no zoom stands: the newest sample or the last load. */
  const end = ref(clock.now())
  const groups = shallowReactive(new Map<PanelId, string>())

  const zoom = computed(() => zooms.value.at(-1))
  const span = computed<Span>(
    () => zoom.value ?? { from: end.value - RANGES[rangeId.value].ms, to: end.value },
  )
  const live = computed(() => RANGES[rangeId.value].live && !zoom.value && !paused.value)
  const following = computed(() => !zoom.value && !paused.value)

  let loadAbort: AbortController | undefined
  let wanted = new Set<PanelId>()
  let liveAt = new Map<PanelId, number>()

  /** Loads the charts of `ids` for the present span; a newer load ends an older one. */
  async function load(ids: readonly PanelId[] = PANELS.map(({ id }) => id)): Promise<void> {
    loadAbort?.abort()
    const abort = new AbortController()
    loadAbort = abort
    // What the load that ends here was to bring is still to come.
    wanted = new Set([...wanted, ...ids])
    if (!zoom.value) end.value = clock.now()
    const { from, to } = span.value
    const specs = PANELS.filter(({ id }) => wanted.has(id))
    const points = RANGES[rangeId.value].live ? LIVE_POINTS : STORED_POINTS
    try {
      const query = { queries: specs.flatMap(queriesOf), from: Math.floor(from), to: Math.ceil(to), points }
      const [data, found] = await Promise.all([
        client.call('charts.query', query, { signal: abort.signal }),
        client.call('charts.marks', { from: query.from, to: query.to }, { signal: abort.signal }),
      ])
      for (const spec of specs) {
        const mine = data.series.filter(({ measurement }) => measurement === spec.measurement)
        frames[spec.id].value = buildFrame(spec, mine, data.stepMs)
      }
      stepMs.value = data.stepMs
      marks.value = found
      error.value = undefined
      wanted.clear()
    } catch (thrown) {
      if (abort.signal.aborted) return
      wanted.clear()
      error.value = thrown
    }
    loading.value = false
  }

  // Follow: live samples for what has them, reading again for the rest.
  watch(
    [live, () => connection.visible, () => connection.connected, rangeId],
    ([isLive, visible, connected], before, onCleanup) => {
      if (!visible || !connected) return
      // What ends here by a zoom is loaded when the zoom rests.
      if (isLive || !before[0] || !zoom.value) void load()
      if (!isLive) return
      liveAt = new Map()
      let reopen: Timer | undefined
      const listen = (): { dispose(): void } =>
        client.listen(
          'charts.live',
          { queries: ALL_QUERIES },
          {
            onEvent({ time, values }, skipped) {
              lost.value += skipped
              end.value = Math.max(end.value, time)
              const keepFrom = time - RANGES[rangeId.value].ms
              for (const spec of PANELS) {
                const frame = frames[spec.id]
                if (!appendLive(spec, frame.value, time, values, keepFrom)) continue
                liveAt.set(spec.id, time)
                // A new object over the same arrays: cheap, and whoever shows the frame sees that it changed.
                frame.value = { ...frame.value }
              }
            },
            onEnd(ended) {
              error.value = ended
              reopen = clock.after(RETRY_MS, () => (stream = listen()))
            },
          },
        )
      let stream = listen()
      const slow = clock.every(SLOW_MS, () => {
        const since = clock.now() - SLOW_MS
        const ids = PANELS.map(({ id }) => id).filter((id) => (liveAt.get(id) ?? 0) < since)
        if (ids.length > 0) void load(ids)
      })
      onCleanup(() => {
        stream.dispose()
        reopen?.dispose()
        slow.dispose()
      })
    },
    { immediate: true },
  )
  watch(
    [following, () => connection.visible],
    ([isFollowing, visible], _before, onCleanup) => {
      if (!isFollowing || !visible) return
      const timer = clock.every(REFRESH_MS, () => {
        if (!live.value) void load()
      })
      onCleanup(() => timer.dispose())
    },
    { immediate: true },
  )
  // A zoom shows what is there at once; the finer data is asked for when keys or wheel rest.
  watch(zoom, (now, _before, onCleanup) => {
    if (!now) return
    const timer = clock.after(SETTLE_MS, () => void load())
    onCleanup(() => timer.dispose())
  })
  onScopeDispose(() => loadAbort?.abort())

  const zoomTo = (to: Span): void => {
    zooms.value = [...zooms.value, clampSpan(to, clock.now())]
  }
  /** Replaces the present zoom: walking by keys leaves one step to go back, not twenty. */
  const shift = (to: Span): void => {
    zooms.value = [...zooms.value.slice(0, -1), to]
  }
  return {
    rangeId,
    span,
    zoom,
    live,
    paused,
    loading,
    error,
    lost,
    stepMs,
    marks,
    frames,
    groups,
    load,
    zoomTo,
    zoomBy: (factor: number) => zoomTo(zoomed(span.value, factor, clock.now())),
    pan: (share: number) => shift(panned(span.value, share, clock.now())),
    back: () => {
      zooms.value = zooms.value.slice(0, -1)
    },
    reset: () => {
      zooms.value = []
    },
    choose: (id: RangeId) => {
      zooms.value = []
      paused.value = false
      lost.value = 0
      rangeId.value = id
    },
  }
}

export type Charts = ReturnType<typeof useCharts>
