import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/**
 * `vite build` takes the packages of this repository from their `dist` (run `tsc -b` at the root first), `vite` from their
 * sources, both by the conditions of their `exports`. `vite` forwards the API to a central on its default port.
 */
export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // Nothing becomes a data: address, so that a strict content security policy holds.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_000,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
