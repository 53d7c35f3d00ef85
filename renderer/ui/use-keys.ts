// Keyboard ways: one listener a page, bindings by name, written as the platform writes them.
import { onBeforeUnmount, onMounted } from 'vue'
import { useServices } from '../services.ts'

/** `mod` is Command on a Mac and Ctrl elsewhere. */
export interface Key {
  readonly key: string
  readonly mod?: boolean
  readonly alt?: boolean
}

export interface Binding extends Key {
  run(event: KeyboardEvent): void
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))

/** Option with a letter types a sign on a Mac: there the place of the key counts. */
const codeOf = (key: string): string => (/\d/.test(key) ? `Digit${key}` : `Key${key.toUpperCase()}`)

/** Single keys do not fire while somebody types into a field; those that type nothing, as F8, always do. */
export function useKeys(bindings: () => readonly Binding[]): void {
  const { platform } = useServices()
  const onKey = (event: KeyboardEvent): void => {
    const mod = platform === 'darwin' ? event.metaKey : event.ctrlKey
    const other = platform === 'darwin' ? event.ctrlKey : event.metaKey
    if (other || event.defaultPrevented || event.isComposing) return
    const isKey = ({ key, alt }: Key): boolean =>
      key.toLowerCase() === event.key.toLowerCase() ||
      (alt === true && platform === 'darwin' && codeOf(key) === event.code)
    const found = bindings().find(
      (binding) =>
        isKey(binding) &&
        (binding.mod ?? false) === mod &&
        (binding.alt ?? false) === event.altKey &&
        (mod || event.altKey || /^F\d+$/.test(binding.key) || !isTyping(event.target)),
    )
    if (!found) return
    event.preventDefault()
    found.run(event)
  }
  onMounted(() => window.addEventListener('keydown', onKey))
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey))
}

/** `Ctrl K`, `⌘K`, `/`. */
export function keyLabel(binding: Key, platform: string): string {
  const mac = platform === 'darwin'
  const key = binding.key.length === 1 ? binding.key.toUpperCase() : binding.key
  const parts = [binding.mod ? (mac ? '⌘' : 'Ctrl') : '', binding.alt ? (mac ? '⌥' : 'Alt') : '', key]
  return parts.filter(Boolean).join(mac ? '' : ' ')
}
