/** The states of the relay, made of the acts that every state is made of. */
export function relayStates({ press, open, scrollTo, label, tab, details, detailsDe }) {
  const relayTab = [...details, tab("relay")];
  const relayTabDe = [...detailsDe, tab("relay")];
  return [
    { name: "relay-off", scenario: "relay_off", act: relayTab },
    { name: "relay-off-de", scenario: "relay_off", language: "de", act: relayTabDe },
    { name: "relay-off-more", scenario: "relay_off", act: [...relayTab, open("More settings"), scrollTo("#relay-header")] },
    { name: "relay-off-more-de", scenario: "relay_off", language: "de", act: [...relayTabDe, open("Weitere Einstellungen"), scrollTo("#relay-header")] },
    { name: "relay-practice", scenario: "relay_practice", act: relayTab },
    { name: "relay-practice-used-de", scenario: "relay_practice", language: "de", act: [...relayTabDe, press("Übungs-Webhook verwenden")] },
    { name: "relay-ask", scenario: "relay_ready", act: [...relayTab, press("Switch on the relay")] },
    { name: "relay-ask-yes", scenario: "relay_ready", act: [...relayTab, press("Switch on the relay"), label("relay-reader-yes")] },
    { name: "relay-ask-no-de", scenario: "relay_ready", language: "de", act: [...relayTabDe, press("Relay einschalten"), label("relay-reader-no")] },
    { name: "relay-on", scenario: "relay_on", act: relayTab },
    { name: "relay-on-tested", scenario: "relay_on", act: [...relayTab, press("Send a test event"), press("Find it in Radiant"), press("Compare with Okta"), scrollTo("#relay-test")] },
    { name: "relay-on-settings", scenario: "relay_on", act: [...relayTab, open("Relay settings"), scrollTo("#relay-url")] },
    { name: "relay-switch-off", scenario: "relay_on", act: [...relayTab, press("Switch off")] },
    { name: "relay-backfill", scenario: "relay_backfill", act: relayTab },
    { name: "relay-backfill-de", scenario: "relay_backfill", language: "de", act: relayTabDe },
    { name: "relay-held", scenario: "relay_held", act: relayTab },
    { name: "relay-held-de", scenario: "relay_held", language: "de", act: relayTabDe },
    { name: "relay-held-letters", scenario: "relay_held", act: [...relayTab, press("Show events"), press("Show: 5f3c9a10-1c7e-11f1-9d3a-0242ac120002"), press("Compare with Okta"), scrollTo("#relay-dead")] },
    { name: "relay-forbidden", scenario: "relay_forbidden", act: relayTab },
    { name: "relay-failing", scenario: "relay_failing", act: relayTab },
  ];
}
