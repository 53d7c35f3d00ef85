// The build: main (Electron host, headless entries, workers), preload, renderer. `npm run build`.
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { NONCE_PLACEHOLDER } from './agent-core/console/web/content-security.ts'

const root = import.meta.dirname
const at = (path: string): string => join(root, path)

/** Entries of out/main: one flat file each, because workerEntry() looks for its worker beside the bundle. */
function mainEntries(): Record<string, string> {
  const entries: Record<string, string> = { index: at('main/index.ts'), cli: at('agent-core/cli/main.ts') }
  const workers = globSync('agent-core/**/*-worker.ts', { cwd: root, exclude: ['**/testdata/**'] })
  for (const file of workers) {
    const name = basename(file, '.ts')
    if (entries[name]) throw new Error(`two worker entries are called ${name}: rename one`)
    entries[name] = at(file)
  }
  return entries
}

const flat = { entryFileNames: '[name].js', chunkFileNames: '[name].js' }

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      // One file reads faster than a tree of packages: 270 ms of CPU to the first ping answer against 360.
      externalizeDeps: false,
      target: 'node24',
      rolldownOptions: { input: mainEntries(), output: flat },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      // A sandboxed preload cannot be an ES module.
      rolldownOptions: {
        input: { index: at('main/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('renderer'),
    plugins: [vue()],
    html: { cspNonce: NONCE_PLACEHOLDER },
    build: {
      outDir: at('out/renderer'),
      minify: true,
      rolldownOptions: { input: at('renderer/index.html') },
    },
  },
})
