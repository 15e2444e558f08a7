//! Runs every check once without storing anything, for the command line's `check`.

use std::time::Duration;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::probes::{self, ProbeHandles, ProbeHistory, ProbeInput, ProbeTarget};
use crate::token_store::cleaned;
use http_client::HttpSettings;
use model::check::{CheckProgress, CheckReport};
use model::code::Code;
use model::connection::Profile;
use model::domain_parser::ParsedDomain;
use model::origin::{Loopback, Origin};
use model::problem::Problem;
use model::radiant::RadiantSearch;
use model::secret::SecretName;
use runtime::Clock;
use secrets::Keychain;

/// The input of a one-off check.
pub struct OneOffCheck {
    /// The domain as typed. A loopback origin is a practice organization.
    pub domain: String,
    /// The Okta token.
    pub token: SecretString,
    /// The profile.
    pub profile: Profile,
    /// The search settings of Radiant.
    pub radiant: RadiantSearch,
    /// Radiant's search token, if the delivery is checked.
    pub radiant_token: Option<SecretString>,
    /// Whether a TLS-inspecting proxy is accepted.
    pub inspection_accepted: bool,
    /// The keychain that is probed.
    pub keychain: Keychain,
    /// The settings of HTTP clients.
    pub http: HttpSettings,
    /// The clock.
    pub clock: Clock,
    /// The longest time that the whole check may take.
    pub time_limit: Duration,
}

impl OneOffCheck {
    /// Tells whether the domain is a practice organization's.
    #[must_use]
    pub fn is_practice(&self) -> bool {
        Loopback::new(&self.domain).is_ok()
    }
}

/// Discovers the org, then runs every check. Both together take at most the time limit.
///
/// # Errors
/// [`Code::CheckTimedOut`] when the org did not answer in time; when the domain is no Okta org, an address cannot be used, or a token has an impossible format, so that no check can run.
pub async fn run_one_off_check(
    check: OneOffCheck,
    cancel: &CancellationToken,
    on_progress: &(dyn Fn(CheckProgress) + Send + Sync),
) -> Result<CheckReport, Problem> {
    let watch = check.clock.stopwatch();
    let origin = match Loopback::new(&check.domain) {
        Ok(loopback) => Origin::Practice(loopback),
        Err(_) => {
            let parsed = ParsedDomain::parse(&check.domain);
            let found = check.clock.within(check.time_limit, okta::discover(&parsed, &check.http, &check.clock)).await;
            let seconds = check.time_limit.as_secs().to_string();
            found.ok_or_else(|| Problem::new(Code::CheckTimedOut).arg("seconds", seconds))??.origin
        }
    };
    let token = cleaned(SecretName::OktaToken, &check.token)?;
    let mut target = ProbeTarget::one_off(origin, check.profile, token);
    target.radiant = check.radiant;
    target.accepts_inspection = check.inspection_accepted;
    if let Some(pasted) = check.radiant_token {
        target.radiant_token = Ok(cleaned(SecretName::RadiantSearchToken, &pasted)?);
        radiant::check_address(&target.radiant, matches!(target.origin, Origin::Practice(_)))?;
    }
    let handles = ProbeHandles::new(&check.keychain, &check.http, &check.clock);
    let time_used = Duration::from_millis(watch.ms().into());
    let handles = ProbeHandles { time_limit: check.time_limit, time_used, ..handles };
    let input = ProbeInput { target, history: ProbeHistory::default(), handles };
    Ok(probes::run(&input, None, None, cancel, on_progress).await.report)
}
