// child.ts MAIN [ARGS]: evaluates the built main bundle with `electron` replaced by the double, then becomes ready.
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { app } from './app.ts'
import { answerTestProcess } from './link.ts'

const EVALUATION_LIMIT_MS = 10_000
const DEADLOCK =
  'main never finished evaluating: a top-level await on app.whenReady() deadlocks in Electron too'

const double = new URL('./electron.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' || specifier === 'electron/main'
      ? { url: double, shortCircuit: true }
      : next(specifier, context),
})
Object.defineProperties(process, {
  type: { value: 'browser' },
  resourcesPath: { value: process.cwd() },
})
const electron: unknown = await import(double)
answerTestProcess(electron)

const limit = setTimeout(() => {
  console.error(`electron double: ${DEADLOCK}`)
  process.exit(13)
}, EVALUATION_LIMIT_MS)
await import(pathToFileURL(process.argv[2]!).href)
clearTimeout(limit)
app.becomeReady()
