//! The input of every probe, in three parts: what is checked, what is known from before, and the handles.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http_client::{AcceptedProxyIssuers, HttpSettings};
use model::capability::Capability;
use model::check::{CheckId, CheckRow, Outcome};
use model::code::Code;
use model::connection::Profile;
use model::monitor_settings::MonitorSettings;
use model::okta_origin::Origin;
use model::problem::Problem;
use model::radiant_search_settings::RadiantSearch;
use model::rate_usage::Bucket;
use okta::{Okta, RateLimitLog};
use radiant::Search;
use runtime::Clock;
use secrecy::SecretString;
use secrets::Keychain;
use url::Url;

use super::finding::Finding;
use super::monitoring_token_codes::with_monitoring_codes;
use crate::run_inputs::RunInputs;

/// The usual time limit of a run. It is longer than Okta's own limit of 30 seconds for one query of the System Log.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(60);

/// The input of a probe.
pub(crate) struct ProbeInput {
    /// What is checked.
    pub(crate) target: ProbeTarget,
    /// What is known from before.
    pub(crate) history: ProbeHistory,
    /// What the probe works with.
    pub(crate) handles: ProbeHandles,
}

/// What is checked: an org, its tokens, and the settings they are checked against.
pub(crate) struct ProbeTarget {
    /// Where the org is.
    pub(crate) origin: Origin,
    /// Okta's ID of the org as it was when the domain was set.
    pub(crate) org_id: Option<String>,
    /// What the token is used for.
    pub(crate) profile: Profile,
    /// Whether the token is this app's own monitoring token.
    pub(crate) is_monitoring_token: bool,
    /// The Okta token, or why there is none.
    pub(crate) token: Result<SecretString, Problem>,
    /// The name of the token as given in the guide.
    pub(crate) token_name: String,
    /// How Radiant is searched.
    pub(crate) radiant: RadiantSearch,
    /// Radiant's search token, or why there is none.
    pub(crate) radiant_token: Result<SecretString, Problem>,
    /// The longest delivery delay that is no problem.
    pub(crate) max_delay: TimeDelta,
    /// The issuers of TLS-inspecting proxies that were accepted.
    pub(crate) accepted: AcceptedProxyIssuers,
    /// Whether secrets are kept in the keychain.
    pub(crate) keeps_secrets: bool,
    /// Whether one of its secrets was found twice in the keychain.
    pub(crate) is_stored_twice: bool,
    /// Whether the connection is monitored, so that a missing token is a problem and not a step that is still to be done.
    pub(crate) is_monitored: bool,
}

/// What is known from before: from the guide, from earlier probes, and from the person.
#[derive(Default)]
pub(crate) struct ProbeHistory {
    /// When the guide was opened, while it is open.
    pub(crate) guide_since: Option<DateTime<Utc>>,
    /// What the person stated about the token's owner.
    pub(crate) owner: OwnerConfirmation,
    /// When the token was stored: earlier findings are about another one.
    pub(crate) token_since: Option<DateTime<Utc>>,
    /// The tokens that the probe works with.
    pub(crate) tokens: RunInputs,
    /// The roles that were read with this token before, where monitoring needs them.
    pub(crate) roles: Option<Vec<String>>,
    /// Event types that were found in Radiant before.
    pub(crate) delivered_types: BTreeSet<String>,
    /// What a rehearsal proved with this token.
    pub(crate) proven: Vec<Capability>,
    /// System Log requests of other probes of this org within the current window of Okta's rate limit.
    pub(crate) recent_log_requests: u32,
}

/// What a probe works with.
pub(crate) struct ProbeHandles {
    /// The keychain.
    pub(crate) keychain: Keychain,
    /// The settings of HTTP clients.
    pub(crate) http: HttpSettings,
    /// The clock.
    pub(crate) clock: Clock,
    /// Records the requests to Okta.
    pub(crate) log: RateLimitLog,
    /// The longest time that a run of checks may take.
    pub(crate) time_limit: Duration,
    /// The part of that time that passed before the run.
    pub(crate) time_used: Duration,
}

