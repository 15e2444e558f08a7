//! The client of a run: Okta with the token for actions, the owner of that token, and what Okta recorded since.

use chrono::{DateTime, TimeDelta, Utc};
use model::action_rules::SUPER_ADMIN;
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::log_event::LogEvent;
use model::okta_origin::Origin;
use model::problem::Problem;
use model::rate_usage::Bucket;
use okta::{LogQuery, Okta, RateLimitLog, ServerTime};
use secrecy::SecretString;

use super::pasted_tokens::PastedTokens;
use crate::connection_clients::Access;
use crate::connection_repository::ConnectionRepository;
use crate::policy::CurrentPolicy;

/// Okta's status of a role that gives rights.
const ACTIVE: &str = "ACTIVE";
/// Most pages of events that are read for one question.
const MAX_LOG_PAGES: usize = 5;
/// How far back a search for events begins before the time in question: clocks and the log's order are not exact.
const EARLIER: TimeDelta = TimeDelta::seconds(5);

/// Fewer requests left than this, and a run of several targets waits for the next window, so that no target is refused halfway.
const LEAST_LEFT: u32 = 8;
/// The longest wait for the next window.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(70);

/// The owner of the token of a run.
#[derive(Debug, Clone)]
pub(super) struct TokenOwner {
    pub(super) id: String,
    pub(super) login: String,
    /// Whether it is known to be an active super administrator.
    pub(super) is_super_admin: bool,
}

/// What a run works with: its connection, the client for Okta, and the owner of the token.
pub(super) struct RunClient {
    pub(super) connection: Connection,
    pub(super) origin: Origin,
    pub(super) okta: Okta,
    pub(super) log: RateLimitLog,
    pub(super) owner: TokenOwner,
    pub(super) server_time: Option<ServerTime>,
}

impl RunClient {
    /// Returns when the next target may be begun, if little is left of a rate limit now.
    pub(super) fn has_room_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let entries = self.log.entries();
        let newest = |bucket: Bucket| entries.iter().rev().find(|one| one.bucket == bucket)?.rate;
        let rates = [Bucket::Users, Bucket::User, Bucket::Api].into_iter().filter_map(newest);
        let scarce = rates.filter(|rate| rate.remaining < LEAST_LEFT && rate.remaining < rate.limit / 2);
        let until = scarce.filter_map(|rate| rate.until).max()?;
        (until > now).then(|| until.min(now + LONGEST_WAIT))
    }

    /// Returns the events that Okta recorded since a time of this computer's clock.
    ///
    /// # Errors
    /// Why the System Log could not be read, or not to its end.
    pub(super) async fn events_since(&self, since: DateTime<Utc>, filter: String) -> Result<Vec<LogEvent>, Problem> {
        let since = self.server_time.map_or(since, |time| time.to_okta(since)) - EARLIER;
        let query = LogQuery { since: Some(since), limit: 200, filter: Some(filter), ..LogQuery::default() };
        let mut page = self.okta.logs(&query).await.map_err(|failure| failure.problem())?.value;
        let mut events = Vec::new();
        for _ in 0..MAX_LOG_PAGES {
            let is_last = page.entries.is_empty();
            events.extend(page.entries);
            let Some(next) = page.next.filter(|_| !is_last) else { return Ok(events) };
            page = self.okta.logs_after(&next).await.map_err(|failure| failure.problem())?.value;
        }
        Ok(events)
    }
}

/// Opens the client of runs.
#[derive(Clone)]
pub(super) struct TokenAccess {
    pub(super) records: ConnectionRepository,
    pub(super) access: Access,
    pub(super) policy: CurrentPolicy,
    pub(super) pasted: PastedTokens,
}

impl TokenAccess {
    /// Opens the client of a run: policy, token, owner.
    ///
    /// # Errors
    /// [`Code::ActionsForbidden`], [`Code::ActionTokenNeeded`], and why Okta did not answer.
    pub(super) async fn open(&self, id: &ConnectionId) -> Result<RunClient, Problem> {
        self.refuse_if_forbidden().await?;
        let connection = self.records.connection(id).await?;
        let now = self.records.clock.now();
        let (okta, log) = match self.pasted.take_for_use(id, connection.origin.as_ref(), now) {
            Some(pasted) => self.client(&connection, pasted.secret).await?,
            None if self.is_response_token_stored(&connection).await? => {
                let log = RateLimitLog::default();
                (self.access.okta(&connection).await?.logging_to(&log), log)
            }
            None => return Err(Problem::new(Code::ActionTokenNeeded)),
        };
        self.run_client(connection, okta, log).await
    }

    /// Returns a client with a token that is not stored.
    pub(super) async fn client(
        &self,
        connection: &Connection,
        token: SecretString,
    ) -> Result<(Okta, RateLimitLog), Problem> {
        let log = RateLimitLog::default();
        Ok((self.access.okta_with_token(connection, token).await?.logging_to(&log), log))
    }

    /// Asks Okta for the owner of the token.
    pub(super) async fn run_client(
        &self,
        connection: Connection,
        okta: Okta,
        log: RateLimitLog,
    ) -> Result<RunClient, Problem> {
        let origin = connection.origin.clone().ok_or(Code::DomainUnset)?;
        let me = okta.me().await.map_err(|failure| failure.problem())?;
        // Only a super administrator can read roles, so a refusal says that the owner is none, or that it is not known.
        let roles = okta.roles(&me.value.id).await;
        let is_super_admin = roles.is_ok_and(|roles| {
            roles.value.entries.iter().any(|role| role.kind == SUPER_ADMIN && role.status == ACTIVE)
        });
        let owner = TokenOwner { id: me.value.id, login: me.value.login, is_super_admin };
        Ok(RunClient { connection, origin, okta, log, owner, server_time: me.server_time })
    }

    /// Returns whether the token that is stored may be used for actions. A monitoring token is for reading alone.
    pub(super) async fn is_response_token_stored(&self, connection: &Connection) -> Result<bool, Problem> {
        if connection.keep != Keep::Token || connection.profile != Profile::Response {
            return Ok(false);
        }
        let states = self.records.secrets.states(&connection.id).await?;
        let name = connection.keep.asked_token();
        Ok(states.iter().any(|state| state.name == name && state.since.is_some()))
    }

    pub(super) async fn refuse_if_forbidden(&self) -> Result<(), Problem> {
        let policy = self.policy.fixed().await?;
        if policy.response_actions != Some(false) {
            return Ok(());
        }
        let contact = policy.contact.unwrap_or_default();
        Err(Problem::new(Code::ActionsForbidden).arg("contact", contact))
    }

    /// Records the requests of a run in the rate budget, so that monitoring makes room for them.
    pub(super) async fn record_requests(&self, run_client: &RunClient) {
        let (origin, requests, now) = (run_client.origin.clone(), run_client.log.entries(), self.records.clock.now());
        let recorded = self
            .records
            .write(move |tx| {
                tx.update_rate_usage(&origin, |before| crate::rate_budget::record_requests(&before, &requests, now))?;
                Ok(())
            })
            .await;
        if let Err(problem) = recorded {
            tracing::warn!(code = %problem.code, "the requests of an action were not recorded in the rate budget");
        }
    }
}
