import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeFileAtomic } from './atomic-write.ts'
import { withWorkdir } from './test-workdir.ts'

describe('writeFileAtomic', () => {
  it('makes a file with its directories, for its owner and group', () => {
    withWorkdir({}, ({ layout }) => {
      const path = join(layout.root, 'new/dir/x.conf')
      expect(writeFileAtomic(path, 'a\n').ok).toBe(true)
      expect(readFileSync(path, 'utf8')).toBe('a\n')
      expect(statSync(path).mode & 0o007).toBe(0)
    })
  })

  it('keeps the mode of the old file, links, and leaves nothing behind', () => {
    withWorkdir({ 'conf.d/x.conf': 'old' }, ({ layout }) => {
      const path = join(layout.confDir, 'x.conf')
      chmodSync(path, 0o666)
      symlinkSync('x.conf', join(layout.confDir, 'link.conf'))
      expect(writeFileAtomic(join(layout.confDir, 'link.conf'), 'new').ok).toBe(true)
      expect(readFileSync(path, 'utf8')).toBe('new')
      expect(statSync(path).mode & 0o777).toBe(0o666)
      expect(lstatSync(join(layout.confDir, 'link.conf')).isSymbolicLink()).toBe(true)
      expect(readdirSync(layout.confDir).sort()).toEqual(['link.conf', 'x.conf'])
    })
  })

  it('says why it failed and leaves what was there', () => {
    withWorkdir({ 'conf.d/file': 'x' }, ({ layout }) => {
      const inFile = writeFileAtomic(join(layout.confDir, 'file/x.conf'), 'a')
      expect(!inFile.ok && `${inFile.error.code} ${inFile.error.message}`).toMatch(
        /^CONFIG_WRITE Cannot write: .*x\.conf: (a part of its path is not a directory|a file is in the way)$/,
      )
      const dir = join(layout.confDir, 'dir.conf')
      mkdirSync(dir)
      const overDir = writeFileAtomic(dir, 'a')
      expect(!overDir.ok && overDir.error.code).toBe('CONFIG_WRITE')
      expect(readdirSync(layout.confDir).sort()).toEqual(['dir.conf', 'file'])
    })
  })

  it.runIf(process.platform === 'linux')(
    'a file system that takes no new file is an error (needs /proc)',
    () => {
      const result = writeFileAtomic('/proc/x.conf', 'a')
      expect(!result.ok && result.error.message).toMatch(/^Cannot write: \/proc\/x\.conf: /)
    },
  )
})
