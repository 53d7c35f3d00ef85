import { describe, expect, it } from 'vitest'
import { benchLines } from './bench-lines.ts'

describe('benchmark lines', () => {
  it('are those of the reference generator', () => {
    const nginx = benchLines('nginx', 3)
    expect(nginx[0]).toBe(
      '7.190.71.63 - - [08/Mar/2024:23:06:43 +0000] "POST /search?q=term14593&page=2 HTTP/1.1" 200 77417 "-" "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36"',
    )
    expect(nginx[1]).toContain('56.60.130.155 - - [01/Sep/2024:06:45:41 +0000] "POST / HTTP/1.1" 200 28913')
  })

  it('are distinct', () => {
    for (const kind of ['nginx', 'json', 'kv'] as const)
      expect(new Set(benchLines(kind, 1000)).size).toBe(1000)
  })
})
