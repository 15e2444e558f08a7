//! Runs every check once without storing anything, for the command line's `check`.

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::probes::{self, ProbeHandles, ProbeHistory, ProbeInput, ProbeTarget};
use crate::token_store::cleaned;
use crate::typed_domain;
use http_client::HttpSettings;
use model::check::{CheckProgress, CheckReport};
use model::code::Code;
use model::connection::Profile;
use model::domain_parser::{DomainNote, OrgFound};
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
}

impl OneOffCheck {
    /// Tells whether the domain is a practice organization's.
    #[must_use]
    pub fn is_practice(&self) -> bool {
        Loopback::new(&self.domain).is_ok()
    }
}

/// Returns where the org of the domain is, and what it says about itself when it is asked without a token. A practice organization
/// is not asked.
///
/// # Errors
/// When the domain is no Okta org; [`Code::CustomDomainUnconfirmed`] for a domain that contains the word `okta` and is not
/// Okta's, because the command line cannot ask whether the org is the right one.
pub async fn recognize_org(check: &OneOffCheck) -> Result<(Origin, Option<OrgFound>), Problem> {
    if let Ok(loopback) = Loopback::new(&check.domain) {
        return Ok((Origin::Practice(loopback), None));
    }
    let found = typed_domain::discover(&check.domain, &check.http, &check.clock).await?;
    match &found.through {
        Some(host) if found.notes.contains(&DomainNote::NamesOkta) => {
            Err(Problem::new(Code::CustomDomainUnconfirmed).arg("host", host).arg("org", &found.url))
        }
        Some(_) | None => Ok((found.origin.clone(), Some(found))),
    }
}

/// Runs every check against a recognized org.
///
/// # Errors
/// When an address cannot be used or a token has an impossible format, so that no check can run.
pub async fn run_one_off_check(
    check: OneOffCheck,
    origin: Origin,
    cancel: &CancellationToken,
    on_progress: &(dyn Fn(CheckProgress) + Send + Sync),
) -> Result<CheckReport, Problem> {
    let token = cleaned(SecretName::OktaToken, &check.token)?;
    let mut target = ProbeTarget::one_off(origin, check.profile, token);
    target.radiant = check.radiant;
    target.accepts_inspection = check.inspection_accepted;
    if let Some(pasted) = check.radiant_token {
        target.radiant_token = Ok(cleaned(SecretName::RadiantSearchToken, &pasted)?);
        radiant::check_address(&target.radiant, matches!(target.origin, Origin::Practice(_)))?;
    }
    let handles = ProbeHandles::new(&check.keychain, &check.http, &check.clock);
    let input = ProbeInput { target, history: ProbeHistory::default(), handles };
    Ok(probes::run(&input, None, None, cancel, on_progress).await.report)
}
