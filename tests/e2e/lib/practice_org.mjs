/** A practice organization in a process of its own, and its control: what somebody in Okta or Radiant would do, and what arrived there. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export class PracticeOrg {
  /** Starts one without events of its own accord; `words` are further options of `connectorctl practice`. */
  static async start(...words) {
    const org = new PracticeOrg();
    await org.begin(...words);
    return org;
  }

  async begin(...words) {
    this.practice = spawn(process.env.E2E_CLI, ["practice", "--events-per-second", "0", ...words], { stdio: ["ignore", "pipe", "inherit"] });
    const line = await new Promise((done) => createInterface({ input: this.practice.stdout }).once("line", done));
    this.card = JSON.parse(line);
  }

  /** Changes the organization, as somebody in Okta would: `{ change: "revoke", principal: "super_admin" }`. */
  change(change) {
    return this.control("/set", change);
  }

  /** Asks the control endpoint, or sends it something. */
  async control(path, body) {
    const { url, secret } = this.card.control;
    const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const answer = await fetch(url + path, { ...sent, headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" } });
    if (!answer.ok) throw new Error(`the organization refused ${path} ${JSON.stringify(body)}: ${answer.status}`);
    return answer.json();
  }

  end() {
    this.practice.kill("SIGINT");
  }
}
