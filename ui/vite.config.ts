/**
 * Builds the window's page. `vite build` builds only the real page; `--mode fake` builds the page over the fake app into its own
 * folder, so that no line of the fake app can reach the product.
 */
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  // Parsed in one go when it is needed, which is faster than a catalog written as code.
  json: { stringify: true },
  build: {
    outDir: mode === "fake" ? ".fake" : "dist",
    emptyOutDir: true,
    // WebKitGTK 2.50, WKWebView of macOS 15 and WebView2 all support light-dark().
    target: ["safari18", "chrome125"],
    cssTarget: ["safari18", "chrome125"],
    assetsInlineLimit: 0,
    // The licenses are a large list in their own file, loaded when their page opens; the window itself is smaller.
    chunkSizeWarningLimit: 1000,
    modulePreload: { polyfill: false },
    rollupOptions: { input: mode === "fake" ? "fake.html" : "index.html" },
  },
  // A loaded machine may take long for a test that renders a page.
  test: { environment: "jsdom", include: ["tests/units/**/*.test.ts"], setupFiles: ["tests/units/clear_timers.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
}));
