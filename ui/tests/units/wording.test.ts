import { describe, expect, it } from "vitest";

import de from "../../messages/de.json";
import en from "../../messages/en.json";

/** Returns the keys whose text, without its placeholders, matches `phrase`. */
function keysWith(catalog: Record<string, string>, phrase: RegExp): string[] {
  return Object.entries(catalog)
    .filter(([, text]) => phrase.test(text.replaceAll(/\{\w+\}/g, "")))
    .map(([key]) => key);
}

/** The phrases that the English catalog must not contain, each with the reason. */
const ENGLISH: [string, RegExp][] = [
  ["a person is notified; nothing “is told”", /\btold\b/i],
  ["an unknown result is “unknown”, not “cannot be told”", /(could not|cannot) be (told|said)/i],
  ["problems are resolved or fixed; nothing mends itself", /\bmend(s|ed|ing)?\b/i],
  ["the app runs checks, not looks", /\b(first|newest|last|next|single|several|each) looks?\b|\bthis look\b|\blook found\b|\d looks?\b|\blooked at\b|\blooks so far\b|\bof the looks\b/i],
  ["the app finds or observes; nothing “is seen”", /\b(is|are|was|were|been) seen\b/i],
  ["“only” limits; “alone” after a noun is a translation", /\balone\b/i],
  ["a confirmation is a confirmation, not a word", /\b(your|last) word\b|\bas your word\b/i],
  ["a problem is resolved, not “well again”", /\bwell again\b/i],
  ["things continue, they do not “go on”", /\bgo(es|ing)? on\b/i],
  ["a policy is trusted and in effect; it is not believed and does not hold", /\bbelieved\b|\bholds\b/i],
  ["secrets are stored, not kept or held", /\btoken is kept\b|\bis held\b|\bkept for this connection\b/i],
  ["if something persists, it does not “stay so”", /\bstays so\b/i],
  ["“all the same” and “any more” are not plain", /\ball the same\b|\bany more\b/i],
  ["US spelling: organization, recognize", /(organ|recogn)is(e|a|i)/i],
  ["US spelling: color", /colour/i],
  ["US spelling: license", /licence/i],
  ["US spelling: canceled", /cancelled|cancelling/i],
  ["US spelling: setup (noun), email; a box is selected, not ticked", /\bset-up\b|\be-mail\b|\btick\b/i],
  ["characters are spaces, not blanks", /\bblanks?\b/i],
  ["an event is undeliverable, a file replaced; nothing is “set aside”", /\bset (it |the \w+ )?aside\b/i],
  ["US English: someone, not somebody; nobody is asked “whoever runs” something", /\bsomebody\b|\bwhoever (runs|provides|supports|manages)\b/i],
  ["abbreviations: ID, UUID", /(?<![\w`/-])(ids?|uuid)(?![\w`])/],
  ["US spelling: behavior, favorite, center, gray", /behaviour|favourite|\bcentre|\bgrey\b/i],
];

/** The phrases that the German catalog must not contain, each with the reason. */
const GERMAN: [string, RegExp][] = [
  ["es heißt Bestätigung, nicht Wort", /\bIhr Wort\b/],
  ["es heißt Prüfung, nicht Blick", /\bBlicke?\b/],
  ["es heißt unbekannt, nicht „nicht festzustellen“", /nicht (festzustellen|feststellbar)|ließ(en)? sich nicht feststellen/],
  ["die Anleitung hat einen Namen", /Assistent/],
  ["ein Befund wird nachgewiesen, nicht verifiziert", /verifizier/],
  ["ein Proxy wird akzeptiert, nicht angenommen", /Proxy[^.]* angenommen/],
  ["es heißt Passwort, Anfragelimit, Suspendierung", /Kennwort|Ratenbegrenzung|Rate Limit\b|\b[Aa]ussetz|\b[Aa]usgesetzt/],
  ["gespeichert wird, nicht verwahrt oder gesichert", /verwahrt|\bgesichert\b|\bsichern\b/i],
  ["das Such-Token und das Überwachungs-Token haben je einen Namen", /Such-Token (für|von) Radiant|Überwachungstoken/],
  ["unzustellbar oder ersetzt, nicht zurückgestellt oder beiseitegelegt", /zurückgestellt|beiseite/i],
  ["Sie werden angesprochen, nicht geduzt", /\b(du|dein|deine|deinen|dir)\b/i],
];

describe("the wording of the English catalog", () => {
  it.each(ENGLISH)("%s", (_reason, phrase) => expect(keysWith(en, phrase)).toEqual([]));
});

describe("the wording of the German catalog", () => {
  it.each(GERMAN)("%s", (_reason, phrase) => expect(keysWith(de, phrase)).toEqual([]));
});
