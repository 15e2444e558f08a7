/**
 * The real host: the generated commands, with every refusal turned into a `Refusal`. The only file beside the bindings that
 * names Tauri.
 */
import { Channel } from "@tauri-apps/api/core";

import { commands, events, type Trouble } from "./bindings";
import { Refusal, type Host } from "./host";
import type { ArrivalTick, CheckNews, Problem } from "./model";

type Told<T> = { status: "ok"; data: T } | { status: "error"; error: Problem };

async function told<T>(answer: Promise<Told<T>>): Promise<T> {
  const one = await answer;
  if (one.status === "error") throw new Refusal(one.error);
  return one.data;
}

async function done(answer: Promise<Told<null>>): Promise<void> {
  await told(answer);
}

function channel<T>(heard: (news: T) => void): Channel<T> {
  const made = new Channel<T>();
  made.onmessage = heard;
  return made;
}

/** The app behind the window. */
export const tauriHost: Host = {
  appInfo: () => commands.appInfo(),
  preferences: () => commands.preferences(),
  setPreferences: (preferences) => told(commands.setPreferences(preferences)),
  retryStart: () => told(commands.retryStart()),
  setStoreAside: () => told(commands.setStoreAside()),
  quit: () => commands.quit(),

  connections: () => told(commands.connections()),
  connection: (id) => told(commands.connection(id)),
  beginSetup: () => told(commands.beginSetup()),
  beginPractice: () => told(commands.beginPractice()),
  removeConnection: (id) => done(commands.removeConnection(id)),
  renameConnection: (id, name) => told(commands.renameConnection(id, name)),

  readDomain: (typed) => commands.readDomain(typed),
  discoverDomain: (id, typed) => told(commands.discoverDomain(id, typed)),
  setDomain: (id, typed) => told(commands.setDomain(id, typed)),
  goToStep: (id, step) => told(commands.goToStep(id, step)),
  setProfile: (id, profile) => told(commands.setProfile(id, profile)),
  setNames: (id, tokenName, credentialName) => told(commands.setNames(id, tokenName, credentialName)),
  confirm: (id, what, yes) => told(commands.confirm(id, what, yes)),
  finishSetup: (id, keep, launchAtLogin) => told(commands.finishSetup(id, keep, launchAtLogin)),

  keychainProbe: (id) => told(commands.keychainProbe(id)),
  storeSecret: (id, name, value, thisRunOnly) => told(commands.storeSecret(id, name, value, thisRunOnly)),
  tokenShape: (value) => commands.tokenShape(value),
  forgetSecret: (id, name) => told(commands.forgetSecret(id, name)),

  runChecks: (id, only, news) => told(commands.runChecks(id, only, channel<CheckNews>(news))),
  cancelChecks: async (id) => void (await commands.cancelChecks(id)),

  copyValue: (id, what) => told(commands.copyValue(id, what)),
  clearClipboard: () => done(commands.clearClipboard()),
  clipboardHoldsSecret: (id) => told(commands.clipboardHoldsSecret(id)),
  openLink: (id, link) => done(commands.openLink(id, link)),
  copyLink: (id, link) => told(commands.copyLink(id, link)),

  setRadiantSearch: (id, search) => told(commands.setRadiantSearch(id, search)),
  discoverRadiant: (id) => told(commands.discoverRadiant(id)),
  watchArrival: (id, tick) => told(commands.watchArrival(id, channel<ArrivalTick>(tick))),
  cancelArrival: async (id) => void (await commands.cancelArrival(id)),

  setupReport: (id, form) => told(commands.setupReport(id, form)),
  saveReport: (id, form) => told(commands.saveReport(id, form)),
  askDocs: (id, question) => told(commands.askDocs(id, question)),

  practiceTokens: () => told(commands.practiceTokens()),
  practiceToken: (id, principal) => told(commands.practiceToken(id, principal)),
  practiceCopyToken: (principal) => told(commands.practiceCopyToken(principal)),
  practiceCredential: (id) => done(commands.practiceCredential(id)),
  practiceRadiantToken: (id) => told(commands.practiceRadiantToken(id)),
  practiceFault: (fault) => done(commands.practiceFault(fault as Trouble | null)),

  onStatusChanged: (heard) => events.statusChanged.listen((event) => heard(event.payload.id)),
  onClipboardNews: (heard) => events.clipboardNews.listen((event) => heard(event.payload)),
};
