//! One run of the checks without keeping anything: the command line's `check`.

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::secrets::cleaned;
use crate::probes::{self, ProbeHandles, ProbeHistory, ProbeInput, ProbeTarget};
use ::secrets::Keychain;
use http_client::HttpSettings;
use model::check::{CheckProgress, CheckReport};
use model::connection::Profile;
use model::domain_parser::ParsedDomain;
use model::origin::{Loopback, Origin};
use model::problem::Problem;
use model::radiant::RadiantSearch;
use model::secret::SecretName;
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
    pub web: HttpSettings,
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
        Err(_) => okta::discover(&ParsedDomain::parse(&once.domain), &once.web, &once.clock).await?.origin,
    };
    let token = cleaned(SecretName::OktaToken, &once.token)?;
    let mut target = ProbeTarget::one_off(origin, once.profile, token);
    target.radiant = once.radiant;
    target.accepts_inspection = once.inspection_accepted;
    if let Some(pasted) = once.radiant_token {
        target.radiant_token = Ok(cleaned(SecretName::RadiantSearchToken, &pasted)?);
        radiant::check_address(&target.radiant, matches!(target.origin, Origin::Practice(_)))?;
    }
    let handles = ProbeHandles::new(&once.keychain, &once.web, &once.clock);
    let input = ProbeInput { target, history: ProbeHistory::default(), handles };
    Ok(probes::run(&input, None, None, cancel, news).await.report)
}
