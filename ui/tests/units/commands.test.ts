import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, describe, expect, it } from "vitest";

import { Refusal } from "../../src/host/problem";
import { tauriHost } from "../../src/host/commands";

type Asked = { name: string; args: unknown };

function answering(answer: unknown): Asked[] {
  const asked: Asked[] = [];
  mockIPC((name, args) => {
    asked.push({ name, args });
    return answer;
  });
  return asked;
}

afterEach(() => clearMocks());

describe("the real host", () => {
  it("asks the command of the same name and gives its answer", async () => {
    const asked = answering({ ok: true });
    expect(await tauriHost.goToStep("c1", "domain")).toEqual({ ok: true });
    expect(asked).toEqual([{ name: "go_to_step", args: { id: "c1", step: "domain" } }]);
  });

  it("throws a refused command's problem", async () => {
    const problem = { code: "keychain_locked", args: {}, detail: null, retry_at: null, request_id: null };
    mockIPC(() => Promise.reject(problem));
    const refused = await tauriHost.keychainProbe("c1").catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused).toMatchObject({ problem });
  });

  it("sends a secret inward with its name and asks for nothing back but the connection", async () => {
    const asked = answering({});
    await tauriHost.storeSecret("c1", "okta_token", "value", true);
    expect(asked[0]).toEqual({ name: "store_secret", args: { id: "c1", name: "okta_token", value: "value", thisRunOnly: true } });
  });

  it("has a method for every command", async () => {
    const asked: string[] = [];
    mockIPC((name) => {
      asked.push(name);
      return [];
    }, { shouldMockEvents: true });
    const source = (await import("../../src/host/bindings?raw")).default;
    const commands = [...source.matchAll(/__TAURI_INVOKE(?:<[^(]*>)?\("(\w+)"/g)].map((one) => one[1] ?? "");
    for (const method of Object.values(tauriHost)) await (method as (...args: unknown[]) => Promise<unknown>)("a", "b", () => undefined, "d");
    expect(commands.length).toBeGreaterThan(40);
    expect(commands.filter((name) => !asked.includes(name))).toEqual([]);
  });
});
