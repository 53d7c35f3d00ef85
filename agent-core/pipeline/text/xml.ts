// XPath 1.0 over a text: the first node's inner text. Names count as they are written: `a` is an element without a
// prefix, whatever its default namespace, and `p:a` one with that prefix, declared or not.
import { DOMParser, onErrorStopParsing } from '@xmldom/xmldom'
import xpath from 'xpath'

const DEFAULT_NAMESPACE = /\sxmlns=(?:"[^"]*"|'[^']*')/g
const PREFIX = /(?:<|\s)([A-Za-z_][\w.-]*):[A-Za-z_][\w.-]*(?=[\s=/>])/g
const DECLARED = /\sxmlns:([\w.-]+)=/g
const ROOT = /<[A-Za-z_][\w.:-]*/

/** Undefined for bad XML, a bad expression, no match, and results that are no nodes. */
export function xpathText(text: string, expression: string): string | undefined {
  try {
    const document = new DOMParser({ onError: onErrorStopParsing }).parseFromString(
      prefixed(text),
      'text/xml',
    )
    const namespaces: Record<string, string> = {}
    for (const [, prefix] of expression.matchAll(/([A-Za-z_][\w.-]*):(?!:)/g)) namespaces[prefix!] = prefix!
    // The types of the two libraries do not know each other.
    const found = xpath.useNamespaces(namespaces)(expression, document as unknown as Node)
    if (!Array.isArray(found)) return undefined
    const [first] = found
    if (first === undefined) return undefined
    return first.nodeType === 2 ? ((first as Attr).value ?? '') : (first.textContent ?? '')
  } catch {
    return undefined
  }
}

/** The text with every prefix bound to a namespace of its own name. */
function prefixed(text: string): string {
  if (!text.includes(':') && !text.includes('xmlns')) return text
  const plain = text.replaceAll(DEFAULT_NAMESPACE, '')
  const prefixes = new Set<string>()
  for (const [, prefix] of plain.matchAll(PREFIX)) prefixes.add(prefix!)
  for (const [, prefix] of plain.matchAll(DECLARED)) prefixes.add(prefix!)
  prefixes.delete('xmlns')
  prefixes.delete('xml')
  const undeclared = plain.replaceAll(/\sxmlns:[\w.-]+=(?:"[^"]*"|'[^']*')/g, '')
  const declarations = [...prefixes].map((p) => ` xmlns:${p}="${p}"`).join('')
  return undeclared.replace(ROOT, (open) => open + declarations)
}
