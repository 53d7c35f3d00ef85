// window_hit: opens the context window.
import { defineFunction } from './define-function.ts'

export const windowHit = defineFunction({
  name: 'window_hit',
  params: [],
  anyArguments: true,
  doc: {
    en: 'Opens the window that this run registered: dropped points around this one are let through.',
    zh: '打开本次运行注册的窗口：放行该点前后被丢弃的点。',
  },
  examples: [{ script: 'window_hit()\nadd_key(a, 1)', expect: { a: 1 } }],
  check: () => undefined,
  run(frame) {
    // A hit before the registration does nothing.
    if (frame.session.window !== undefined) frame.session.windowHit = true
    return undefined
  },
})
