// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { provideDrawQueue, useDrawQueue } from './draw-queue.ts'

let frames: (() => void)[] = []
afterEach(() => void (frames = []))

it('draws two charts a frame, each once however often it asked, and none that is gone', () => {
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run))
  vi.stubGlobal('cancelAnimationFrame', () => void (frames = []))
  let queue: ReturnType<typeof useDrawQueue> | undefined
  const chart = defineComponent(() => ((queue = useDrawQueue()), () => h('p')))
  const page = mount(defineComponent(() => (provideDrawQueue(), () => h(chart))))
  const drawn: number[] = []
  const draws = Array.from({ length: 6 }, (_, n) => () => void drawn.push(n))
  for (const draw of [...draws, ...draws]) queue!.add(draw)
  queue!.remove(draws[4]!)
  const turn = (): number[] => {
    drawn.length = 0
    for (const run of frames.splice(0)) run()
    return [...drawn]
  }
  expect([turn(), turn(), turn(), turn()]).toEqual([[0, 1], [2, 3], [5], []])
  queue!.add(draws[0]!)
  page.unmount()
  expect(turn()).toEqual([])
})
