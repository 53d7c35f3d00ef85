// Sends a call to main from frames that are none of ours.
import type { DesktopApp } from '../harness/launch.ts'

/** Descriptions of the senders that main answered. The last one is ours: main must answer it. */
export function answeredSenders(app: DesktopApp): Promise<string[]> {
  return app.evaluate(async ({ ipcMain }) => {
    const ours = { url: 'app://console/', parent: null }
    const frames: Record<string, object | null> = {
      'foreign page': { url: 'https://example.test/', parent: null },
      'host that starts like ours': { url: 'app://console.example.test/', parent: null },
      'our host with credentials': { url: 'app://user@console/', parent: null },
      file: { url: 'file:///console/index.html', parent: null },
      'frame inside our page': { url: 'app://console/', parent: ours },
      'frame that is gone': null,
      'our page': ours,
    }
    const answered: string[] = []
    const waits: Promise<void>[] = []
    for (const [name, senderFrame] of Object.entries(frames)) {
      const reply = Promise.withResolvers<void>()
      const sender = {
        isDestroyed: () => false,
        once() {},
        on() {},
        send: () => {
          answered.push(name)
          reply.resolve()
        },
      }
      const call = { t: 'call', id: 1, method: 'settings.read', args: {} }
      ipcMain.emit('console:from', { sender, senderFrame }, 'forged', call)
      if (name === 'our page') waits.push(reply.promise)
    }
    await Promise.all(waits)
    return answered
  }, undefined)
}
