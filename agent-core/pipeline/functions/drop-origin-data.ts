// drop_origin_data: the message off the point.
import { defineFunction } from './define-function.ts'

export const dropOriginData = defineFunction({
  name: 'drop_origin_data',
  params: [],
  anyArguments: true,
  doc: { en: 'Deletes `message`, the text the point came with.', zh: '删除原始文本 `message`。' },
  examples: [{ script: 'drop_origin_data()', message: 'x', expect: { message: null } }],
  check(call) {
    call.values(0)
    return call.keyOf('message').id
  },
  run(frame, id) {
    frame.view.remove(id)
    return undefined
  },
})
