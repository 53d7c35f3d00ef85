// Memory that main thread and lanes share: a batch travels in a slot instead of in buffers of its own, whose garbage
// would cost the main thread more than the batch itself.

export interface Slot {
  readonly input: SharedArrayBuffer
  readonly output: SharedArrayBuffer
}

/** A batch of so many bytes or more travels in buffers of its own. */
const MOST_INPUT_BYTES = 2 * 1024 * 1024
const LEAST_INPUT_BYTES = 64 * 1024
/** Scripts add keys: a fragment beyond this many times its batch travels in a buffer of its own. */
const OUTPUT_FACTOR = 3

export class Slots {
  readonly #free: Slot[] = []
  readonly #most: number
  #taken = 0

  constructor(most: number) {
    this.#most = most
  }

  /** A slot for a batch; undefined when it is too large, or all slots are taken. */
  take(bytes: number): Slot | undefined {
    if (bytes > MOST_INPUT_BYTES || this.#taken >= this.#most) return undefined
    this.#taken++
    const at = this.#free.findIndex(({ input }) => input.byteLength >= bytes)
    if (at >= 0) return this.#free.splice(at, 1)[0]
    // The smallest makes room: sizes grow to what batches need.
    this.#free.shift()
    const size = Math.max(LEAST_INPUT_BYTES, 2 ** Math.ceil(Math.log2(bytes)))
    return {
      input: new SharedArrayBuffer(size),
      output: new SharedArrayBuffer(size * OUTPUT_FACTOR),
    }
  }

  /** Nobody reads its fragment any more. */
  give(slot: Slot): void {
    this.#taken--
    this.#free.push(slot)
    this.#free.sort((a, b) => a.input.byteLength - b.input.byteLength)
  }

  /** It went away with its lane. */
  lose(): void {
    this.#taken--
  }
}
