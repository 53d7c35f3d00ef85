// A page of the console with an invented agent behind it, to look at: `npx vite -c renderer/dev/vite.config.ts`.
// Not part of the product build, whose only input is renderer/index.html.
import { join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [vue()],
  server: {
    port: 5199,
    strictPort: true,
    host: '127.0.0.1',
    fs: { allow: [join(import.meta.dirname, '../..')], strict: false },
  },
  build: { outDir: join(import.meta.dirname, '../../out/dev') },
})
