// The line to the test process: questions both ways, and what it tells windows and IPC.
import { app } from './app.ts'
import { windowOf } from './browser-window.ts'
import { ipcMain } from './ipc-main.ts'
import { publicUrl } from './session.ts'
import { questions, tell } from './line.ts'
import type { ToMain } from '../wire.ts'

/** @param electron the double itself, for evaluate() */
export function answerTestProcess(electron: unknown): void {
  process.on('message', (message: ToMain) => void receive(message, electron))
  process.on('disconnect', () => process.exit(1))
}

async function receive(message: ToMain, electron: unknown): Promise<void> {
  if (message.t === 'reply') return questions.settle(message)
  if (message.t === 'quit') return app.quit()
  if (message.t === 'gone') return windowOf(message.win)?.pageGone()
  if (message.t === 'navigated') return windowOf(message.win)?.webContents.navigated(publicUrl(message.url))
  if (message.t === 'ipc') {
    const contents = windowOf(message.win)?.webContents
    if (contents) ipcMain.receive(contents, message)
    return undefined
  }
  const { id } = message
  try {
    tell({ t: 'reply', id, value: await answer(message, electron) })
  } catch (error) {
    tell({ t: 'reply', id, error: error instanceof Error ? error.message : String(error) })
  }
}

function answer(
  message: Exclude<ToMain, { t: 'reply' | 'quit' | 'gone' | 'navigated' | 'ipc' }>,
  electron: unknown,
): unknown {
  if (message.t === 'eval') {
    const run = (0, eval)(`(${message.code})`) as (electron: unknown, arg: unknown) => unknown
    return run(electron, message.arg)
  }
  const contents = windowOf(message.win)?.webContents
  if (!contents) throw new Error(`window ${message.win} is gone`)
  switch (message.t) {
    case 'navigate':
      return contents.mayNavigate(publicUrl(message.url), message.kind)
    case 'popup':
      return contents.mayOpen(publicUrl(message.url))
    case 'permission':
      return contents.mayUse(message.permission, message.kind)
  }
}
