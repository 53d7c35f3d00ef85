// A function's documentation as the editor shows it on hover and beside a completion.
import type { FunctionDoc } from '../../../../agent-core/contract/index.ts'

export function functionDocElement(one: FunctionDoc, language: string): HTMLElement {
  const root = document.createElement('div')
  root.className = 'cm-doc'
  const line = (tag: 'p' | 'pre' | 'code' | 'span', text: string, className = ''): HTMLElement => {
    const element = document.createElement(tag)
    element.textContent = text
    if (className) element.className = className
    return element
  }
  const signature = line('p', '')
  signature.append(line('code', one.signature))
  root.append(signature, line('p', language === 'zh' ? one.doc.zh : one.doc.en))
  const [example] = one.examples
  if (example) {
    const shown = line('pre', example.message === undefined ? '' : `# ${example.message}\n`)
    const gives = Object.entries(example.expect).map(([key, value]) => `${key} = ${value ?? 'nil'}`)
    shown.append(example.script, line('span', `\n→ ${gives.join(', ')}`, 'gives'))
    root.append(shown)
  }
  return root
}
