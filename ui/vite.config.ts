import { svelte } from '@sveltejs/vite-plugin-svelte'
import { svelteTesting } from '@testing-library/svelte/vite'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  build: {
    // The oldest web views that the window opens in: WebKitGTK 2.40, macOS 13, WebView2.
    target: ['safari16.4', 'chrome110'],
    // A preload helper would be an inline script in some builds; two chunks need none, and share their styles.
    modulePreload: false,
    cssCodeSplit: false,
    // The content policy allows no data: addresses.
    assetsInlineLimit: 0,
  },
  server: { host: '127.0.0.1' },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    include: ['src/**/*.test.ts'],
    // Parsing 100,000 entries on a busy machine is slow, and no test is about time.
    testTimeout: 60_000,
  },
})
