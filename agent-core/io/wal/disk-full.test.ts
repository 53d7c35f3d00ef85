// ENOSPC in the middle of a write: nothing of the group stays, nothing before it is lost, and the log goes on when there
// is room again.
import { mkdtempSync, rmSync } from 'node:fs'
import type * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { FakeClock } from '../../kernel/clock.ts'
import { silentLogger } from '../../kernel/logger.ts'
import { WalLog } from './log.ts'

/** Bytes that still fit on the disk. */
const disk = vi.hoisted(() => ({ room: Infinity }))

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>()
  const open = async (...args: Parameters<typeof fs.open>): Promise<fs.FileHandle> => {
    const file = await real.open(...args)
    const writev = file.writev.bind(file)
    file.writev = async (parts, position) => {
      if (disk.room <= 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
      // A nearly full disk takes a part and says so; the next write fails.
      const whole = Buffer.concat(parts as unknown as Uint8Array[])
      const some = whole.subarray(0, Math.min(whole.length, disk.room))
      disk.room -= some.length
      return writev([some], position) as never
    }
    return file
  }
  return { ...real, open }
})

let dir: string
const openLog = (): Promise<WalLog> =>
  WalLog.open({ dir, maxBytes: 1e8, sync: 'interval', clock: new FakeClock(), log: silentLogger })

beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'wal-full-'))))
afterEach(() => {
  disk.room = Infinity
  rmSync(dir, { recursive: true, force: true })
})

it.each([0, 1, 27, 28, 40, 60, 129])(
  'loses nothing and keeps nothing half with room for %d bytes',
  async (room) => {
    const log = await openLog()
    await log.append(Buffer.alloc(100, 'a'), 1)
    disk.room = room
    const failed = await Promise.allSettled([
      log.append(Buffer.alloc(100, 'b'), 1),
      log.append(Buffer.alloc(100, 'c'), 1),
    ])
    expect(failed.map((f) => f.status === 'rejected' && f.reason.code)).toEqual([
      ...(room >= 128 ? [false] : ['KERNEL_DISK_FULL']),
      'KERNEL_DISK_FULL',
    ])
    disk.room = Infinity
    await log.append(Buffer.alloc(100, 'd'), 1)
    await log.dispose()
    const again = await openLog()
    const { records } = await again.read(0, 1e6)
    const kept = records.map((r) => r.payload.toString('latin1', 0, 1)).join('')
    expect(kept).toBe(room >= 128 ? 'abd' : 'ad')
    expect(again.damagedBytes).toBe(0)
    await again.dispose()
  },
)
