// Recorded files read again for `datakit import`: each file's times are moved so that its last point is now.
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { err, ok, type Result } from '../../kernel/result.ts'
import { parseCategory, type Category } from '../../point/category.ts'
import { decodeBody } from '../../point/decode.ts'
import type { Point } from '../../point/point.ts'

export interface RecordedFile {
  readonly file: string
  readonly category: Category
}

/** Files of a recorder's directory by category and name; others are left out. */
export async function recordedFiles(dir: string): Promise<RecordedFile[]> {
  const files: RecordedFile[] = []
  for (const folder of (await readdir(dir)).toSorted()) {
    const category = parseCategory(folder)
    if (!category) continue
    for (const name of (await readdir(join(dir, folder))).toSorted())
      if (/\.(?:lp|pbjson)$/.test(name)) files.push({ file: join(dir, folder, name), category })
  }
  return files
}

export async function readRecorded(
  { file, category }: RecordedFile,
  now: bigint,
): Promise<Result<Point[], string>> {
  const text = await readFile(file, 'utf8')
  const lines = file.endsWith('.lp')
  const body = lines ? text : (/^\s*\{\s*"arr"\s*:([^]*)\}\s*$/.exec(text)?.[1] ?? text)
  const decoded = decodeBody({
    encoding: lines ? 'line-protocol' : 'pbjson',
    category,
    precision: 'n',
    body: Buffer.from(body),
    now,
    strict: false,
  })
  if (!decoded.ok) return err(`${basename(file)}: ${decoded.error.message}`)
  const points = decoded.value
  const last = points.reduce((max, { time }) => (time > max ? time : max), points[0]?.time ?? now)
  for (const point of points) point.time += now - last
  return ok(points)
}
