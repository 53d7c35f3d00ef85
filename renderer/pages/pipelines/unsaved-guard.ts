// A browser window that closes with unsaved edits asks first: drafts stay with the console's address, and the next start
// of the agent may serve it from another one. Electron would refuse to close without a word; its address never changes.
import { onScopeDispose } from 'vue'
import type { Services } from '../../services.ts'

export function guardUnsaved(host: Services['host'], isUnsaved: () => boolean): void {
  if (host !== 'web') return
  const ask = (event: BeforeUnloadEvent): void => {
    if (isUnsaved()) event.preventDefault()
  }
  window.addEventListener('beforeunload', ask)
  onScopeDispose(() => window.removeEventListener('beforeunload', ask))
}
