import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

// Agents and lanes that tests start load the sources a quarter faster; the forks inherit it.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/node-compile')

/** Tests of parts at work: they start lanes, agents and commands, seconds each. `npm test` runs them as a stage of their own. */
const PARTS = [
  'agent-core/{hostile-script,window-ledger}.test.ts',
  'agent-core/cli/pipeline*.test.ts',
  'agent-core/console/pipelines.test.ts',
  'agent-core/io/lanes.test.ts',
  'agent-core/pipeline/{pipeline,outside}.test.ts',
  'agent-core/pipeline/lanes/*.test.ts',
]

/** Files that mock a module: it must not be loaded before them. All others share their worker, which halves the time. */
const ALONE = ['agent-core/io/wal/disk-full.test.ts']

export default defineConfig({
  plugins: [vue()],
  test: {
    maxWorkers: availableParallelism(),
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    testTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          isolate: false,
          include: ['{agent-core,main,renderer,scripts}/**/*.test.ts'],
          exclude: [...ALONE, ...PARTS],
        },
      },
      { extends: true, test: { name: 'parts', isolate: false, include: PARTS } },
      { extends: true, test: { name: 'alone', include: ALONE } },
    ],
  },
})
