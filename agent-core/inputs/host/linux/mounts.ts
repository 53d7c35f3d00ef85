// Mounted file systems from /proc/1/mountinfo (proc_pid_mountinfo(5)).
import { readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Mount, MountReader } from '../ports.ts'
import { Scanner } from '../scanner.ts'
import { readOptional, readSource } from '../source.ts'

/** Types whose server may stop answering. */
const REMOTE = new Set([
  '9p',
  'afs',
  'beegfs',
  'ceph',
  'cifs',
  'coda',
  'davfs',
  'gfs2',
  'glusterfs',
  'lustre',
  'ncpfs',
  'nfs',
  'nfs4',
  'ocfs2',
  'orangefs',
  'smb3',
  'smbfs',
])

/** Types whose size is always 0: asking them would be most of the collector's work. */
const WITHOUT_SPACE = new Set([
  'binfmt_misc',
  'bpf',
  'cgroup',
  'cgroup2',
  'configfs',
  'debugfs',
  'devpts',
  'fusectl',
  'mqueue',
  'nsfs',
  'proc',
  'pstore',
  'rpc_pipefs',
  'securityfs',
  'selinuxfs',
  'sysfs',
  'tracefs',
])

interface MountLine {
  readonly id: string
  readonly mountPoint: string
  readonly fstype: string
  readonly source: string
}

/**
 * id parent major:minor root mount_point options [optional ...] - fstype source super_options
 *
 * A later mount on the same point hides an earlier one, which cannot be asked any more: only the last is kept.
 */
export function parseMountinfo(text: string): MountLine[] {
  const byPoint = new Map<string, MountLine>()
  for (const scan = new Scanner(text); scan.more; scan.nextLine()) {
    scan.word()
    scan.word()
    const id = scan.word()
    scan.word()
    const mountPoint = unescapeOctal(scan.word())
    let word = scan.word()
    while (word !== '-' && word !== '') word = scan.word()
    const fstype = scan.word()
    const source = unescapeOctal(scan.word())
    if (fstype === '' || mountPoint === '') continue
    byPoint.delete(mountPoint)
    byPoint.set(mountPoint, { id, mountPoint, fstype, source })
  }
  return [...byPoint.values()]
}

/** The kernel writes blank, tab, newline, backslash and # as \ooo, byte by byte. */
export function unescapeOctal(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
    : text
}

export function linuxMounts(root: string): MountReader {
  return {
    read() {
      // With hidepid the first process is not ours to look at; our own view is the next best.
      const text =
        readOptional(join(root, 'proc/1/mountinfo')) ?? readSource(join(root, 'proc/self/mountinfo'))
      const lines = parseMountinfo(text).filter((line) => !WITHOUT_SPACE.has(line.fstype))
      return lines.map((line): Mount => ({
        device: line.source === '/dev/root' ? rootDevice(root, line.id) : line.source,
        fstype: line.fstype,
        mountPoint: line.mountPoint,
        path: join(root, line.mountPoint),
        // fuseblk is a local disk; what else lies behind FUSE nobody knows.
        remote: REMOTE.has(line.fstype) || /^fuse(\.|$)/.test(line.fstype),
        removable: false,
      }))
    },
  }
}

/** The kernel calls what it booted from /dev/root; /sys/dev/block/<major>:<minor> links to its real name. */
function rootDevice(root: string, id: string): string {
  try {
    return `/dev/${basename(readlinkSync(join(root, 'sys/dev/block', id)))}`
  } catch {
    return '/dev/root'
  }
}
