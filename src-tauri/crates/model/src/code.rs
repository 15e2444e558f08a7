//! Codes: one word for each thing that can be wrong, in snake case on the wire.
//!
//! Titles, meanings and remedies are `code.<code>.title`, `.meaning` and `.remedy` in `ui/messages/*.json`; the build fails
//! when one is missing (see `build.rs`). A code is added only when a screen acts on it.

use serde::{Deserialize, Serialize};
use specta::Type;

/// One thing that can be wrong, or wants a decision.
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
    // Reading a domain
    /// Nothing was typed.
    DomainEmpty,
    /// The text is no host name.
    DomainNotAHost,
    /// A plain http address was typed.
    DomainPlainHttp,
    /// The host looks like an Okta host but is none.
    DomainLookAlike,
    /// A zone such as `okta.com` was typed without an org's name.
    DomainZoneItself,
    /// A placeholder such as `{yourOktaDomain}` or `my-org` was left in.
    DomainPlaceholder,
    /// An IP address was typed.
    DomainAddress,
    /// A port other than 443 was typed.
    DomainPort,
    /// User information stands before the host.
    DomainUser,
    /// A token was pasted where the domain belongs.
    DomainIsToken,
    // Reaching Okta
    /// This computer has no network.
    NetworkDown,
    /// The name does not exist.
    DnsNotFound,
    /// Names could not be looked up.
    DnsUnavailable,
    /// The connection was refused.
    ConnectionRefused,
    /// The connection broke.
    ConnectionReset,
    /// No answer came in time.
    TimedOut,
    /// The encrypted connection could not be made.
    TlsFailed,
    /// The certificate's issuer is not trusted by this computer.
    TlsUntrusted,
    /// The certificate is out of date.
    TlsExpired,
    /// The certificate is for another host.
    TlsWrongHost,
    /// The certificate is trusted here, but whether a proxy signed it could not be told.
    TlsNotTold,
    /// A proxy on the way can read what is sent.
    TlsInspected,
    /// The system's proxy did not let the request through.
    ProxyFailed,
    /// A sign-in page of the network answered instead.
    CaptivePortal,
    /// The host answered, but is no Okta org.
    NotOkta,
    /// Okta knows no org of this name.
    OrgUnknown,
    /// The custom domain did not say which org it serves.
    CustomDomainNoOrg,
    /// The custom domain and the org's own address name different orgs.
    CustomDomainMismatch,
    /// The answer pointed to another address; the token was not sent there.
    RedirectRefused,
    /// A page's next link pointed to another address; it was not followed.
    NextLinkForeign,
    /// Okta answered with a server error.
    OktaUnavailable,
    /// Okta is in read-only mode.
    OktaReadOnly,
    /// Okta's rate limit is used up.
    OktaRateLimited,
    /// The answer broke off.
    AnswerTruncated,
    /// The answer could not be read.
    AnswerUnreadable,
    /// Okta answered something this app does not know.
    AnswerUnexpected,
    /// This computer's clock is off.
    ClockOff,
    /// Okta's clock could not be read.
    ClockUnknown,
    // The API token
    /// Nothing was pasted.
    TokenEmpty,
    /// A token's id was pasted, not its value.
    TokenIsId,
    /// A signed JWT was pasted.
    TokenIsJwt,
    /// The text looks like an OAuth client secret.
    TokenIsClientSecret,
    /// A web address or e-mail address was pasted.
    TokenIsAddress,
    /// There are blanks or line breaks inside the text.
    TokenHasBlanks,
    /// The text is too short to be a token.
    TokenTooShort,
    /// The text does not have a token's usual shape.
    TokenOddShape,
    /// The token pasted as the new one is the old one.
    TokenSameAsOld,
    /// The token pasted as the old one is the new one.
    TokenSameAsNew,
    /// The token pasted as the old or the new one is this app's own monitoring token.
    TokenIsMonitoring,
    /// No token is kept for this connection.
    TokenMissing,
    /// The kept token belongs to another address.
    TokenBoundElsewhere,
    /// Okta does not accept the token (E0000011).
    TokenRefused,
    /// Okta does not accept the app's own monitoring token; Radiant has another one.
    MonitoringTokenRefused,
    /// The owner of the app's own monitoring token is not active.
    MonitoringOwnerNotActive,
    /// The System Log may not be read with the app's own monitoring token.
    MonitoringLogsRefused,
    /// Okta could not authenticate the request (E0000004, E0000005).
    TokenNotAccepted,
    /// The token may not be used from this address.
    TokenRestricted,
    /// The org does not have this feature (E0000015).
    FeatureRefused,
    /// Okta does not let this token revoke itself.
    RevocationRefused,
    /// Whether the old token was revoked could not be told.
    RevocationUnknown,
    /// The old token was not revoked: Okta still accepts it.
    OldTokenStillValid,
    /// The token's role does not allow this (E0000006).
    PermissionRefused,
    /// The owner looks like a person.
    OwnerIsPerson,
    /// Whether the owner is a service account could not be told.
    OwnerUnclear,
    /// The owner's account is not active.
    OwnerNotActive,
    /// The owner could not be read.
    OwnerNotTold,
    /// Roles could not be read with this token.
    RolesNotTold,
    /// Roles could be read with this token before, and no longer.
    RolesNoLongerTold,
    /// The owner's roles do not cover the profile.
    RoleTooSmall,
    /// The owner has more rights than the profile needs.
    RoleMoreThanNeeded,
    /// Which entry of the token list it is, is probable and not certain.
    EntryProbable,
    /// No one entry of the token list could be told to be it.
    EntryUncertain,
    /// The token list could not be read.
    EntryNotTold,
    /// The token expires soon unless it is used.
    EntryExpiresSoon,
    /// The token may be used from certain networks only.
    EntryNetworkRestricted,
    /// The System Log may not be read with this token.
    LogsRefused,
    /// The System Log had no event in the window looked at.
    LogsEmpty,
    /// Okta gave up on the System Log query.
    LogsSlow,
    /// Okta has logged nothing for longer than it ever did while it was watched.
    OktaQuiet,
    /// Users may not be read with this token.
    UsersRefused,
    /// Network zones may not be read with this token.
    ZonesRefused,
    /// Little is left of the rate limit.
    RateLow,
    /// Other clients read the System Log of this org.
    RateOtherConsumers,
    /// Okta sent no usable rate-limit headers.
    RateNotTold,
    /// The token lacks a right the profile needs.
    CapabilityRefused,
    /// Whether the token has a right could not be told.
    CapabilityNotTold,
    // Radiant
    /// No Radiant search token is kept.
    RadiantTokenMissing,
    /// Radiant does not accept the search token.
    RadiantTokenRefused,
    /// Radiant's search could not be reached.
    RadiantUnreachable,
    /// Radiant's search answered with a server error.
    RadiantUnavailable,
    /// The index of raw events is not known yet.
    RadiantIndexUnset,
    /// Radiant knows no such index.
    RadiantIndexWrong,
    /// Okta's connector type is not known yet.
    RadiantTypeUnset,
    /// Radiant does not accept the timestamp field.
    RadiantFieldWrong,
    /// Radiant cannot list connector types.
    RadiantAggregationRefused,
    /// The tenant keeps its own bucket; the search needs another header.
    RadiantByobNeeded,
    /// Radiant has no Okta event in the window looked at.
    RadiantNoEvents,
    /// Radiant has Okta events, but none of this org's newest.
    RadiantNoMatch,
    /// Okta's newest events are too young to be expected in Radiant.
    RadiantTooSoon,
    /// Events arrive, but late.
    RadiantLagging,
    /// Okta itself had no event to look for.
    RadiantNothingToFind,
    /// Radiant did not accept the query.
    RadiantQueryRefused,
    /// Radiant's answer could not be read.
    RadiantAnswerUnreadable,
    /// The search host is outside radiantsecurity.ai and was not typed twice.
    RadiantHostUnusual,
    /// The search address is plain http.
    RadiantHostPlainHttp,
    /// The search address cannot be used.
    RadiantAddressInvalid,
    // This computer
    /// There is no keychain.
    KeychainMissing,
    /// The keychain is locked.
    KeychainLocked,
    /// The keychain refused.
    KeychainDenied,
    /// The keychain failed.
    KeychainFailed,
    /// The secret is no longer in the keychain.
    KeychainEntryGone,
    /// Secrets are kept in memory for this run only.
    KeptForThisRunOnly,
    /// The app's database is damaged.
    StoreCorrupt,
    /// The app's database was written by a newer version.
    StoreNewer,
    /// The app's database cannot be written.
    StoreReadOnly,
    /// The disk is full.
    DiskFull,
    /// Another process holds the database.
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
    /// The browser could not be opened.
    BrowserFailed,
    /// The address is not one this app opens.
    LinkRefused,
    /// The file could not be written.
    FileNotWritten,
    /// The file could not be opened.
    FileNotRead,
    /// The text is no export of this app.
    ImportForeign,
    /// A newer version of the app exported it.
    ImportNewer,
    /// The text to import cannot be read.
    ImportGarbled,
    /// The text to import is too large.
    ImportTooLarge,
    /// The organisation's policy file cannot be read.
    PolicyUnreadable,
    /// Somebody else than an administrator can change the policy file.
    PolicyUntrusted,
    /// The policy file cannot be understood.
    PolicyGarbled,
    /// A newer version of the app is needed for the policy file.
    PolicyNewer,
    /// The system asked who you are and did not accept the answer.
    ReauthenticationFailed,
    /// The system's question was closed without an answer.
    ReauthenticationDismissed,
    /// The system's question was not answered in time.
    ReauthenticationTimedOut,
    /// On Linux: polkit would ask, but nothing on this desktop shows the question.
    ReauthenticationNoAgent,
    /// This system offers no way to confirm that it is you.
    ReauthenticationMissing,
    /// On Linux: polkit is there, but the rule this app installs for its question is not.
    ReauthenticationNotInstalled,
    /// The system says yes to this account without asking.
    ReauthenticationNeverAsks,
    // Help and the rest
    /// Nothing was asked.
    QuestionEmpty,
    /// The question holds something private.
    QuestionPrivate,
    /// Radiant's documentation did not answer.
    DocsUnavailable,
    /// There is no such connection.
    ConnectionUnknown,
    /// The Okta domain is not set yet.
    DomainUnset,
    /// A step before this one is not done.
    StepNotReady,
    /// The practice organisation of this connection has ended.
    PracticeEnded,
    /// The practice organisation could not be started.
    PracticeFailed,
    /// It was cancelled.
    Cancelled,
    /// Something went wrong inside the app.
    Internal,
}

impl Code {
    /// Returns the word used on the wire and in message keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Code {
    /// Tells whether Okta itself said no: a right that was refused, not an answer that was lost on the way.
    #[must_use]
    pub fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::PermissionRefused
                | Self::FeatureRefused
                | Self::LogsRefused
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
