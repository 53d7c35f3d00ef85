import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULT_WINDOW, readWindowState, writeWindowState } from './window-state.ts'

const left = { x: 0, y: 0, width: 1920, height: 1080 }
const right = { x: 1920, y: 0, width: 1280, height: 1024 }
let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'window-'))
  file = join(directory, 'window-state.json')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('comes back where it was, on either display', () => {
  const state = { x: 2000, y: 40, width: 900, height: 700, maximized: true }
  writeWindowState(file, state)
  expect(readWindowState(file, [left, right])).toEqual(state)
})

test.each([
  ['the display is gone', { x: 2000, y: 40 }],
  ['only a sliver shows', { x: 1850, y: 40 }],
  ['the title bar is above', { x: 100, y: -40 }],
  ['the title bar is below', { x: 100, y: 1060 }],
])('keeps its size but not its place when %s', (_name, place) => {
  writeWindowState(file, { ...place, width: 900, height: 700, maximized: false })
  expect(readWindowState(file, [left])).toEqual({ width: 900, height: 700, maximized: false })
})

test.each(['', '{', 'null', '{"width":"900"}', '{"width":900,"height":1e9,"maximized":false}'])(
  'opens as if for the first time with %s',
  (text) => {
    writeFileSync(file, text)
    expect(readWindowState(file, [left])).toEqual(DEFAULT_WINDOW)
  },
)

test('a directory that cannot be written is no error', () => {
  writeWindowState(join(directory, 'missing/state.json'), DEFAULT_WINDOW)
  expect(readWindowState(join(directory, 'missing/state.json'), [left])).toEqual(DEFAULT_WINDOW)
})
