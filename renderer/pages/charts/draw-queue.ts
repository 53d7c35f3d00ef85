// Charts draw in turns, two a frame: eight canvases of an hour's samples in one frame would hold the page up.
import { inject, onScopeDispose, provide, type InjectionKey } from 'vue'

interface DrawQueue {
  /** Draws in one of the next frames; what waits already keeps its place. */
  add(draw: () => void): void
  remove(draw: () => void): void
}

const queueKey: InjectionKey<DrawQueue> = Symbol('chart draws')
const DRAWS_A_FRAME = 2

export function provideDrawQueue(): void {
  const waiting = new Set<() => void>()
  let frame: number | undefined
  const next = (): void => {
    frame = undefined
    for (const draw of [...waiting].slice(0, DRAWS_A_FRAME)) {
      waiting.delete(draw)
      draw()
    }
    arm()
  }
  const arm = (): void => {
    if (waiting.size > 0) frame ??= requestAnimationFrame(next)
  }
  provide(queueKey, {
    add(draw) {
      waiting.add(draw)
      arm()
    },
    remove: (draw) => void waiting.delete(draw),
  })
  onScopeDispose(() => {
    if (frame !== undefined) cancelAnimationFrame(frame)
  })
}

/** A chart that stands alone draws at once. */
export const useDrawQueue = (): DrawQueue =>
  inject(queueKey, undefined) ?? { add: (draw) => draw(), remove() {} }
