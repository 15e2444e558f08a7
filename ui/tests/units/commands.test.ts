import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, describe, expect, it } from "vitest";

import { channel, commands, events } from "../../src/host/commands";
import { problem } from "../../src/host/fake/connection_views";
import { FakeApp } from "../../src/host/fake/fake_app";
import { problemOf } from "../../src/host/problem";

type Call = { name: string; args: unknown };

function answering(answer: unknown): Call[] {
  const calls: Call[] = [];
  mockIPC((name, args) => {
    calls.push({ name, args });
    return answer;
  });
  return calls;
}

afterEach(() => clearMocks());

describe("a command", () => {
  it("calls the Rust command of the same name and returns its answer", async () => {
    const calls = answering({ ok: true });
    expect(await commands.goToStep("c1", "domain")).toEqual({ ok: true });
    expect(calls).toEqual([{ name: "go_to_step", args: { id: "c1", step: "domain" } }]);
  });

  it("throws its problem when it is refused", async () => {
    const refused = problem("keychain_locked");
    mockIPC(() => Promise.reject(refused));
    const thrown = await commands.keychainProbe("c1").catch((thrown: unknown) => thrown);
    expect(problemOf(thrown)).toEqual(refused);
  });

  it("that fails in another way has an internal problem with the text as its detail", () => {
    expect(problemOf(new Error("command not found"))).toMatchObject({ code: "internal", detail: "command not found" });
    expect(problemOf("invalid args")).toMatchObject({ code: "internal", detail: "invalid args" });
  });

  it("sends a secret with its name and gets back only the connection", async () => {
    const calls = answering({});
    await commands.storeSecret("c1", "okta_token", "value", true);
    expect(calls[0]).toEqual({ name: "store_secret", args: { id: "c1", name: "okta_token", value: "value", thisRunOnly: true } });
  });

  it("passes a channel on which progress arrives in order", async () => {
    const progress: string[] = [];
    mockIPC((_name, args) => {
      const { id } = (args as { news: { id: number } }).news;
      const { runCallback } = (window as unknown as { __TAURI_INTERNALS__: { runCallback: (id: number, message: unknown) => void } }).__TAURI_INTERNALS__;
      runCallback(id, { index: 1, message: "second" });
      runCallback(id, { index: 0, message: "first" });
    });
    await commands.runChecks("c1", null, channel<unknown>((message) => progress.push(String(message))));
    expect(progress).toEqual(["first", "second"]);
  });
});

describe("the fake app", () => {
  it("answers every generated command under its Rust name", async () => {
    const source = (await import("../../src/host/bindings?raw")).default;
    const generated = [...source.matchAll(/^\t(\w+): .*__TAURI_INVOKE<.*>\("(\w+)"/gm)].map((one) => [one[1], one[2]]);
    expect(generated.length).toBeGreaterThan(40);
    const hang = Object.keys(commands) as (keyof typeof commands)[];
    expect(generated.map(([name]) => name)).toEqual(hang);
    const fake = new FakeApp({ hang });
    for (const command of Object.values(commands)) void (command as (...args: unknown[]) => Promise<unknown>)("a", "b", "c", "d");
    expect(fake.calls).toEqual(generated.map(([name]) => name));
    expect(Object.keys(fake.handlers).sort()).toEqual(hang.sort());
  });

  it("delivers events until the subscription ends", async () => {
    const fake = new FakeApp({});
    const ids: string[] = [];
    const unlisten = await events.statusChanged.listen(({ payload }) => ids.push(payload.id));
    fake.changeStatus("c1");
    unlisten();
    fake.changeStatus("c2");
    expect(ids).toEqual(["c1"]);
  });
});
