// The tap over the contract: a listener of the data path whose points become plain values, their secrets masked.
import type { TapArgs, TapEventView } from '../contract/tap.ts'
import type { Agent } from '../agent.ts'
import type { TappedPoint } from '../io/tap.ts'
import type { Disposable } from '../kernel/disposable.ts'
import { AgentError } from '../kernel/errors.ts'
import { err, type Result } from '../kernel/result.ts'
import { maskSecrets } from '../kernel/secrets.ts'
import { parseCategory, type Category } from '../point/category.ts'
import { encodePbJson } from '../point/json-encode.ts'
import { Kind, type KeyValue } from '../point/point.ts'

/** FILTER_SYNTAX or IO_NO_CATEGORY when it cannot be opened. */
export function watchTap(
  agent: Agent,
  args: TapArgs,
  emit: (event: TapEventView) => void,
): Result<Disposable> {
  const categories: Category[] = []
  for (const name of args.categories) {
    const category = parseCategory(name)
    if (!category) return err(new AgentError('IO_NO_CATEGORY', name))
    categories.push(category)
  }
  return agent.tap.listen({ ...args, categories }, (tapped) => emit(view(tapped, agent.clock.now())))
}

function view({ place, category, source, skipped, point }: TappedPoint, time: number): TapEventView {
  const tags: Record<string, string> = {}
  const fields: TapEventView['point']['fields'] = {}
  for (const kv of point.kvs) {
    if (kv.isTag) tags[kv.key] = masked(kv.key, String(kv.value))
    else fields[kv.key] = fieldValue(kv)
  }
  return {
    time,
    place,
    category,
    source: maskSecrets(source),
    skipped,
    point: { name: point.name, tags, fields, time: String(point.time) },
  }
}

/** A secret shows by its own form, or by the name of the key that holds it. */
export function masked(key: string, text: string): string {
  const assigned = maskSecrets(`${key}="${text}"`)
  return assigned === `${key}="${text}"` ? text : maskSecrets(text) === text ? '(secret)' : maskSecrets(text)
}

function fieldValue(kv: KeyValue): string | number | boolean | null {
  switch (kv.kind) {
    case Kind.nil:
      return null
    case Kind.bool:
      return kv.value as boolean
    case Kind.string:
      return masked(kv.key, kv.value as string)
    case Kind.int:
    case Kind.uint:
      return typeof kv.value === 'bigint' ? String(kv.value) : (kv.value as number)
    case Kind.float:
      return Number.isFinite(kv.value) ? (kv.value as number) : String(kv.value)
    default:
      return maskSecrets(encodePbJson([{ name: '', kvs: [kv], time: 0n, warns: [], debugs: [] }]))
  }
}
