/**
 * A practice organization under a real-looking address, so that the app takes it for a real one: a proxy of this desktop answers
 * for it over TLS with a certificate that this desktop trusts. Every other address is refused, so nothing leaves the computer.
 *
 * It changes the variables of this process (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE), which the app inherits: start it before the app.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";

import { PRIVATE_DESKTOP } from "./desktop_access.mjs";
import { until } from "./driver.mjs";
import { PracticeOrg } from "./practice_org.mjs";
import { agent } from "./processes.mjs";
import { TrayItem } from "./tray_item.mjs";

/** The organization's address. */
export const HOST = "acme.okta.com";
/** The host of its Radiant. */
export const RADIANT_HOST = "plugin.radiantsecurity.ai";
/** What its connection is called. */
export const NAME = "Acme";
/** The shortest interval of a real connection. */
export const INTERVAL_MS = 60_000;
const SETTINGS = { heartbeat_s: 60, freshness_s: 60, full_s: 600, allowed_lag_s: 900, notices: true };
const CLI = process.env.E2E_CLI;

/** The stored status of every connection, as the command line reports it. */
export const statuses = () => JSON.parse(spawnSync(CLI, ["status", "--json"], { encoding: "utf8" }).stdout).connections;

/** Waits until the agent's tray item shows a face; the error names the other one and the status. */
export async function faceBecomes(face, ms = 3 * INTERVAL_MS) {
  await until(`the face ${face}`, async () => {
    const shown = TrayItem.of(await agent())?.face;
    if (shown !== face) throw new Error(`it is ${shown}, and the status ${JSON.stringify(statuses())}`);
    return true;
  }, ms);
}

export class RealOrg extends PracticeOrg {
  /** Starts the organization and its proxy. */
  static async start() {
    const org = new RealOrg();
    org.requests = [];
    await org.begin();
    org.loopback = new URL(org.card.okta);
    org.radiant = new URL(org.card.radiant.search);
    const { key, cert, bundle } = certificates();
    const authority = new X509Certificate(readFileSync(bundle)).publicKey.export({ type: "spki", format: "der" });
    org.issuerKey = createHash("sha256").update(authority).digest("hex");
    org.server = createTlsServer({ key, cert }, (asked, answer) => org.forward(asked, answer));
    const port = await listen(org.server);
    org.proxy = createServer((_, answer) => answer.writeHead(403).end());
    org.proxy.on("connect", (asked, socket) => org.connect(asked, socket, port));
    const address = `http://127.0.0.1:${await listen(org.proxy)}`;
    // The driver joins the window over loopback and would ask the proxy too.
    Object.assign(process.env, { HTTPS_PROXY: address, NO_PROXY: "127.0.0.1,localhost", no_proxy: "127.0.0.1,localhost", SSL_CERT_FILE: bundle });
    return org;
  }

  /** Accepts this proxy for a connection to Okta, or to Radiant (`radiant_tls`), by the key of its certificate authority. */
  async acceptProxy(app, id, check = "tls") {
    await app.invoke("accept_issuer", { id, check, issuer: "Desktop", key: this.issuerKey });
  }

  /** Creates a connection to the organization whose guide is finished and that is monitored. Returns its id. */
  async connection(app, { thisRunOnly = false, settings = SETTINGS, name = NAME, principal = "super_admin" } = {}) {
    const { id } = (await app.invoke("begin_setup")).connection;
    await app.invoke("set_domain", { id, typed: HOST });
    await this.acceptProxy(app, id);
    await app.invoke("store_secret", { id, name: "okta_token", value: this.card.tokens[principal], thisRunOnly });
    await app.invoke("rename_connection", { id, name });
    await app.invoke("change_monitor_settings", { change: settings });
    await app.invoke("finish_setup", { id, keep: "token", launchAtLogin: false });
    return id;
  }

  /** The requests that came since a moment. */
  since(ms) {
    return this.requests.filter((one) => one.at >= ms);
  }

  /** Joins a connection to the organization or its Radiant, any other to nothing. */
  connect(asked, socket, port) {
    socket.on("error", () => undefined);
    if (![`${HOST}:443`, `${RADIANT_HOST}:443`].includes(asked.url) || this.isDown) return socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    const inner = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      inner.pipe(socket).pipe(inner);
    });
    inner.on("error", () => socket.destroy());
    return undefined;
  }

  /** Passes a request on; the organization's own address is the real-looking one in every answer. */
  forward(asked, answer) {
    this.requests.push({ at: Date.now(), method: asked.method, path: asked.url });
    const { hostname, port, host } = asked.headers.host === RADIANT_HOST ? this.radiant : this.loopback;
    const headers = { ...asked.headers, host };
    const passed = request({ hostname, port, method: asked.method, path: asked.url, headers }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => {
        const body = Buffer.from(this.renamed(Buffer.concat(pieces).toString("utf8")));
        const renamed = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().map((one) => this.renamed(one))]);
        const { "transfer-encoding": _, ...kept } = Object.fromEntries(renamed);
        answer.writeHead(response.statusCode, { ...kept, "content-length": body.length }).end(body);
      });
    });
    passed.on("error", () => answer.destroy());
    asked.pipe(passed);
  }

  renamed(text) {
    return text.replaceAll(this.loopback.origin, `https://${HOST}`);
  }

  end() {
    this.server.closeAllConnections();
    for (const one of [this.server, this.proxy]) one.close();
    super.end();
  }
}

const listen = (server) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));

/** An authority of this desktop and its certificate for the organization; the bundle is what the desktop trusts. */
function certificates() {
  const folder = `${PRIVATE_DESKTOP}/certificates`;
  mkdirSync(folder, { recursive: true });
  const file = (name) => `${folder}/${name}`;
  const openssl = (...words) => execFileSync("openssl", words, { stdio: "pipe" });
  const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...fresh, "-keyout", file("ca.key"), "-out", file("ca.pem"), "-days", "2", "-subj", "/O=Desktop/CN=Desktop CA");
  openssl("req", ...fresh, "-keyout", file("org.key"), "-out", file("org.csr"), "-subj", `/CN=${HOST}`);
  writeFileSync(file("org.ext"), `subjectAltName=DNS:${HOST},DNS:${RADIANT_HOST}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n`);
  openssl("x509", "-req", "-in", file("org.csr"), "-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial", "-out", file("org.pem"), "-days", "2", "-extfile", file("org.ext"));
  return { key: readFileSync(file("org.key")), cert: readFileSync(file("org.pem")), bundle: file("ca.pem") };
}
