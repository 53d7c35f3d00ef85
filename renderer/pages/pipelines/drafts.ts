// Unsaved edits, kept by this browser until they are saved or thrown away: a reload or a crash loses no work.
// Script texts only; samples may hold people's data and stay in memory.

export interface Draft {
  readonly text: string
  /** Revision that was edited; null = the script does not exist yet. */
  readonly base: string | null
}

const PREFIX = 'datakit.pipelines.draft:'
const OPEN = 'datakit.pipelines.open'

export interface DraftStore {
  read(key: string): Draft | undefined
  write(key: string, draft: Draft): void
  remove(key: string): void
  keys(): string[]
  /** Key of the script that was open last. */
  lastOpen(): string | null
  remember(key: string): void
}

export function createDraftStore(storage: Storage): DraftStore {
  const put = (key: string, value: string): void => {
    try {
      storage.setItem(key, value)
    } catch {
      // The quota is used up: the draft lives as long as the page does.
    }
  }
  return {
    read(key) {
      try {
        const found = JSON.parse(storage.getItem(PREFIX + key) ?? 'null') as Partial<Draft> | null
        if (typeof found?.text !== 'string') return undefined
        return { text: found.text, base: typeof found.base === 'string' ? found.base : null }
      } catch {
        return undefined
      }
    },
    write: (key, draft) => put(PREFIX + key, JSON.stringify(draft)),
    lastOpen: () => storage.getItem(OPEN),
    remember: (key) => put(OPEN, key),
    remove: (key) => storage.removeItem(PREFIX + key),
    keys: () =>
      Object.keys(storage)
        .filter((key) => key.startsWith(PREFIX))
        .map((key) => key.slice(PREFIX.length)),
  }
}
