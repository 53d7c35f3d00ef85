// TCP ports that a process listens on: its sockets' inodes looked up in the tables of its own network namespace.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'

export interface Listeners {
  /** Ascending; undefined when the process's files cannot be read. @param folder /proc/PID */
  of(folder: string): number[] | undefined
}

/**
 * Socket inode -> port of the listening sockets in a /proc/net/tcp or tcp6:
 *   sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …
 * The address is `HEX:PORT`, state 0A is LISTEN.
 */
function parseTcp(text: string, into: Map<string, number>): void {
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/, 10)
    const [, local, , state] = words
    const inode = words[9]
    if (state !== '0A' || !local || !inode) continue
    into.set(inode, Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16))
  }
}

/** For one scan: each network namespace is read once. */
export function listeners(): Listeners {
  const namespaces = new Map<string, Map<string, number>>()

  function portsOf(folder: string): Map<string, number> {
    const namespace = readlinkSync(`${folder}/ns/net`)
    let ports = namespaces.get(namespace)
    if (!ports) {
      ports = new Map()
      // Not remembered when this fails: the next process of the namespace may still be there to ask.
      parseTcp(readFileSync(`${folder}/net/tcp`, 'utf8'), ports)
      try {
        parseTcp(readFileSync(`${folder}/net/tcp6`, 'utf8'), ports)
      } catch {
        // A kernel without IPv6.
      }
      namespaces.set(namespace, ports)
    }
    return ports
  }

  return {
    of(folder) {
      try {
        const ports = portsOf(folder)
        const found = new Set<number>()
        for (const file of readdirSync(`${folder}/fd`)) {
          const target = linkTarget(`${folder}/fd/${file}`)
          const port = target?.startsWith('socket:[') ? ports.get(target.slice(8, -1)) : undefined
          if (port !== undefined) found.add(port)
        }
        return [...found].toSorted((a, b) => a - b)
      } catch {
        return undefined
      }
    },
  }
}

/** Undefined for a file that was closed meanwhile. */
function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
