import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const API_ADDRESS = process.env.CLEARSEND_API ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    port: 5173,
    strictPort: true,
    host: "127.0.0.1",
    proxy: { "/v1": { target: API_ADDRESS } },
  },
  build: {
    target: "es2022",
    sourcemap: false,
    // The policy of the server allows data: for images only; a font must stay a file.
    assetsInlineLimit: 0,
    manifest: true,
  },
  test: {
    environment: "happy-dom",
    setupFiles: ["src/app/test_setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
  },
});
