// Who holds a TCP port: the question behind "port in use". Answers from the system's own tables; undefined when it
// does not tell.
import { execFile } from 'node:child_process'
import { readFile, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const TIMEOUT_MS = 3000

export interface PortHolder {
  readonly pid: number
  readonly name: string
}

/** @param root prefix of /proc: "/" but in tests */
export async function portHolder(
  port: number,
  platform: NodeJS.Platform = process.platform,
  root = '/',
): Promise<PortHolder | undefined> {
  try {
    if (platform === 'linux') return await fromProc(port, root)
    if (platform === 'win32') return await fromNetstat(port)
    return parseLsof(
      (await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { timeout: TIMEOUT_MS })).stdout,
    )
  } catch {
    return undefined
  }
}

async function fromProc(port: number, root: string): Promise<PortHolder | undefined> {
  const inodes = new Set<string>()
  for (const table of ['tcp', 'tcp6']) {
    const text = await readFile(join(root, 'proc/net', table), 'utf8').catch(() => '')
    for (const inode of listeningInodes(text, port)) inodes.add(`socket:[${inode}]`)
  }
  if (inodes.size === 0) return undefined
  for (const pid of await readdir(join(root, 'proc'))) {
    if (!/^\d+$/.test(pid)) continue
    const fds = await readdir(join(root, 'proc', pid, 'fd')).catch(() => [])
    for (const fd of fds) {
      const target = await readlink(join(root, 'proc', pid, 'fd', fd)).catch(() => '')
      if (!inodes.has(target)) continue
      const name = await readFile(join(root, 'proc', pid, 'comm'), 'utf8').catch(() => '')
      return { pid: Number(pid), name: name.trim() || 'unknown' }
    }
  }
  return undefined
}

/** Inodes of sockets in state LISTEN (0A) at that local port, from /proc/net/tcp text. */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === '0A' && columns[1]?.endsWith(wanted))
    .map((columns) => columns[9]!)
}

/** `lsof -Fpc`: lines p<pid>, c<command>. */
export function parseLsof(text: string): PortHolder | undefined {
  const pid = /^p(\d+)$/m.exec(text)?.[1]
  return pid ? { pid: Number(pid), name: /^c(.+)$/m.exec(text)?.[1] ?? 'unknown' } : undefined
}

async function fromNetstat(port: number): Promise<PortHolder | undefined> {
  const options = { timeout: TIMEOUT_MS, windowsHide: true }
  const pid = parseNetstat((await run('netstat', ['-ano', '-p', 'TCP'], options)).stdout, port)
  if (pid === undefined) return undefined
  const list = (await run('tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH'], options)).stdout
  return { pid, name: /^"([^"]+)"/.exec(list.trim())?.[1] ?? 'unknown' }
}

/** The state column is translated on Windows; a listener's foreign port is 0. */
export function parseNetstat(text: string, port: number): number | undefined {
  for (const line of text.split('\n')) {
    const columns = line.trim().split(/\s+/)
    if (columns[1]?.endsWith(`:${port}`) && columns[2]?.endsWith(':0')) return Number(columns.at(-1))
  }
  return undefined
}
