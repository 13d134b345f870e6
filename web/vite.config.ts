import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import elementPlus from "unplugin-element-plus/vite";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Puts into index.html, while `npm run dev` serves it, what otherwise the Go server does. */
function asTheServerDoes(): Plugin {
  return {
    name: "as-the-server-does",
    apply: "serve",
    transformIndexHtml: (html) => html.replace("{{.Base}}", "").replace("{{.Name}}", "ERP Backend"),
  };
}

const api = "http://127.0.0.1:8000";

export default defineConfig(({ command, mode }) => ({
  // The built console is served below whatever path PUBLIC_URL has: the page's <base> says where.
  base: command === "build" ? "./" : "/frontend/",
  plugins: [vue(), mode !== "test" && elementPlus({}), asTheServerDoes()], // units are looked at without styles
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  build: {
    outDir: "dist/console",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the page's policy lets nothing in that is not a file of ours
    chunkSizeWarningLimit: 1000,
  },
  server: {
    port: 5173,
    // The server takes what comes from this page for its own origin's, since Host stays as the browser sent it.
    proxy: { "^/(?!frontend)": { target: api, changeOrigin: false } },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
}));
