import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import elementPlusStyles from 'unplugin-element-plus/vite'
import { defineConfig } from 'vitest/config'

const api = process.env.HOTLINE_WEB ?? 'http://127.0.0.1:8012'

export default defineConfig({
  // Named imports of Element Plus get their own style sheets: only what is used is shipped.
  plugins: [vue(), elementPlusStyles({})],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { host: '127.0.0.1', proxy: { '/api': { target: api, ws: true } } },
  build: { target: 'es2022', chunkSizeWarningLimit: 400 },
  test: { environment: 'jsdom', include: ['tests/**/*.test.ts'] },
})
