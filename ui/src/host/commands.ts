/**
 * The real host: the generated commands and events behind the `Host` interface. It adds nothing but turning a refused command
 * into a `Refusal`; it keeps nothing.
 */
import { Channel } from "@tauri-apps/api/core";

import { commands, events } from "./bindings";
import { Refusal, type Host } from "./problem";
import type { ArrivalTick, CheckNews, History, MonitorSettings, Problem } from "./model";

type Answer<T> = { status: "ok"; data: T } | { status: "error"; error: Problem };

/** The answer of a command, or its problem thrown. */
async function answer<T>(asked: Promise<Answer<T>>): Promise<T> {
  const heard = await asked;
  if (heard.status === "error") throw new Refusal(heard.error);
  return heard.data;
}

/** The same for a command that answers nothing. */
async function done(asked: Promise<Answer<null>>): Promise<void> {
  await answer(asked);
}

function channel<T>(heard: (message: T) => void): Channel<T> {
  const made = new Channel<T>();
  made.onmessage = heard;
  return made;
}

/** The app behind this window. */
export const tauriHost: Host = {
  appInfo: () => commands.appInfo(),
  preferences: () => commands.preferences(),
  setPreferences: (preferences) => answer(commands.setPreferences(preferences)),
  launchAtLogin: () => commands.launchAtLogin(),
  setLaunchAtLogin: (on) => answer(commands.setLaunchAtLogin(on)),
  retryStart: () => answer(commands.retryStart()),
  setStoreAside: () => answer(commands.setStoreAside()),
  quit: () => commands.quit(),

  connections: () => answer(commands.connections()),
  connection: (id) => answer(commands.connection(id)),
  beginSetup: () => answer(commands.beginSetup()),
  beginPractice: () => answer(commands.beginPractice()),
  removeConnection: (id) => done(commands.removeConnection(id)),
  renameConnection: (id, name) => answer(commands.renameConnection(id, name)),

  readDomain: (typed) => commands.readDomain(typed),
  discoverDomain: (id, typed) => answer(commands.discoverDomain(id, typed)),
  setDomain: (id, typed) => answer(commands.setDomain(id, typed)),
  goToStep: (id, step) => answer(commands.goToStep(id, step)),
  setProfile: (id, profile) => answer(commands.setProfile(id, profile)),
  setNames: (id, tokenName, credentialName) => answer(commands.setNames(id, tokenName, credentialName)),
  confirm: (id, what, yes) => answer(commands.confirm(id, what, yes)),
  finishSetup: (id, keep, launchAtLogin) => answer(commands.finishSetup(id, keep, launchAtLogin)),

  keychainProbe: (id) => answer(commands.keychainProbe(id)),
  storeSecret: (id, name, value, thisRunOnly) => answer(commands.storeSecret(id, name, value, thisRunOnly)),
  tokenShape: (value) => commands.tokenShape(value),
  forgetSecret: (id, name) => answer(commands.forgetSecret(id, name)),

  runChecks: (id, only, news) => answer(commands.runChecks(id, only, channel<CheckNews>(news))),
  cancelChecks: (id) => commands.cancelChecks(id),

  copyValue: (id, what) => answer(commands.copyValue(id, what)),
  clearClipboard: () => done(commands.clearClipboard()),
  clipboardHoldsSecret: (id) => answer(commands.clipboardHoldsSecret(id)),
  policy: () => answer(commands.policy()),
  presenceSetting: () => answer(commands.presenceSetting()),
  setPresence: (on) => answer(commands.setPresence(on)),
  cancelPresence: () => commands.cancelPresence(),
  openLink: (id, link) => done(commands.openLink(id, link)),
  copyLink: (id, link) => answer(commands.copyLink(id, link)),

  setRadiantSearch: (id, search) => answer(commands.setRadiantSearch(id, search)),
  discoverRadiant: (id) => answer(commands.discoverRadiant(id)),
  watchArrival: (id, tick) => answer(commands.watchArrival(id, channel<ArrivalTick>(tick))),
  cancelArrival: (id) => commands.cancelArrival(id),

  beginRotation: (id) => answer(commands.beginRotation(id)),
  checkNewToken: (id, news) => answer(commands.checkNewToken(id, channel<CheckNews>(news))),
  acceptOtherOwner: (id, yes) => answer(commands.acceptOtherOwner(id, yes)),
  confirmCredentialUpdated: (id, yes) => answer(commands.confirmCredentialUpdated(id, yes)),
  goToRotationStep: (id, step) => answer(commands.goToRotationStep(id, step)),
  watchRotation: (id, tick) => answer(commands.watchRotation(id, channel<ArrivalTick>(tick))),
  revokeOldToken: (id) => answer(commands.revokeOldToken(id)),
  oldTokenRevoked: (id) => answer(commands.oldTokenRevoked(id)),
  confirmOldTokenRevoked: (id) => answer(commands.confirmOldTokenRevoked(id)),
  cancelRotation: (id) => answer(commands.cancelRotation(id)),
  monitorSettings: () => answer(commands.monitorSettings() as Promise<Answer<MonitorSettings>>),
  changeMonitorSettings: (change) => answer(commands.changeMonitorSettings(change) as Promise<Answer<MonitorSettings>>),
  pauseNotices: (until) => done(commands.pauseNotices(until)),
  pauseChecks: (id, pause) => answer(commands.pauseChecks(id, pause)),
  putOffReminder: (id, kind, days) => answer(commands.putOffReminder(id, kind, days)),
  dismissReminder: (id, kind) => answer(commands.dismissReminder(id, kind)),
  confirmOwner: (id) => answer(commands.confirmOwner(id)),
  history: (id, span) => answer(commands.history(id, span) as Promise<Answer<History>>),
  saveHistory: (id, span) => answer(commands.saveHistory(id, span)),
  saveChanges: (id, span) => answer(commands.saveChanges(id, span)),
  landing: () => commands.landing(),

  exportConnections: () => answer(commands.exportConnections()),
  lookAtImport: () => answer(commands.lookAtImport()),
  importConnections: () => answer(commands.importConnections()),
  dataKept: () => answer(commands.dataKept()),
  keepHistory: (days) => answer(commands.keepHistory(days)),
  copyPlace: (place) => answer(commands.copyPlace(place)),
  diagnostics: (redact) => answer(commands.diagnostics(redact)),
  saveDiagnostics: () => answer(commands.saveDiagnostics()),

  setupReport: (id, form) => answer(commands.setupReport(id, form)),
  saveReport: (id, form) => answer(commands.saveReport(id, form)),
  askDocs: (id, question) => answer(commands.askDocs(id, question)),

  practiceTokens: () => commands.practiceTokens(),
  practiceToken: (id, principal) => answer(commands.practiceToken(id, principal)),
  practiceNewToken: (id) => answer(commands.practiceNewToken(id)),
  practiceOldToken: (id) => answer(commands.practiceOldToken(id)),
  practiceCopyToken: (principal) => answer(commands.practiceCopyToken(principal)),
  practiceCredential: (id) => done(commands.practiceCredential(id)),
  practiceRadiantToken: (id) => answer(commands.practiceRadiantToken(id)),
  practiceFault: (fault) => done(commands.practiceFault(fault)),
  practiceTrouble: () => commands.practiceTrouble(),

  onStatusChanged: (heard) => events.statusChanged.listen((event) => heard(event.payload.id)),
  onSettingsChanged: (heard) => events.settingsChanged.listen(() => heard()),
  onLandingWanted: (heard) => events.landingWanted.listen(() => heard()),
  onClipboardNews: (heard) => events.clipboardNews.listen((event) => heard(event.payload)),
  onPresenceNews: (heard) => events.presenceNews.listen((event) => heard(event.payload.open)),
};
