import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { compress } from "./plugins/compress.ts";

/** Where `npm run dev` finds a platform. */
const platform = process.env.HEADWATER_URL ?? "http://127.0.0.1:8090";

export default defineConfig({
  plugins: [react(), compress()],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    host: "127.0.0.1",
    port: Number(process.env.PORT ?? 5173),
    strictPort: true,
    proxy: { "/api": platform, "/healthz": platform, "/readyz": platform },
  },
  build: {
    outDir: process.env.HEADWATER_CONSOLE_OUT ?? "dist",
    emptyOutDir: true,
    target: "es2023",
    // The first browsers that know light-dark(): what stands in for it in older ones needs a colour scheme that is
    // said in CSS, and Mantine says it on the root element; all such colours would be black.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false },
    // A placeholder in every script, style and link: `serve` puts a new nonce there for each answer.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  html: { cspNonce: "__CSP_NONCE__" },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
