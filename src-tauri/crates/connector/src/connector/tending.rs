//! Taking the looks that are due, a few at once, within the budget of each org.

use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Connector;
use super::monitor::{Audience, ProbeOutcome};
use crate::monitor::{self, Plan, Seen};
use crate::power_events::WakeBurst;
use model::connection::{Connection, ConnectionId};
use model::connection_view::ConnectionView;
use model::monitor::{MonitorState, ProbeKind};
use model::monitor_settings::MonitorSettings;
use model::policy::Policy;
use model::problem::Problem;
use model::rate_budget::{BudgetHold, RateUsage};
use okta::LoggedRequest;
use store::{ReadTx, StoreError};

/// Looks at once. A laptop that wakes up with a hundred connections asks them in turns.
const AT_ONCE: usize = 4;

/// What came of one round of looks.
#[derive(Debug, Clone, Default)]
pub struct RoundSummary {
    /// The looks that were taken.
    pub looks: Vec<ProbeOutcome>,
    /// Connections that another process looked at since the last round.
    pub elsewhere: Vec<ConnectionId>,
    /// Connections whose looks wait since now.
    pub held: Vec<ConnectionId>,
    /// When something will be due next.
    pub next: Option<DateTime<Utc>>,
}

/// A connection, where monitoring of it stands, and whether it is watched.
struct Known {
    connection: Connection,
    usage: RateUsage,
    watched: MonitorState,
    is_watched: bool,
}

impl Known {
    fn seen(&self) -> Seen<'_> {
        Seen {
            org: self.connection.origin.as_ref(),
            usage: &self.usage,
            watched: &self.watched,
            is_watched: self.is_watched,
        }
    }
}

