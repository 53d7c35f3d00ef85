// `datakit import -P DIR -D DATAWAY`: recorded files to a DataWay, each moved so that its last point is now.
import { basename } from 'node:path'
import { readRecorded, recordedFiles, type RecordedFile } from '../io/recorder/recorded-files.ts'
import { Endpoint } from '../io/dataway/endpoint.ts'
import { systemClock } from '../kernel/clock.ts'
import { errorText } from '../kernel/errors.ts'
import { CONTENT_TYPES } from '../point/decode.ts'
import { encodePoints } from '../point/protobuf.ts'

const TIMEOUT_MS = 30_000

/** True when every file was taken. */
export async function importCommand(options: {
  readonly path?: string
  readonly dataway?: string
}): Promise<boolean> {
  if (!options.path || !options.dataway) {
    console.error('usage: datakit import -P DIR -D https://DATAWAY?token=TOKEN')
    return false
  }
  const endpoint = Endpoint.parse(options.dataway)
  if (!endpoint.ok) {
    console.error(`[E] ${endpoint.error.message}. ${endpoint.error.hint}`)
    return false
  }
  let files: RecordedFile[]
  try {
    files = await recordedFiles(options.path)
  } catch (error) {
    console.error(`[E] ${errorText(error)}`)
    return false
  }
  let bytes = 0
  let failed = 0
  for (const recorded of files) {
    try {
      const points = await readRecorded(recorded, systemClock.nowNs())
      if (!points.ok) throw new Error(points.error)
      console.log(
        `> Uploading "${basename(recorded.file)}"(${points.value.length} points) on ${recorded.category}...`,
      )
      const body = encodePoints(points.value)
      const answer = await fetch(endpoint.value.url(`/v1/write/${recorded.category}`), {
        method: 'POST',
        headers: { 'content-type': CONTENT_TYPES.protobuf, 'x-points': String(points.value.length) },
        body: new Uint8Array(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      if (!answer.ok) throw new Error(`the DataWay answered ${answer.status}`)
      bytes += body.length
    } catch (error) {
      failed++
      console.error(`[E] ${basename(recorded.file)}: ${errorText(error)}`)
    }
  }
  console.log(`Total upload ${bytes} bytes ok`)
  return failed === 0
}
