// How far one DataWay URL has acknowledged a log: two 24-byte slots written in turn, so a torn write leaves the
// older one. A lost cursor means records are sent again, never that they are skipped.
//
//   slot: generation f64 | position f64 | spare u32 | crc u32 (over the 20 bytes before)
import { open, type FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import type { Disposable } from '../../kernel/disposable.ts'

const SLOT = 24

export class Cursor implements Disposable {
  #file: FileHandle
  #generation: number
  #position: number
  #written: number
  #busy = false
  #writing: Promise<void> | undefined

  private constructor(file: FileHandle, generation: number, position: number) {
    this.#file = file
    this.#generation = generation
    this.#position = position
    this.#written = position
  }

  static async open(path: string): Promise<Cursor> {
    const file = await open(path, 'a+').then(async (created) => {
      await created.close()
      return open(path, 'r+')
    })
    const bytes = Buffer.alloc(SLOT * 2)
    await file.read(bytes, 0, bytes.length, 0)
    const slots = [readSlot(bytes, 0), readSlot(bytes, SLOT)].filter((slot) => slot !== undefined)
    const newest = slots.toSorted((a, b) => b.generation - a.generation)[0]
    return new Cursor(file, newest?.generation ?? 0, newest?.position ?? 0)
  }

  get position(): number {
    return this.#position
  }

  /** Moves on in memory at once and on disk soon: many moves while a write runs become one. */
  move(position: number): void {
    this.#position = position
    if (this.#busy || this.#written === position) return
    this.#busy = true
    this.#writing = this.#write()
  }

  /** Resolves when the last move is on disk. */
  async flush(): Promise<void> {
    await this.#writing
  }

  async dispose(): Promise<void> {
    await this.#writing
    await this.#file.close()
  }

  async #write(): Promise<void> {
    try {
      while (this.#written !== this.#position) {
        const position = this.#position
        const slot = Buffer.alloc(SLOT)
        slot.writeDoubleLE(++this.#generation, 0)
        slot.writeDoubleLE(position, 8)
        slot.writeUInt32LE(crc32(slot.subarray(0, 20)), 20)
        await this.#file.write(slot, 0, SLOT, (this.#generation % 2) * SLOT)
        this.#written = position
      }
    } catch {
      // A full disk only costs a repeated send after a restart; the next move tries again.
    } finally {
      this.#busy = false
    }
  }
}

function readSlot(bytes: Buffer, at: number): { generation: number; position: number } | undefined {
  if (crc32(bytes.subarray(at, at + 20)) !== bytes.readUInt32LE(at + 20)) return undefined
  const generation = bytes.readDoubleLE(at)
  return generation > 0 ? { generation, position: bytes.readDoubleLE(at + 8) } : undefined
}