impl Connector {
    /// Takes every look that is due, and tells the `audience` what these and other processes' looks found. `burst` is what this
    /// computer went through last. What a look finds is a status, not an error.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn tend(
        &self,
        audience: Audience,
        burst: Option<WakeBurst>,
        cancel: &CancellationToken,
    ) -> Result<RoundSummary, Problem> {
        self.tidy_up().await?;
        let fixed = Arc::new(self.fixed().await?);
        let (settings, known) = (self.settings_under(&fixed).await?, self.known().await?);
        let plan = self.plan(&known, &settings, burst);
        let mut held = Vec::new();
        for (at, why) in plan.held {
            let id = &known[at].connection.id;
            if self.hold(id, why).await? {
                held.push(id.clone());
            }
        }
        let looks = plan.looks.into_iter().map(|(at, tier)| (known[at].connection.id.clone(), tier));
        let mut looks = self.take(looks.collect(), audience, &fixed, cancel).await;
        // A person may have changed them meanwhile.
        let (settings, known) = (self.settings_under(&fixed).await?, self.known().await?);
        let elsewhere = self.seen_elsewhere(&known, &looks);
        looks.extend(self.tell(&known, &settings, audience).await?);
        let next = self.plan(&known, &settings, burst).again(self.0.clock.now());
        Ok(RoundSummary { looks, elsewhere, held, next })
    }

    /// Notes which looks there were, and returns the connections that were looked at by somebody else since.
    fn seen_elsewhere(&self, known: &[Known], own: &[ProbeOutcome]) -> Vec<ConnectionId> {
        let mut seen = self.0.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let ids = known.iter().filter_map(|Known { connection: Connection { id, .. }, watched, .. }| {
            let before = seen.insert(id.clone(), watched.heartbeat);
            let elsewhere = before.is_some_and(|before| before != watched.heartbeat);
            (elsewhere && own.iter().all(|one| one.id != *id)).then(|| id.clone())
        });
        ids.collect()
    }

    /// Tells what was seen and not told yet: by a process without notices, or while they were held back.
    async fn tell(
        &self,
        known: &[Known],
        settings: &MonitorSettings,
        audience: Audience,
    ) -> Result<Vec<ProbeOutcome>, Problem> {
        let now = self.0.clock.now();
        let Some(around) = audience.around(now, settings.is_quiet(now)) else { return Ok(Vec::new()) };
        let mut told = Vec::new();
        let views = self.views_by(settings.clone());
        let news = known.iter().filter(|one| one.is_watched && monitor::is_news(&one.watched));
        let news: Vec<ConnectionId> = news.map(|one| one.connection.id.clone()).collect();
        if news.is_empty() {
            return Ok(told);
        }
        self.write(move |tx| {
            let there = tx.connections()?;
            for id in news.into_iter().filter(|id| there.iter().any(|one| one.id == *id)) {
                let (view, mut notice) = (views.of(tx, &id)?, None);
                tx.update::<MonitorState>(&id, |watched| {
                    let (found, told) = monitor::notice(&watched.told, &view.status_with(None, &watched), around);
                    notice = found;
                    MonitorState { told, ..watched }
                })?;
                let ConnectionView { connection: Connection { name, .. }, status, .. } = view;
                let (before, after) = (status.clone(), status);
                told.extend(notice.map(|notice| ProbeOutcome { id, name, before, after, notice: Some(notice) }));
            }
            Ok(told)
        })
        .await
    }

    /// Every connection. Reports are not read: a round that finds nothing due is cheap.
    async fn known(&self) -> Result<Vec<Known>, Problem> {
        self.read(|tx| {
            let connections = tx.connections()?;
            connections.into_iter().map(|connection| known(tx, connection)).collect()
        })
        .await
    }

    fn plan(&self, known: &[Known], settings: &MonitorSettings, burst: Option<WakeBurst>) -> Plan {
        let all: Vec<Seen<'_>> = known.iter().map(Known::seen).collect();
        monitor::plan(&all, settings, burst, self.0.clock.now())
    }

    /// Notes that a look waits; tells whether that is news.
    async fn hold(&self, id: &ConnectionId, held: BudgetHold) -> Result<bool, Problem> {
        let id = id.clone();
        self.write(move |tx| {
            let mut is_news = false;
            tx.update(&id, |watched: MonitorState| match monitor::worth_a_word(watched.held, held) {
                Some(held) => {
                    is_news = true;
                    MonitorState { held: Some(held), ..watched }
                }
                None => watched,
            })?;
            Ok(is_news)
        })
        .await
    }

    /// Takes looks, a few at once.
    async fn take(
        &self,
        looks: Vec<(ConnectionId, ProbeKind)>,
        audience: Audience,
        fixed: &Arc<Policy>,
        cancel: &CancellationToken,
    ) -> Vec<ProbeOutcome> {
        let (mut set, turns) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
        let one_by_one = Arc::new(tokio::sync::Mutex::new(()));
        for (id, tier) in looks {
            let (this, turns, cancel) = (self.clone(), Arc::clone(&turns), cancel.clone());
            let (one_by_one, fixed) = (Arc::clone(&one_by_one), Arc::clone(fixed));
            set.spawn(async move {
                let _turn = turns.acquire().await;
                // BudgetHold until the look is kept, so that the next one reckons with what this one asked.
                let mut alone = None;
                let room = async |asked| {
                    alone = Some(one_by_one.lock_owned().await);
                    this.has_room(&id, &fixed, asked).await
                };
                this.look(&id, tier, (audience, &fixed), &cancel, room).await
            });
        }
        let mut tended = Vec::new();
        while let Some(done) = set.join_next().await {
            match done {
                Ok(Ok(one)) => tended.extend(one),
                Ok(Err(problem)) => tracing::warn!(code = %problem.code, "a look was not kept"),
                Err(error) => tracing::error!(panicked = error.is_panic(), "a look did not end well"),
            }
        }
        tended
    }

    /// Tells whether all checks of a connection fit into its org's budget now, when the look itself `asked` so much already.
    async fn has_room(&self, id: &ConnectionId, fixed: &Policy, asked: Vec<LoggedRequest>) -> Result<bool, Problem> {
        let (settings, now, id) = (self.settings_under(fixed).await?, self.0.clock.now(), id.clone());
        self.read(move |tx| {
            let known = known(tx, tx.connection(&id)?)?;
            let usage = monitor::spent(&known.usage, &asked, now);
            Ok(monitor::has_room(&Seen { usage: &usage, ..known.seen() }, &settings, now))
        })
        .await
    }
}

fn known(tx: &ReadTx<'_>, connection: Connection) -> Result<Known, StoreError> {
    let is_watched = connection.is_monitored(tx.guide(&connection.id)?.finished.is_some());
    let watched = tx.monitor_state(&connection.id)?;
    let usage = connection.origin.as_ref().map(|org| tx.rate_usage(org)).transpose()?.unwrap_or_default();
    Ok(Known { connection, usage, watched, is_watched })
}
