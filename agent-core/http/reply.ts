// The shapes of answers (spec points-io-http.md section 4): `{"content":…}` and `{"error_code","message"}`.
import type { FastifyReply } from 'fastify'
import type { AgentError } from '../kernel/errors.ts'
import { maskSecrets } from '../kernel/secrets.ts'

/** error_code without its `datakit.` prefix. */
export type HttpErrorCode =
  | 'invalidCategory'
  | 'emptyBody'
  | 'decodeBodyFailed'
  | 'bodyTooLarge'
  | 'invalidLinePoint'
  | 'invalidJsonPoint'
  | 'invalidProtobufPoint'
  | 'noPoints'
  | 'pointGotWarning'
  | 'publicAccessDisabled'
  | 'foreignHost'
  | 'reachMaxAPILimit'
  | 'invalidToken'
  | 'invalidJSON'
  | 'invalidTags'
  | 'noDataway'
  | 'datawayFailed'
  | 'notAccepted'
  | 'electionDisabled'
  | 'writeConfigFailed'
  | 'invalidRequest'
  | 'invalidPipeline'
  | 'invalidData'

export function refuse(
  reply: FastifyReply,
  status: number,
  code: HttpErrorCode,
  message?: string,
): FastifyReply {
  const body = { error_code: `datakit.${code}`, ...(message ? { message: maskSecrets(message) } : {}) }
  return reply.code(status).send(body)
}

/** The points were not kept: the client shall come again. */
export function unavailable(reply: FastifyReply, error: AgentError): FastifyReply {
  if (reply.sent) return reply
  reply.header('retry-after', '5')
  return refuse(reply, 503, 'notAccepted', `${error.message}. ${error.hint}`)
}