/// What the person stated about the token's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum OwnerConfirmation {
    /// Nothing.
    #[default]
    None,
    /// It is the service account.
    Service,
    /// It is a person, and that is accepted.
    Person,
}

impl ProbeTarget {
    /// Returns a target that is checked once and not kept.
    #[must_use]
    pub(crate) fn one_off(origin: Origin, profile: Profile, token: SecretString) -> Self {
        Self {
            origin,
            org_id: None,
            profile,
            is_monitoring_token: false,
            token: Ok(token),
            token_name: String::new(),
            radiant: RadiantSearch::default(),
            radiant_token: Err(Problem::new(Code::RadiantTokenMissing)),
            max_delay: MonitorSettings::default().allowed_lag(),
            accepted: AcceptedProxyIssuers::default(),
            keeps_secrets: false,
            is_stored_twice: false,
            is_monitored: false,
        }
    }

    /// Returns what a check asks, as arguments of a message: the host as `asked`, and the index.
    fn asked(&self, check: CheckId) -> Vec<(String, String)> {
        let is_radiant = matches!(check, CheckId::RadiantTls | CheckId::RadiantSearch | CheckId::Arrival);
        let url = if is_radiant { self.radiant.url.clone() } else { self.origin.url() };
        let host = Url::parse(&url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let index = self.radiant.index.clone().filter(|_| is_radiant && check != CheckId::RadiantTls);
        let named = [("asked", host), ("index", index)];
        named.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    }

    fn is_practice(&self) -> bool {
        matches!(self.origin, Origin::Practice(_))
    }
}

impl ProbeHandles {
    /// Returns handles with an empty request log and the usual time limit.
    #[must_use]
    pub(crate) fn new(keychain: &Keychain, http: &HttpSettings, clock: &Clock) -> Self {
        let (keychain, http, clock) = (keychain.clone(), http.clone(), clock.clone());
        Self { keychain, http, clock, log: RateLimitLog::default(), time_limit: TIME_LIMIT, time_used: Duration::ZERO }
    }
}

impl ProbeInput {
    /// Turns a finding into a row of this time. A failed request names the host, and the index, that was asked.
    pub(super) fn row(&self, check: CheckId, finding: Finding, ms: u32) -> CheckRow {
        let mut row = finding.row(check, self.handles.clock.now(), ms);
        if matches!(row.outcome, Outcome::Failed | Outcome::Unknown) && !row.evidence.is_empty() {
            row.args.extend(self.target.asked(check));
        }
        if self.target.is_monitoring_token { with_monitoring_codes(row) } else { row }
    }

    /// Returns why the keychain returned no secret, if it is locked or missing. It is not accessed again because it may be
    /// showing a prompt.
    pub(super) fn keychain_problem(&self) -> Option<&Problem> {
        let problems = [self.target.token.as_ref().err(), self.target.radiant_token.as_ref().err()];
        problems.into_iter().flatten().find(|problem| problem.code.is_keychain())
    }

    /// Returns the number of this app's own System Log requests, in this run and just before it.
    pub(super) fn own_log_requests(&self) -> u32 {
        let now = self.handles.log.entries().iter().filter(|request| request.bucket == Bucket::Logs).count();
        self.history.recent_log_requests.saturating_add(u32::try_from(now).unwrap_or(u32::MAX))
    }

    /// Returns the client of the org.
    pub(super) fn okta(&self, token: Option<SecretString>) -> Result<Okta, Problem> {
        let ProbeHandles { http, clock, log, .. } = &self.handles;
        Okta::new(&self.target.origin, token, &self.target.accepted, http, clock).map(|okta| okta.logging_to(log))
    }

    /// Returns the client of Radiant's search, or why there is none; `None` without a search token.
    pub(crate) fn search(&self) -> Option<Result<Search, Problem>> {
        let ProbeTarget { radiant, radiant_token, accepted, .. } = &self.target;
        let (practice, ProbeHandles { http, clock, .. }) = (self.target.is_practice(), &self.handles);
        match radiant_token {
            Ok(token) => Some(Search::new(radiant, practice, token.clone(), accepted, http, clock)),
            Err(problem) => (problem.code != Code::RadiantTokenMissing).then(|| Err(problem.clone())),
        }
    }
}
