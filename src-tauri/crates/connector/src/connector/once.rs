//! One run of the checks without keeping anything: the command line's `check`.

use std::collections::BTreeSet;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::secrets::cleaned;
use crate::checks::{self, OwnerConfirmation, Questions};
use ::secrets::Keychain;
use http_client::HttpClient;
use model::check::{CheckProgress, CheckReport};
use model::code::Code;
use model::connection::Profile;
use model::domain_parser::ParsedDomain;
use model::monitor_settings::MonitorSettings;
use model::origin::{Loopback, Origin};
use model::problem::Problem;
use model::radiant::RadiantSearch;
use model::secret::SecretName;
use okta::RequestLog;
use runtime::Clock;

/// What a single run needs.
pub struct OneOffCheck {
    /// The domain as typed; a loopback origin means practice.
    pub domain: String,
    /// The Okta token.
    pub token: SecretString,
    /// What the token is meant for.
    pub profile: Profile,
    /// How Radiant is searched.
    pub radiant: RadiantSearch,
    /// Radiant's search token, if arrival is to be checked.
    pub radiant_token: Option<SecretString>,
    /// Whether a TLS-inspecting proxy is accepted.
    pub inspection_accepted: bool,
    /// The keychain that is probed.
    pub keychain: Keychain,
    /// How requests leave.
    pub web: HttpClient,
    /// The clock.
    pub clock: Clock,
}

impl OneOffCheck {
    /// Tells whether the domain is a practice organisation's.
    #[must_use]
    pub fn is_practice(&self) -> bool {
        Loopback::new(&self.domain).is_ok()
    }
}

/// Recognises the org, then runs every check once.
///
/// # Errors
/// When the domain cannot be read or recognised, an address cannot be used, or what was given is certainly no token: the checks
/// could not run.
pub async fn run_one_off_check(
    once: OneOffCheck,
    cancel: &CancellationToken,
    news: &(dyn Fn(CheckProgress) + Send + Sync),
) -> Result<CheckReport, Problem> {
    let origin = match Loopback::new(&once.domain) {
        Ok(loopback) => Origin::Practice(loopback),
        Err(_) => okta::discover(&ParsedDomain::of(&once.domain), &once.web, &once.clock).await?.origin,
    };
    let token = cleaned(SecretName::OktaToken, &once.token)?;
    let of_radiant = |pasted| cleaned(SecretName::RadiantSearchToken, &pasted);
    let radiant_token = once.radiant_token.map(of_radiant).transpose()?;
    if radiant_token.is_some() {
        radiant::check_address(&once.radiant, matches!(origin, Origin::Practice(_)))?;
    }
    let questions = Questions {
        origin,
        org_id: None,
        profile: once.profile,
        own: false,
        token: Ok(token),
        token_name: String::new(),
        guide_since: None,
        owner_word: OwnerConfirmation::None,
        inspection_accepted: once.inspection_accepted,
        radiant: once.radiant,
        radiant_token: radiant_token.ok_or_else(|| Problem::new(Code::RadiantTokenMissing)),
        allowed_lag: MonitorSettings::default().allowed_lag(),
        carried: BTreeSet::new(),
        token_since: None,
        keeps_secrets: false,
        vault: once.keychain,
        web: once.web,
        clock: once.clock,
        meter: RequestLog::default(),
        roles_before: None,
        logs_before: 0,
    };
    Ok(checks::run(&questions, None, None, cancel, news).await.report)
}
