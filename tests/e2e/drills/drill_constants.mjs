/** The fixed values of the connections under test: their interval, whose token is revoked, and the two states of the guide. */
import { HOST } from "../lib/real_org.mjs";

/** The time between two probes. The app lets nobody choose less than a minute, so it is put into the database. */
export const INTERVAL_S = 20;
/** Whose token is revoked and valid in turns. */
export const TOGGLED = "org_admin";

/** The two states between which the guide of the second connection goes to and fro: every stored value differs. */
export const GUIDE_SIDES = [
  { name: "Guide A", typed: HOST, step: "domain", names: ["Token A", "Credential A"], has: false, principal: "person_super_admin" },
  { name: "Guide B", typed: `https://${HOST}/`, step: "create_token", names: ["Token B", "Credential B"], has: true, principal: "read_only" },
];
