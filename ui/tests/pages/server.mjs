/** Serves the built pages on loopback under the product's own content security policy. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png" };

/** The policy of tauri.conf.json, so that a page which needs more than it allows fails here and not in the window. */
async function policy(root) {
  const conf = JSON.parse(await readFile(join(root, "../src-tauri/tauri.conf.json"), "utf8"));
  return conf.app.security.csp;
}

export async function serve(root, folder) {
  const csp = await policy(root);
  const server = createServer(async (request, answer) => {
    const path = normalize(new URL(request.url, "http://x").pathname).replace(/^(\.\.[/\\])+/, "");
    if (path === "/favicon.ico") {
      answer.writeHead(204);
      answer.end();
      return;
    }
    try {
      const body = await readFile(join(root, folder, path));
      answer.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream", "content-security-policy": csp });
      answer.end(body);
    } catch {
      answer.writeHead(404);
      answer.end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => new Promise((done) => server.close(done)) };
}
