/** The problem of a command that was refused. */
import type { Problem } from "./model";

function isProblem(thrown: unknown): thrown is Problem {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "args" in thrown;
}

/** Returns the problem that was thrown; anything else becomes `internal`, with its text as the technical detail. */
export function problemOf(thrown: unknown): Problem {
  if (isProblem(thrown)) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "internal", args: {}, detail, retry_at: null, request_id: null };
}
