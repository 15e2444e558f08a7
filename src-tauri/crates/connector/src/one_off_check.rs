//! Runs every check once without storing anything, for the command line's `check`.

use std::time::Duration;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::probes::{self, ProbeHandles, ProbeHistory, ProbeInput, ProbeTarget};
use crate::token_store::cleaned;
use crate::typed_domain_discovery;
use http_client::{AcceptedProxyIssuers, AnsweredBy, HttpSettings};
use model::certificate_issuer::Issuer;
use model::check::{CheckProgress, CheckReport};
use model::code::Code;
use model::connection::Profile;
use model::domain_parser::{DomainNote, OrgFound};
use model::okta_origin::{Loopback, Origin};
use model::problem::Problem;
use model::radiant_search_settings::RadiantSearch;
use model::secret_name::SecretName;
use radiant::Search;
use runtime::{Clock, Stopwatch};
use secrets::Keychain;

/// The input of a one-off check.
pub struct OneOffCheck {
    /// The domain as typed, or the loopback address of a practice organization.
    pub domain: String,
    /// Whether the caller states that a loopback address is that of a practice organization. Plain http needs it.
    pub is_practice: bool,
    /// The Okta token.
    pub token: SecretString,
    /// The profile.
    pub profile: Profile,
    /// The search settings of Radiant.
    pub radiant: RadiantSearch,
    /// Radiant's search token, if the delivery is checked.
    pub radiant_token: Option<SecretString>,
    /// Whether the TLS-inspecting proxies that are met before the first secret is sent are accepted, for Okta and for Radiant.
    pub inspection_accepted: bool,
    /// The keychain that is probed.
    pub keychain: Keychain,
    /// The settings of HTTP clients.
    pub http: HttpSettings,
    /// The clock.
    pub clock: Clock,
    /// The longest time that the whole check may take.
    pub time_limit: Duration,
    /// The time since the check began.
    pub watch: Stopwatch,
}

impl OneOffCheck {
    fn time_used(&self) -> Duration {
        Duration::from_millis(self.watch.ms().into())
    }

    /// Waits for a part of the check, at most until the time limit of the whole.
    async fn in_time<T>(&self, part: impl Future<Output = T>) -> Result<T, Problem> {
        let left = self.time_limit.saturating_sub(self.time_used());
        let seconds = self.time_limit.as_secs().to_string();
        self.clock.within(left, part).await.ok_or_else(|| Problem::new(Code::CheckTimedOut).arg("seconds", seconds))
    }
}

/// Returns where the org of the domain is, and what it says about itself when it is asked without a token. A practice
/// organization is not asked.
///
/// # Errors
/// When the domain is no Okta org; [`Code::CheckTimedOut`]; [`Code::PracticeNotStated`]; [`Code::CustomDomainUnconfirmed`] for a
/// domain that contains the word `okta` and is not Okta's, because the command line cannot ask whether the org is the right one.
pub async fn recognize_org(check: &OneOffCheck) -> Result<(Origin, Option<OrgFound>), Problem> {
    match Loopback::new(check.domain.trim()) {
        Ok(loopback) if check.is_practice => return Ok((Origin::Practice(loopback), None)),
        Ok(_) => return Err(Problem::new(Code::PracticeNotStated).arg("typed", check.domain.trim())),
        Err(_) => {}
    }
    let found = check.in_time(typed_domain_discovery::discover(&check.domain, &check.http, &check.clock)).await??;
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
/// When an address cannot be used or a token has an impossible format, so that no check can run; [`Code::CheckTimedOut`].
pub async fn run_one_off_check(
    check: OneOffCheck,
    origin: Origin,
    cancel: &CancellationToken,
    on_progress: &(dyn Fn(CheckProgress) + Send + Sync),
) -> Result<CheckReport, Problem> {
    let token = cleaned(SecretName::OktaToken, &check.token)?;
    let mut target = ProbeTarget::one_off(origin, check.profile, token);
    target.radiant = check.radiant.clone();
    if let Some(pasted) = &check.radiant_token {
        target.radiant_token = Ok(cleaned(SecretName::RadiantSearchToken, pasted)?);
        radiant::check_address(&target.radiant, matches!(target.origin, Origin::Practice(_)))?;
    }
    let handles = ProbeHandles::new(&check.keychain, &check.http, &check.clock);
    let mut input = ProbeInput { target, history: ProbeHistory::default(), handles };
    if check.inspection_accepted {
        input.target.accepted = check.in_time(issuers_on_the_way(&input)).await?;
    }
    input.handles.time_limit = check.time_limit;
    input.handles.time_used = check.time_used();
    Ok(probes::run(&input, None, None, cancel, on_progress).await.report)
}

/// Number of connections that look for a proxy: behind a balancer not every connection meets it.
const OBSERVATIONS: usize = 2;

/// Observes, without a secret, which issuers stand before Okta and Radiant. Only these are accepted: a proxy that appears later
/// gets no secret.
async fn issuers_on_the_way(input: &ProbeInput) -> AcceptedProxyIssuers {
    let mut accepted = AcceptedProxyIssuers::default();
    let search = input.search().and_then(Result::ok);
    let none = AcceptedProxyIssuers::default();
    for _ in 0..OBSERVATIONS {
        let ProbeHandles { http, clock, .. } = &input.handles;
        let okta = okta::observe_certificate(&input.target.origin, &none, http, clock).await.ok().flatten();
        let radiant = match &search {
            Some(search) => search.observe_certificate().await.ok().flatten().map(|one| one.value),
            None => None,
        };
        let okta = okta.map(|one| (one.answered_by, one.issuer));
        let hosts = [input.target.origin.host(), search.as_ref().map(Search::host)];
        for (host, observed) in hosts.into_iter().zip([okta, radiant]) {
            if let (Some(host), Some((AnsweredBy::Unknown, Issuer { key: Some(key), .. }))) = (host, observed) {
                accepted.insert(host, &key);
            }
        }
    }
    accepted
}
