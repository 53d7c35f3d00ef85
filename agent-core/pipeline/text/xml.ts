// XPath 1.0 over a text: the first node's inner text. Names count as they are written: `a` is an element without a
// prefix, whatever its default namespace, and `p:a` one with that prefix, declared or not.
import { DOMParser, onWarningStopParsing } from '@xmldom/xmldom'
import xpath from 'xpath'

const DEFAULT_NAMESPACE = /\sxmlns=(?:"[^"]*"|'[^']*')/g
const PREFIX = /(?:<|\s)([A-Za-z_][\w.-]*):[A-Za-z_][\w.-]*(?=[\s=/>])/g
const DECLARED = /\sxmlns:([\w.-]+)=/g
const CDATA = /<!\[CDATA\[[^]*?\]\]>|<!--[^]*?-->/g
const BARE_AMPERSAND = /&(?!#\d+;|#[xX][0-9a-fA-F]+;|[A-Za-z_][\w.-]*;)/
const ROOT = /<[A-Za-z_][\w.:-]*/

/** Undefined for bad XML, a bad expression, no match, and results that are no nodes. */
export function xpathText(text: string, expression: string): string | undefined {
  try {
    if (BARE_AMPERSAND.test(text.replaceAll(CDATA, ''))) return undefined
    const document = new DOMParser({ onError: onWarningStopParsing }).parseFromString(
      prefixed(text),
      'text/xml',
    )
    const namespaces: Record<string, string> = {}
    for (const [, prefix] of expression.matchAll(/([A-Za-z_][\w.-]*):(?!:)/g)) namespaces[prefix!] = prefix!
    const found = parseXPath(expression).select({
      // The types of the two libraries do not know each other.
      node: document as unknown as Node,
      namespaces,
      // Else the library takes the document for HTML, whose names have no case.
      isHtml: false,
    })
    const first = found.find((node) => !isDeclaration(node))
    return first && innerText(first)
  } catch {
    return undefined
  }
}

/** Part of the library that its types leave out. */
const { parse: parseXPath } = xpath as unknown as {
  parse(expression: string): {
    select(options: { node: Node; namespaces: Record<string, string>; isHtml: boolean }): Node[]
  }
}

const ATTRIBUTE = 2
const COMMENT = 8
const DOCUMENT = 9

/** Declarations of namespaces are no attributes. */
const isDeclaration = ({ nodeType, nodeName }: Node): boolean =>
  nodeType === ATTRIBUTE && /^xmlns(?::|$)/.test(nodeName)

function innerText(node: Node): string {
  if (node.nodeType === ATTRIBUTE) return (node as Attr).value ?? ''
  if (node.nodeType === COMMENT) return ''
  const inner = node.nodeType === DOCUMENT ? (node as Document).documentElement : node
  return inner.textContent ?? ''
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
