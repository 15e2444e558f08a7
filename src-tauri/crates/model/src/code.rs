//! Problem codes, in snake case in JSON.
//!
//! Titles, meanings and remedies are `code.<code>.title`, `.meaning` and `.remedy` in `ui/messages/*.json`; the build fails
//! when one is missing (see `messages/build.rs`). Add a code only when a screen acts on it.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Identifies a problem, or something that needs a decision.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Type,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Code {
    // The Okta domain
    /// Nothing was typed.
    DomainEmpty,
    /// The text is not a host name.
    DomainNotAHost,
    /// A plain http address was typed.
    DomainPlainHttp,
    /// The host looks like an Okta host but is none.
    DomainLookAlike,
    /// A zone such as `okta.com` was typed without the name of an org.
    DomainZoneItself,
    /// A placeholder such as `{yourOktaDomain}` or `my-org` was left in.
    DomainPlaceholder,
    /// An IP address was typed.
    DomainAddress,
    /// A port other than 443 was typed.
    DomainPort,
    /// The address contains user information before the host.
    DomainUser,
    /// A token was pasted instead of a domain.
    DomainIsToken,
    // Reaching Okta
    /// This computer has no network.
    NetworkDown,
    /// The name does not exist.
    DnsNotFound,
    /// Host names could not be resolved.
    DnsUnavailable,
    /// The connection was refused.
    ConnectionRefused,
    /// The connection was closed early.
    ConnectionReset,
    /// No response arrived in time.
    TimedOut,
    /// The TLS handshake failed.
    TlsFailed,
    /// This computer does not trust the certificate's issuer.
    TlsUntrusted,
    /// The server left out the certificates between its own and an authority.
    TlsChainIncomplete,
    /// The certificate has expired or is not valid yet.
    TlsExpired,
    /// The certificate is for another host.
    TlsWrongHost,
    /// The certificate is trusted, but whether a proxy signed it is unknown.
    TlsNotTold,
    /// A proxy can read what is sent to Okta. No token was sent over that connection.
    TlsInspected,
    /// A proxy that the administrator accepted can read what is sent to Okta, the token included.
    TlsInspectionAccepted,
    /// A proxy can read what is sent to Radiant. No search token was sent over that connection.
    RadiantTlsInspected,
    /// A proxy that the administrator accepted can read what is sent to Radiant, the search token included.
    RadiantTlsInspectionAccepted,
    /// The system's proxy did not forward the request.
    ProxyFailed,
    /// A sign-in page of the network answered instead of Okta.
    CaptivePortal,
    /// Nobody knows whether Okta answered: the certificate is not the host's, and Okta's request id is missing.
    ResponderUnknown,
    /// The host answered, but is not an Okta org.
    NotOkta,
    /// Okta has no org with this name.
    OrgUnknown,
    /// The org refuses requests from this computer's outgoing address.
    AddressBlocked,
    /// Okta's edge refused the request before its API saw it.
    RequestRejected,
    /// The custom domain did not name its org.
    CustomDomainNoOrg,
    /// The custom domain and the org's own address belong to different orgs.
    CustomDomainMismatch,
    /// A domain that contains the word `okta` named its org, and nobody has confirmed it.
    CustomDomainUnconfirmed,
    /// The response redirected to another address; the token was not sent there.
    RedirectRefused,
    /// The link to the next page has another address; it was not followed.
    NextLinkForeign,
    /// Okta answered with a server error.
    OktaUnavailable,
    /// Okta is in read-only mode.
    OktaReadOnly,
    /// Okta is in read-only mode and refused a read.
    OktaReadRefused,
    /// Okta's rate limit is used up.
    OktaRateLimited,
    /// The response was truncated.
    AnswerTruncated,
    /// The response is larger than this app reads.
    AnswerTooLarge,
    /// The response could not be parsed.
    AnswerUnreadable,
    /// The response is unknown to this app.
    AnswerUnexpected,
    /// Too many entries of a list could not be parsed.
    EntriesUnreadable,
    /// The check was ended before this question was answered.
    CheckTimedOut,
    /// This computer's clock is wrong.
    ClockOff,
    /// Okta's clock could not be read.
    ClockUnknown,
    // The API token
    /// Nothing was pasted.
    TokenEmpty,
    /// A token's id was pasted instead of its value.
    TokenIsId,
    /// A signed JWT was pasted.
    TokenIsJwt,
    /// The text looks like an OAuth client secret.
    TokenIsClientSecret,
    /// A web address or e-mail address was pasted.
    TokenIsAddress,
    /// The text contains blanks or line breaks.
    TokenHasBlanks,
    /// The text is too short to be a token.
    TokenTooShort,
    /// The text does not have the usual format of a token.
    TokenOddShape,
    /// The token pasted as the new one is the old one.
    TokenSameAsOld,
    /// The token pasted as the old one is the new one.
    TokenSameAsNew,
    /// The token pasted as the old or the new one is the monitoring token.
    TokenIsMonitoring,
    /// No token is stored for this connection.
    TokenMissing,
    /// The stored token is bound to another address.
    TokenBoundElsewhere,
    /// Okta does not accept the token (E0000011).
    TokenRefused,
    /// Okta does not accept the monitoring token. Radiant uses another token.
    MonitoringTokenRefused,
    /// The owner of the monitoring token is not active.
    MonitoringOwnerNotActive,
    /// The monitoring token is not allowed to read the System Log.
    MonitoringLogsRefused,
    /// Okta could not authenticate the request (E0000004, E0000005).
    TokenNotAccepted,
    /// The token is not allowed from this network address.
    TokenRestricted,
    /// The org does not have this feature (E0000015).
    FeatureRefused,
    /// Okta did not allow the token to revoke itself.
    RevocationRefused,
    /// Whether the old token was revoked is unknown.
    RevocationUnknown,
    /// The old token was not revoked: Okta still accepts it.
    OldTokenStillValid,
    /// The token's role does not allow this (E0000006).
    PermissionRefused,
    /// The owner looks like a person.
    OwnerIsPerson,
    /// Whether the owner is a service account is unknown.
    OwnerUnclear,
    /// The owner's account is not active.
    OwnerNotActive,
    /// The owner could not be read.
    OwnerNotTold,
    /// The token cannot read roles.
    RolesNotTold,
    /// The token could read roles before, but no longer can.
    RolesNoLongerTold,
    /// The owner's roles do not cover the profile.
    RoleTooSmall,
    /// The owner has more rights than the profile needs.
    RoleMoreThanNeeded,
    /// The matching entry of the token list is probable, not certain.
    EntryProbable,
    /// No entry of the token list could be matched.
    EntryUncertain,
    /// The token list could not be read.
    EntryNotTold,
    /// The token expires soon unless it is used.
    EntryExpiresSoon,
    /// The token may be used from certain networks only.
    EntryNetworkRestricted,
    /// The token is not allowed to read the System Log.
    LogsRefused,
    /// Okta does not offer the System Log to this token (E0000015).
    LogsFeatureOff,
    /// Okta refused the filter or the period of a System Log query.
    LogsQueryRefused,
    /// The System Log has no event in the examined window.
    LogsEmpty,
    /// Okta aborted the System Log query because it took too long.
    LogsSlow,
    /// Okta has logged no event for longer than ever since monitoring started.
    OktaQuiet,
    /// The token is not allowed to read users.
    UsersRefused,
    /// The token is not allowed to read network zones.
    ZonesRefused,
    /// Little is left of the rate limit.
    RateLow,
    /// Other clients read the System Log of this org.
    RateOtherConsumers,
    /// Okta sent no usable rate-limit headers.
    RateNotTold,
    /// The token lacks a permission that the profile needs.
    CapabilityRefused,
    /// Whether the token has a permission is unknown.
    CapabilityNotTold,
    // Radiant
    /// No Radiant search token is stored.
    RadiantTokenMissing,
    /// Radiant does not accept the search token.
    RadiantTokenRefused,
    /// Radiant's search could not be reached.
    RadiantUnreachable,
    /// Radiant's search answered with a server error.
    RadiantUnavailable,
    /// The index of raw events is not known yet.
    RadiantIndexUnset,
    /// Radiant does not know the index.
    RadiantIndexWrong,
    /// No index was searched: none matches the name or pattern.
    RadiantIndexNoMatch,
    /// Okta's connector type is not known yet.
    RadiantTypeUnset,
    /// Radiant does not accept the timestamp field.
    RadiantFieldWrong,
    /// Radiant cannot search a field whose name Okta or Radiant determines.
    RadiantFieldMissing,
    /// Radiant cannot search a field for a phrase, and a search for the term found nothing.
    RadiantNoPositions,
    /// Radiant searched some of its shards only.
    RadiantSearchPartial,
    /// Radiant searched some of its clusters only.
    RadiantClustersPartial,
    /// Radiant ended the search before it was complete.
    RadiantSearchCutShort,
    /// Radiant cannot list connector types.
    RadiantAggregationRefused,
    /// The tenant stores events in its own bucket; the search needs another header.
    RadiantByobNeeded,
    /// Radiant has no Okta event in the examined window.
    RadiantNoEvents,
    /// Radiant has Okta events, but none of the newest events of this org.
    RadiantNoMatch,
    /// Okta's newest events are too recent to be expected in Radiant.
    RadiantTooSoon,
    /// Events arrive, but late.
    RadiantLagging,
    /// Okta has no event to search for in Radiant.
    RadiantNothingToFind,
    /// Radiant did not accept the query.
    RadiantQueryRefused,
    /// Radiant's edge refused the request before the search saw it.
    RadiantRequestRejected,
    /// Radiant's response could not be parsed.
    RadiantAnswerUnreadable,
    /// The search host is outside radiantsecurity.ai and was not typed twice.
    RadiantHostUnusual,
    /// The search address is plain http.
    RadiantHostPlainHttp,
    /// The search address cannot be used.
    RadiantAddressInvalid,
    // The relay
    /// No token of Radiant's custom events webhook is stored.
    EventsWebhookTokenMissing,
    /// The relay has read nothing for too long, whatever the reason.
    RelayStopped,
    /// Radiant's webhook refuses this sender; the events wait.
    RelayHeld,
    /// Radiant's webhook rejects every event; the events wait.
    RelayEverythingRejected,
    /// Radiant's webhook answered, but did not take the events.
    RelayNotTaken,
    /// Radiant's webhook could not be reached or is not available.
    RelayUnreachable,
    /// Events wait for longer than they should.
    RelayBehind,
    /// The waiting events reached the bound; the relay reads no more until there is room.
    RelayBacklogFull,
    /// Radiant takes some events under no circumstances; they are kept apart.
    RelayDeadLetters,
    /// Events may be missing in a period that was read again.
    RelayGapFound,
    /// Okta no longer had the events of a period when the relay came back.
    RelayEventsLost,
    /// Another process runs the relay of this connection.
    RelayRunsElsewhere,
    /// The policy forbids the relay.
    RelayForbidden,
    // This computer
    /// There is no keychain.
    KeychainMissing,
    /// There is no session bus, over which Linux's keychain is reached.
    KeychainNoSessionBus,
    /// The keychain worked in this run and is gone.
    KeychainStopped,
    /// The keychain has no default collection.
    KeychainNoDefaultCollection,
    /// The secret is longer than the keychain allows.
    KeychainTooLong,
    /// A secret was found twice in the keychain.
    KeychainStoredTwice,
    /// The keychain is locked.
    KeychainLocked,
    /// The keychain denied access.
    KeychainDenied,
    /// The keychain failed.
    KeychainFailed,
    /// The secret is no longer in the keychain.
    KeychainEntryGone,
    /// Secrets are kept in memory until the app exits.
    KeptForThisRunOnly,
    /// The app's database is damaged.
    StoreCorrupt,
    /// The app's database was written by a newer version.
    StoreNewer,
    /// The app's database cannot be written.
    StoreReadOnly,
    /// The disk is full.
    DiskFull,
    /// Another process has locked the database.
    StoreBusy,
    /// The app's database failed.
    StoreFailed,
    /// The preferences file was damaged and set aside.
    PreferencesDamaged,
    /// There is no clipboard.
    ClipboardUnavailable,
    /// The clipboard could not be cleared.
    ClipboardNotClearable,
    /// No tray was found.
    TrayMissing,
    /// Another process of the app holds the background process's place and does not respond.
    AgentNotResponding,
    /// The background process could not be started.
    AgentNotStarted,
    /// Another process of the app holds the window's place and does not respond.
    WindowNotResponding,
    /// The browser could not be opened.
    BrowserFailed,
    /// This app does not open this address.
    LinkRefused,
    /// The file could not be written.
    FileNotWritten,
    /// The file could not be opened.
    FileNotRead,
    /// The file is not an export of this app.
    ImportForeign,
    /// A newer version of the app exported it.
    ImportNewer,
    /// The file to import cannot be parsed.
    ImportGarbled,
    /// The file to import is too large.
    ImportTooLarge,
    /// The organization's policy file cannot be read.
    PolicyUnreadable,
    /// Accounts other than administrators can change the policy file.
    PolicyUntrusted,
    /// The policy file is invalid.
    PolicyGarbled,
    /// The policy file needs a newer version of the app.
    PolicyNewer,
    /// The system did not accept the person's credentials.
    ReauthenticationFailed,
    /// The person closed the system's authentication dialog.
    ReauthenticationDismissed,
    /// The system's authentication dialog was not answered in time.
    ReauthenticationTimedOut,
    /// Linux: this desktop has no polkit agent that could show the dialog.
    ReauthenticationNoAgent,
    /// The system offers no re-authentication.
    ReauthenticationMissing,
    /// Linux: polkit is present, but this app's polkit action is not installed.
    ReauthenticationNotInstalled,
    /// The system confirms this account without authentication.
    ReauthenticationNeverAsks,
    // Response actions
    /// A policy forbids response actions.
    ActionsForbidden,
    /// No token for response actions is stored or held.
    ActionTokenNeeded,
    /// A preview was used before or is too old.
    ActionPreviewExpired,
    /// Every target of an action is refused.
    ActionNothingToRun,
    /// The reason of an action is blank.
    ActionReasonMissing,
    /// A target needs a typed confirmation.
    ActionNotConfirmed,
    /// Another action of the connection is running.
    ActionRunning,
    /// The answer to a change was lost.
    ActionAnswerLost,
    /// A change was accepted, but its effect is not visible.
    ActionNotEffective,
    /// The head of the audit could not be written to the keychain.
    AuditNotSealed,
    /// The blocklist zone cannot be used.
    BlocklistUnusable,
    /// A zone is there that an interrupted run may have created, and the token may not read the System Log that would say it.
    ZoneCreatorUnknown,
    /// The audit has no such entry.
    AuditEntryUnknown,
    /// There is no change of the audit to acknowledge.
    AuditUnchanged,
    // Help and the rest
    /// The question is empty.
    QuestionEmpty,
    /// The question contains private data.
    QuestionPrivate,
    /// Radiant's documentation did not answer.
    DocsUnavailable,
    /// The connection does not exist.
    ConnectionUnknown,
    /// The Okta domain is not set yet.
    DomainUnset,
    /// An earlier step is not complete.
    StepNotReady,
    /// The practice organization of this connection has ended.
    PracticeEnded,
    /// A loopback address was given without the statement that it is a practice organization.
    PracticeNotStated,
    /// Practice was stated for a domain that is no loopback address.
    PracticeNotHere,
    /// The practice organization could not be started.
    PracticeFailed,
    /// The operation was canceled.
    Cancelled,
    /// No check of a monitored connection has ended for three intervals.
    NobodyChecks,
    // Team alerts
    /// The address for alerts is no https address.
    AlertAddressInvalid,
    /// No address for alerts is stored.
    AlertAddressMissing,
    /// The signing key for alerts is too short.
    AlertKeyTooShort,
    /// The policy does not allow alerts to this host.
    AlertHostForbidden,
    /// The policy forbids alerts.
    AlertsForbidden,
    /// The receiver refused an alert.
    AlertRefused,
    /// No answer from the receiver of an alert.
    AlertUnreachable,
    /// No public authority vouches for the receiver of alerts.
    AlertUntrusted,
    // Newer versions
    /// The file about newer versions could not be fetched.
    UpdateUnreachable,
    /// The file about newer versions is larger than one can be.
    UpdateTooLarge,
    /// The signature of the file about newer versions is not valid.
    UpdateSignatureInvalid,
    /// The file about newer versions cannot be parsed.
    UpdateUnreadable,
    /// The file about newer versions is older than one that was accepted before.
    UpdateOlder,
    /// The address or the public key for newer versions cannot be used.
    UpdateSourceInvalid,
    /// An internal error.
    Internal,
}

impl Code {
    /// Returns the text used in JSON and message keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns whether Okta refused a permission. A lost response is not a refusal.
    #[must_use]
    pub fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::PermissionRefused
                | Self::FeatureRefused
                | Self::LogsRefused
                | Self::LogsFeatureOff
                | Self::MonitoringLogsRefused
                | Self::UsersRefused
                | Self::ZonesRefused
        )
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
