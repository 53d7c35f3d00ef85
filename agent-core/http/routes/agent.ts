// Calls about the agent: /v1/lasterror, /v1/global/{host,election}/tags, /restart.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { errorText } from '../../kernel/errors.ts'
import type { Result } from '../../kernel/result.ts'
import { refuse } from '../reply.ts'

export interface GlobalTagsView {
  readonly host: Readonly<Record<string, string>>
  readonly election: Readonly<Record<string, string>>
}

export interface AgentRoutes {
  reportError(input: string, source: string, message: string): void
  readonly electionEnabled: boolean
  globalTags(): GlobalTagsView
  /** Sets and removes tags, saved to datakit.conf; fails with CONFIG_WRITE. */
  changeTags(
    set: 'host' | 'election',
    add: Readonly<Record<string, string>>,
    remove: readonly string[],
  ): Promise<Result<void>>
  /** Token of the first DataWay; undefined = local-only. */
  token(): string | undefined
  /** Reads the configuration again, behind the answer: the listener itself may be exchanged by it. Never rejects. */
  reload(): void
}

type Query = Record<string, string | string[] | undefined>

export function registerAgent(app: FastifyInstance, parts: AgentRoutes): void {
  app.post<{ Body: Buffer | undefined }>('/v1/lasterror', async (request, reply) => {
    let body: { input?: unknown; source?: unknown; err_content?: unknown }
    try {
      body = JSON.parse((request.body ?? Buffer.alloc(0)).toString('utf8')) as typeof body
    } catch (error) {
      return refuse(reply, 400, 'invalidJSON', errorText(error))
    }
    const { input, source, err_content: content } = body ?? {}
    if (typeof input !== 'string' || typeof content !== 'string' || input === '' || content === '')
      return reply.code(400).send({ error_code: 'inputOrErrcontentCanNotBeNil' })
    parts.reportError(input, typeof source === 'string' ? source : '', content)
    return reply.code(200).send()
  })

  app.get<{ Querystring: Query }>('/restart', async (request, reply) => {
    const token = parts.token()
    const given = one(request.query['token'])
    if (token === undefined || token === '' || !sameText(given, token))
      return refuse(reply, 403, 'invalidToken')
    reply.raw.once('close', () => parts.reload())
    return reply.code(200).header('connection', 'close').send({ content: {} })
  })

  for (const set of ['host', 'election'] as const) {
    const url = `/v1/global/${set}/tags`
    app.get(url, async () => ({ [`${set}-tags`]: parts.globalTags()[set] }))
    app.post<{ Querystring: Query }>(url, async (request, reply) => {
      const add = Object.fromEntries(Object.entries(request.query).map(([key, value]) => [key, one(value)]))
      return change(reply, parts, set, add, [])
    })
    app.delete<{ Querystring: Query }>(url, async (request, reply) => {
      const names = one(request.query['tags']).split(',')
      return change(reply, parts, set, {}, names)
    })
  }
}

async function change(
  reply: FastifyReply,
  parts: AgentRoutes,
  set: 'host' | 'election',
  add: Readonly<Record<string, string>>,
  remove: readonly string[],
): Promise<FastifyReply> {
  if (set === 'election' && !parts.electionEnabled)
    return refuse(reply, 400, 'electionDisabled', 'election.enable is off: election data gets the host tags')
  const isProtected = (name: string): boolean => set === 'host' && name === 'host'
  const wanted = Object.fromEntries(
    Object.entries(add).filter(([key, value]) => key !== '' && value !== '' && !isProtected(key)),
  )
  const gone = remove.map((name) => name.trim()).filter((name) => name !== '' && !isProtected(name))
  if (Object.keys(wanted).length > 0 || gone.length > 0) {
    const result = await parts.changeTags(set, wanted, gone)
    if (!result.ok)
      return refuse(reply, 503, 'writeConfigFailed', `${result.error.message}. ${result.error.hint}`)
  }
  const { host, election } = parts.globalTags()
  return reply.send({
    'dataway-tags': parts.electionEnabled && set === 'election' ? election : host,
    'election-tags': parts.electionEnabled ? election : {},
    'host-tags': host,
  })
}

const one = (value: string | string[] | undefined): string => (Array.isArray(value) ? value[0] : value) ?? ''

/** Compares digests, so that neither time nor length tells anything. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
