import { availableParallelism } from 'node:os'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

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
          exclude: ALONE,
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
    ],
  },
})
