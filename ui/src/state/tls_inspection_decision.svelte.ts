/** The decision about a TLS-inspecting proxy before Okta or Radiant: the open question, and the issuer that was accepted. */
import { commands } from "../host/commands";
import type { AcceptedIssuer, Code, Confirmable, ConnectionView, InspectionQuestion, Problem } from "../host/model";
import type { App } from "./app.svelte";
import { confirmation, rowOf } from "./connection_facts";
import { OperationRunner } from "./operation_runner.svelte";

/** The check whose row asks. */
export type InspectedCheck = "tls" | "radiant_tls";

const REFUSED: Record<InspectedCheck, Code> = { tls: "tls_inspected", radiant_tls: "radiant_tls_inspected" };
const CONFIRMED: Record<InspectedCheck, Confirmable> = { tls: "tls_inspection_accepted", radiant_tls: "radiant_tls_inspection_accepted" };

export class TlsInspectionDecision extends OperationRunner {
  constructor(
    private readonly app: App,
    private readonly view: () => ConnectionView,
    readonly check: InspectedCheck,
    private readonly refused: () => Problem | null,
  ) {
    super();
  }

  private get issuers(): readonly AcceptedIssuer[] {
    return this.view().setup.accepted_issuers ?? [];
  }

  /** The open question: of a request that was refused just now, or of the stored report. */
  get question(): InspectionQuestion | null {
    const view = this.view();
    const refused = this.refused();
    if (refused?.code !== REFUSED[this.check]) return this.check === "tls" ? view.guide.inspection : view.guide.radiant_inspection;
    const { host = "", issuer = "?", issuer_key: key = "" } = refused.args;
    if (this.issuers.some((one) => one.host === host && one.key === key)) return null;
    return { host, issuer, key, is_asked_again: confirmation(view, CONFIRMED[this.check]) !== undefined };
  }

  /** The accepted issuer, while the newest check met it. */
  get accepted(): AcceptedIssuer | undefined {
    const met = rowOf(this.view(), this.check)?.args;
    return met && this.issuers.find((one) => one.host === met["host"] && one.key === met["issuer_key"]);
  }

  async accept({ issuer, key }: InspectionQuestion): Promise<boolean> {
    const id = this.view().connection.id;
    return this.run("accept", async () => this.app.updateView(await commands.acceptIssuer(id, this.check, issuer, key)));
  }

  async withdraw(): Promise<boolean> {
    const id = this.view().connection.id;
    return this.run("withdraw", async () => this.app.updateView(await commands.withdrawIssuer(id, this.check)));
  }
}
