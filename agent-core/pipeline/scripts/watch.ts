// Calls when something under a directory changed: a burst of changes is one.
import { watch } from 'chokidar'
import type { Clock } from '../../kernel/clock.ts'
import type { Disposable } from '../../kernel/disposable.ts'

const QUIET_MS = 200

export async function watchDirectories(
  dirs: readonly string[],
  clock: Clock,
  changed: () => void,
  failed: (error: unknown) => void,
): Promise<Disposable> {
  let timer: Disposable | undefined
  const watcher = watch([...dirs], { ignoreInitial: true, depth: 2, persistent: true })
  watcher.on('all', (_event, path) => {
    if (path.endsWith('.case.json') || path.endsWith('.previous')) return
    timer?.dispose()
    timer = clock.after(QUIET_MS, changed)
  })
  watcher.on('error', failed)
  await new Promise<void>((resolve) => void watcher.once('ready', () => resolve()))
  return {
    async dispose() {
      timer?.dispose()
      await watcher.close()
    },
  }
}
