// Scripts from the DataWay: pulled now and then, kept in `pipeline_remote` for a start without network.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import * as v from 'valibot'
import { AgentError } from '../../kernel/errors.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { parseCategory, type Category } from '../../point/category.ts'
import type { Relation } from './script.ts'
import type { GivenScript } from './script-store.ts'
import { packTar, unpackTar } from './tar.ts'

export interface RemoteScripts {
  readonly scripts: readonly GivenScript[]
  readonly defaults: Readonly<Partial<Record<Category, string>>>
  readonly relations: readonly Relation[]
  readonly updateTime: number
  readonly relationTime: number
}

export const NO_REMOTE: RemoteScripts = {
  scripts: [],
  defaults: {},
  relations: [],
  updateTime: 0,
  relationTime: 0,
}

const answer = v.object({
  remote_pipelines: v.nullish(
    v.object({
      update_time: v.optional(v.number(), 0),
      pipelines: v.nullish(
        v.array(
          v.object({
            name: v.string(),
            base64text: v.string(),
            category: v.string(),
            asDefault: v.optional(v.nullable(v.boolean())),
          }),
        ),
      ),
      relation_update_time: v.optional(v.number(), -1),
      relation: v.nullish(v.array(v.object({ category: v.string(), source: v.string(), name: v.string() }))),
    }),
  ),
})

/** What a pull's answer makes of what we have; the same object when nothing changed. */
export function applyPull(body: string, before: RemoteScripts): Result<RemoteScripts> {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return err(new AgentError('PIPELINE_REMOTE', 'the answer is not JSON'))
  }
  const parsed = v.safeParse(answer, json)
  if (!parsed.success) return err(new AgentError('PIPELINE_REMOTE', parsed.issues[0].message))
  const remote = parsed.output.remote_pipelines
  if (!remote) return ok(before)
  let next = before
  const time = remote.update_time
  if (time === 1) next = { ...next, scripts: [], defaults: {}, updateTime: 1 }
  else if (time > 0 && time !== before.updateTime)
    next = { ...next, ...takeScripts(remote.pipelines ?? []), updateTime: time }
  const relationTime = remote.relation_update_time
  if (relationTime !== -1 && relationTime !== before.relationTime)
    next = { ...next, relations: takeRelations(remote.relation ?? []), relationTime }
  return ok(next)
}

function takeScripts(
  pipelines: readonly {
    name: string
    base64text: string
    category: string
    asDefault?: boolean | null | undefined
  }[],
): Pick<RemoteScripts, 'scripts' | 'defaults'> {
  const scripts: GivenScript[] = []
  const defaults: Partial<Record<Category, string>> = {}
  for (const { name, base64text, category: text, asDefault } of pipelines) {
    const category = parseCategory(text)
    if (!category) continue
    scripts.push({ category, name, source: Buffer.from(base64text, 'base64').toString('utf8') })
    if (asDefault) defaults[category] = name
  }
  return { scripts, defaults }
}

const takeRelations = (
  relations: readonly { category: string; source: string; name: string }[],
): readonly Relation[] =>
  relations.flatMap(({ category: text, source, name }) => {
    const category = parseCategory(text)
    return category ? [{ category, source, name }] : []
  })

// --- kept on disk

export async function saveRemote(dir: string, remote: RemoteScripts): Promise<void> {
  await mkdir(dir, { recursive: true })
  const files = new Map(remote.scripts.map((s) => [`${s.category}/${s.name}`, Buffer.from(s.source)]))
  files.set('default.json', Buffer.from(JSON.stringify(remote.defaults)))
  await writeFile(join(dir, 'scripts.tar.gz'), gzipSync(packTar(files)))
  await writeFile(join(dir, 'relation.json'), JSON.stringify(remote.relations))
  await writeFile(
    join(dir, 'pull_config.json'),
    JSON.stringify({ update_time: remote.updateTime, relation_update_time: remote.relationTime }),
  )
}

/** What was kept; nothing when it cannot be read. Times are 0: the first pull asks for everything. */
export async function loadRemote(dir: string): Promise<RemoteScripts> {
  try {
    const scripts: GivenScript[] = []
    let defaults: RemoteScripts['defaults'] = {}
    for (const [path, bytes] of unpackTar(gunzipSync(await readFile(join(dir, 'scripts.tar.gz'))))) {
      const text = bytes.toString('utf8')
      const [folder = '', name] = path.split('/')
      const category = parseCategory(folder)
      if (path === 'default.json') defaults = JSON.parse(text) as RemoteScripts['defaults']
      else if (category && name) scripts.push({ category, name, source: text })
    }
    const kept = await readFile(join(dir, 'relation.json'), 'utf8').catch(() => '[]')
    const list = v.safeParse(
      v.array(v.object({ category: v.string(), source: v.string(), name: v.string() })),
      JSON.parse(kept),
    )
    return { ...NO_REMOTE, scripts, defaults, relations: list.success ? takeRelations(list.output) : [] }
  } catch {
    return NO_REMOTE
  }
}
