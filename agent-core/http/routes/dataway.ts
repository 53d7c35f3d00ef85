// Calls passed through to the first DataWay: /v1/query/raw, /v1/object/labels. And /v1/ntp, answered here.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../kernel/clock.ts'
import { toAgentError } from '../../kernel/errors.ts'
import type { Answer, DatawayClient } from '../../io/dataway/client.ts'
import { refuse } from '../reply.ts'

export interface DatawayRoutes {
  readonly clock: Clock
  /** The first configured DataWay; undefined = local-only. */
  dataway(): DatawayClient | undefined
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024

export function registerDataway(app: FastifyInstance, parts: DatawayRoutes): void {
  app.get('/v1/ntp', () => ({ timestamp_sec: Math.floor(parts.clock.now() / 1000) }))

  app.post<{ Body: Buffer | undefined }>('/v1/query/raw', async (request, reply) => {
    const body = jsonObject(request.body)
    if (!body) return refuse(reply, 400, 'invalidJSON', 'the body is not a JSON object')
    return pass(request, reply, parts, 'POST', '/v1/query/raw', (client) => ({
      token: client.endpoint.token,
      ...body,
    }))
  })

  for (const method of ['POST', 'DELETE'] as const)
    app.route<{ Body: Buffer | undefined }>({
      method,
      url: '/v1/object/labels',
      handler: async (request, reply) => {
        const body = jsonObject(request.body)
        if (!body) return refuse(reply, 400, 'invalidJSON', 'the body is not a JSON object')
        return pass(request, reply, parts, method, '/v1/object/labels', () => body)
      },
    })
}

async function pass(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: DatawayRoutes,
  method: 'POST' | 'DELETE',
  path: string,
  body: (client: DatawayClient) => object,
): Promise<FastifyReply> {
  const client = parts.dataway()
  if (!client) return refuse(reply, 503, 'noDataway', 'no DataWay is configured: set dataway.urls')
  let answer: Answer
  try {
    answer = await client.call(path, {
      method,
      body: JSON.stringify(body(client)),
      headers: { 'content-type': 'application/json' },
      maxAnswerBytes: MAX_ANSWER_BYTES,
      signal: request.timedOut,
    })
  } catch (error) {
    return reply.sent ? reply : refuse(reply, 503, 'datawayFailed', toAgentError(error).message)
  }
  const type = answer.headers['content-type']
  if (reply.sent) return reply
  // What the DataWay says of itself goes on as it is, but for its own failures: here they mean "not now".
  return reply
    .code(answer.status >= 500 ? 503 : answer.status)
    .type(typeof type === 'string' ? type : 'application/json')
    .send(answer.body)
}

function jsonObject(body: Buffer | undefined): object | undefined {
  try {
    const value: unknown = JSON.parse((body ?? Buffer.alloc(0)).toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
