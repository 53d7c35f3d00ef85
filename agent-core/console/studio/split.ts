// A file or a paste cut into samples of one point each.
import type { Sample } from '../../contract/pipelines.ts'
import { decodeJson } from '../../point/json-decode.ts'
import { encodePbJson } from '../../point/json-encode.ts'
import { readLines } from '../../point/line-protocol-decode.ts'

const MOST = 1000

export function splitSamples(
  text: string,
  format: Sample['format'] | null,
): { samples: Sample[]; more: number } {
  const all = (format === null ? guess(text) : split(text, format)) ?? messages(text)
  return { samples: all.slice(0, MOST), more: Math.max(0, all.length - MOST) }
}

const guess = (text: string): Sample[] | undefined => split(text, 'json') ?? split(text, 'line-protocol')

/** undefined: it is not of this format. */
function split(text: string, format: Sample['format']): Sample[] | undefined {
  if (format === 'json') return jsonPoints(text)
  return format === 'message' ? messages(text) : lineProtocol(text)
}

const lines = (text: string): string[] => text.split(/\r?\n/).filter((line) => line.trim() !== '')
const messages = (text: string): Sample[] => lines(text).map((line) => ({ format: 'message', text: line }))

function jsonPoints(text: string): Sample[] | undefined {
  const points = decodeJson(Buffer.from(text))
  if (!points.ok || points.value.length === 0) return undefined
  return points.value.map((point) => ({ format: 'json', text: encodePbJson([point]) }))
}

/** Only a text whose every line is a point: any log line with a space and a "=" looks a little like one. */
function lineProtocol(text: string): Sample[] | undefined {
  const each = lines(text)
  if (each.length === 0) return undefined
  for (const line of each) if (readLines(line, () => {}).length > 0) return undefined
  return each.map((line) => ({ format: 'line-protocol', text: line }))
}
