// The generator of bench `io`, a process of its own: POSTs bodies of 1,000 logging points over 4 connections and prints
// how many points were answered 200. Raw sockets, so that the generator costs the shared cores little.
//
//   node io-load.ts PORT POINTS
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

const PORT = Number(process.argv[2])
const POINTS = Number(process.argv[3])
const CONNECTIONS = 4
const BODY_POINTS = 1000
const BODIES = 20

const lines = readFileSync(join(import.meta.dirname, 'testdata/nginx.txt'), 'utf8')
  .trimEnd()
  .split('\n')

/** 2 tags, 3 fields; the message is a line of an nginx access log, as many as there are. */
function body(index: number): Buffer {
  const now = BigInt(Date.now()) * 1_000_000n
  const points = Array.from({ length: BODY_POINTS }, (_, i) => {
    const n = index * BODY_POINTS + i
    const message = lines[n % lines.length]!.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
    return `nginx,host=web-01,service=shop message="${message}",status="info",bytes=${n}i ${now + BigInt(i)}`
  })
  return Buffer.from(points.join('\n'))
}

const requests = Array.from({ length: BODIES }, (_, i) => {
  const bytes = body(i)
  const head = `POST /v1/write/logging?precision=n HTTP/1.1\r\nHost: localhost:${PORT}\r\nContent-Type: text/plain\r\nContent-Length: ${bytes.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bytes])
})

let left = POINTS / BODY_POINTS
let taken = 0
let refused = 0

function client(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(PORT, '127.0.0.1')
    let answer = ''
    const next = (): void => {
      if (left <= 0) return void socket.end(resolve)
      left--
      socket.write(requests[left % BODIES]!)
    }
    socket.on('connect', next)
    socket.on('error', reject)
    socket.on('data', (part) => {
      answer += part.toString('latin1')
      const end = answer.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = Number(/content-length: (\d+)/i.exec(answer)?.[1] ?? 0)
      if (answer.length < end + 4 + length) return
      if (answer.startsWith('HTTP/1.1 200')) taken += BODY_POINTS
      else refused += BODY_POINTS
      answer = ''
      next()
    })
  })
}

const started = performance.now()
await Promise.all(Array.from({ length: CONNECTIONS }, client))
const seconds = (performance.now() - started) / 1000
console.log(JSON.stringify({ taken, refused, seconds }))
