// The contract's two verbs: a method is called and answers once, a stream is listened to.
// Browser-safe: no node: import anywhere in this room.
import type { GenericSchema, InferInput, InferOutput } from 'valibot'

export interface Method<A extends GenericSchema = GenericSchema, R extends GenericSchema = GenericSchema> {
  readonly kind: 'method'
  readonly args: A
  readonly result: R
}

export interface Stream<A extends GenericSchema = GenericSchema, E extends GenericSchema = GenericSchema> {
  readonly kind: 'stream'
  readonly args: A
  readonly event: E
  /**
   * What happens to events while the listener has no credit: `latest` keeps the newest only (state),
   * `drop` counts what was lost (records).
   */
  readonly overflow: 'latest' | 'drop'
}

export const method = <A extends GenericSchema, R extends GenericSchema>(
  args: A,
  result: R,
): Method<A, R> => ({
  kind: 'method',
  args,
  result,
})

export const stream = <A extends GenericSchema, E extends GenericSchema>(
  args: A,
  event: E,
  overflow: 'latest' | 'drop' = 'latest',
): Stream<A, E> => ({ kind: 'stream', args, event, overflow })

export type Contract = Readonly<Record<string, Method | Stream>>

export type MethodName<C extends Contract> = { [K in keyof C]: C[K] extends Method ? K : never }[keyof C] &
  string
export type StreamName<C extends Contract> = { [K in keyof C]: C[K] extends Stream ? K : never }[keyof C] &
  string
export type Args<T> = T extends { args: infer A extends GenericSchema } ? InferInput<A> : never
export type ParsedArgs<T> = T extends { args: infer A extends GenericSchema } ? InferOutput<A> : never
export type Reply<T> = T extends Method<GenericSchema, infer R> ? InferOutput<R> : never
export type Event<T> = T extends Stream<GenericSchema, infer E> ? InferOutput<E> : never
