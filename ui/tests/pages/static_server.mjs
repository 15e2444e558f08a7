/** Serves the built pages on loopback under the product's own content security policy. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png" };

/** Reads the policy of tauri.conf.json, so that a page which needs more than it allows fails here and not in the window. */
async function contentSecurityPolicy(root) {
  const conf = JSON.parse(await readFile(join(root, "../src-tauri/tauri.conf.json"), "utf8"));
  return conf.app.security.csp;
}

export async function serve(root, folder) {
  const csp = await contentSecurityPolicy(root);
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://x").pathname).replace(/^(\.\.[/\\])+/, "");
    if (path === "/favicon.ico") {
      response.writeHead(204);
      response.end();
      return;
    }
    try {
      const body = await readFile(join(root, folder, path));
      // The files do not change while the server runs, so the browser reads and compiles each once.
      const headers = { "cache-control": "max-age=3600", "content-security-policy": csp };
      response.writeHead(200, { ...headers, "content-type": TYPES[extname(path)] ?? "application/octet-stream" });
      response.end(body);
    } catch {
      response.writeHead(404);
      response.end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => new Promise((closed) => server.close(closed)) };
}
