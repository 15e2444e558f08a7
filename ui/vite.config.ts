/**
 * Builds the window's page. `vite build` makes the real page and nothing else; `--mode fake` makes the page over the scripted
 * host, into a folder of its own, so that no line of the fake can reach the product.
 */
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  build: {
    outDir: mode === "fake" ? ".fake" : "dist",
    emptyOutDir: true,
    // WebKitGTK 2.50, WKWebView of macOS 15 and WebView2: all know light-dark().
    target: ["safari18", "chrome125"],
    cssTarget: ["safari18", "chrome125"],
    assetsInlineLimit: 0,
    // The licences are a large list in a file of their own, read when their page is opened; the window itself is a third of this.
    chunkSizeWarningLimit: 1000,
    modulePreload: { polyfill: false },
    rollupOptions: { input: mode === "fake" ? "fake.html" : "index.html" },
  },
  test: { environment: "jsdom", include: ["tests/units/**/*.test.ts"] },
}));
