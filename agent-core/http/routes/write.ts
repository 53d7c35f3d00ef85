// POST /v1/write/:category (spec points-io-http.md section 4.1). 200 means: the points are kept.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../kernel/clock.ts'
import { toAgentError } from '../../kernel/errors.ts'
import { ok } from '../../kernel/result.ts'
import { CATEGORIES, type Category } from '../../point/category.ts'
import { decodeBody, encodingOf } from '../../point/decode.ts'
import { encodeJson, encodePbJson } from '../../point/json-encode.ts'
import { encodeLineProtocol } from '../../point/line-protocol.ts'
import type { Point } from '../../point/point.ts'
import type { Feed, FeedOptions } from '../../io/feed.ts'
import { createBytePath, type ByteDoors } from '../byte-path.ts'
import { decompress } from '../decompress.ts'
import { refuse, unavailable } from '../reply.ts'

export interface WriteRoutes extends ByteDoors {
  readonly clock: Clock
  readonly feed: Feed
}

/** Bytes of a body after decompression. */
export const MAX_UNPACKED_BYTES = 128 * 1024 * 1024

const LOCAL: ReadonlyMap<string, Category> = new Map(
  CATEGORIES.filter((c) => c.local).map((c) => [c.name, c.name]),
)

interface WriteRequest {
  Params: { category: string }
  Querystring: Record<string, string | string[] | undefined>
  Body: Buffer | undefined
}

export function registerWrite(app: FastifyInstance, parts: WriteRoutes): void {
  app.post<WriteRequest>('/v1/write/:category', async (request, reply) => {
    const category = LOCAL.get(request.params.category)
    if (!category)
      return refuse(reply, 400, 'invalidCategory', `invalid URL ${JSON.stringify(request.url.split('?')[0])}`)
    const query = flags(request.query)
    const unpacked = await decompress(
      request.body ?? Buffer.alloc(0),
      query('encoding') || (request.headers['content-encoding'] ?? ''),
      MAX_UNPACKED_BYTES,
    )
    if (!unpacked.ok)
      return unpacked.reason === 'too_large'
        ? refuse(reply, 413, 'bodyTooLarge', unpacked.message)
        : refuse(reply, 400, 'decodeBodyFailed', unpacked.message)
    const write: Write = {
      category,
      body: unpacked.body,
      query,
      options: feedOptions(category, query, request),
    }
    try {
      if (!(await bytes(request, reply, write))) await points(request, reply, write)
    } catch (error) {
      unavailable(reply, toAgentError(error))
    }
    return reply
  })

  const bytePath = createBytePath(parts)

  /** False: the body needs its points. (A reply must not come out of an async function: it would be awaited.) */
  async function bytes(
    request: FastifyRequest,
    reply: FastifyReply,
    { category, body, query, options }: Write,
  ): Promise<boolean> {
    if (NEED_POINTS.some((name) => query(name) !== '')) return false
    if (body.length === 0) return false
    const encoding = encodingOf(request.headers['content-type'] ?? '')
    const given = { body, precision: query('precision'), now: parts.clock.nowNs() }
    let done: Awaited<ReturnType<typeof bytePath>> = LEFT
    if (encoding === 'line-protocol') done = await bytePath(category, given, options)
    if (done.ok && done.value === 'left')
      done = await parts.feedBody({ ...given, encoding, category }, options)
    if (done.ok && done.value === 'left') return false
    if (reply.sent) return true
    if (done.ok) void reply.code(200).send()
    else refuse(reply, 400, done.error.code, done.error.message)
    return true
  }

  async function points(
    request: FastifyRequest,
    reply: FastifyReply,
    { category, body, query, options }: Write,
  ): Promise<void> {
    const decoded = decodeBody({
      encoding: encodingOf(request.headers['content-type'] ?? ''),
      category,
      precision: query('precision'),
      body,
      now: parts.clock.nowNs(),
      strict: query('strict') !== '',
    })
    if (!decoded.ok) {
      const { code, message } = decoded.error
      return void refuse(reply, 400, code, code === 'emptyBody' ? undefined : message)
    }
    if (reply.sent) return
    const echo = echoOf(decoded.value, query)
    if (query('dry') === '') await parts.feed(category, decoded.value, options)
    if (reply.sent) return
    if (echo) void reply.code(200).type(echo.type).send(echo.text)
    else void reply.code(200).send()
  }
}

interface Write {
  readonly category: Category
  readonly body: Buffer
  readonly query: (name: string) => string
  readonly options: FeedOptions
}

const LEFT = ok('left' as const)

/** Parameters that ask for the points themselves. */
const NEED_POINTS = ['dry', 'strict', 'echo', 'echo_line_proto', 'echo_json']

function feedOptions(
  category: Category,
  query: (name: string) => string,
  request: FastifyRequest,
): FeedOptions {
  const election = query('global_election_tags') !== ''
  const bare = query('ignore_global_host_tags') !== '' || query('ignore_global_tags') !== ''
  const index = category === 'logging' ? query('storage_index') : ''
  return {
    source: `v1-write.${query('input') || category}`,
    election,
    noGlobalTags: bare && !election,
    scripts: query('source') === '' ? undefined : { [query('source')]: `${query('source')}.p` },
    ...(index === '' ? {} : { headers: { 'x-storage-index-name': index } }),
    atCap: 'reject',
    signal: request.timedOut,
  }
}

/** The points as understood, before global tags: raw, not wrapped. */
function echoOf(
  points: readonly Point[],
  query: (name: string) => string,
): { type: string; text: string } | undefined {
  const wanted = query('echo')
  if (wanted === 'lp' || query('echo_line_proto') !== '')
    return { type: 'text/plain; charset=utf-8', text: encodeLineProtocol(points).body.toString() }
  if (wanted === 'json' || query('echo_json') !== '')
    return { type: 'application/json', text: encodeJson(points) }
  if (wanted === 'pbjson') return { type: 'application/json', text: encodePbJson(points) }
  return undefined
}

/** A flag is on when it is not empty: `=false` counts as on. The first of several wins. */
const flags =
  (query: WriteRequest['Querystring']) =>
  (name: string): string => {
    const value = query[name]
    return (Array.isArray(value) ? value[0] : value) ?? ''
  }
