//! Taking the looks that are due, a few at once, within the budget of each org.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Connector;
use super::monitor::{Tended, is_watched, known};
use crate::computer::Spell;
use crate::model::{Connection, ConnectionId, Held, Problem, Spent, Tier, Watched};
use crate::monitor::{self, Plan, Seen};

/// Looks at once. A laptop that wakes up with a hundred connections asks them in turns.
const AT_ONCE: usize = 4;
/// A shorter wait is not worth a word.
const WORTH_A_WORD: TimeDelta = TimeDelta::seconds(60);

/// What came of one round of looks.
#[derive(Debug, Clone, Default)]
pub struct Round {
    /// The looks that were taken.
    pub looks: Vec<Tended>,
    /// Connections whose looks wait since now.
    pub held: Vec<ConnectionId>,
    /// When something will be due next.
    pub next: Option<DateTime<Utc>>,
}

/// A connection, where monitoring of it stands, and whether it is watched.
struct Known {
    connection: Connection,
    watched: Watched,
    is_watched: bool,
}

impl Known {
    fn seen(&self) -> Seen<'_> {
        Seen { org: self.connection.origin.as_ref(), watched: &self.watched, is_watched: self.is_watched }
    }
}

impl Connector {
    /// Takes every look that is due. `in_front` tells whether the window is being looked at, `spell` what this computer went
    /// through last. What a look finds is a status, not an error.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn tend(
        &self,
        in_front: bool,
        spell: Option<Spell>,
        cancel: &CancellationToken,
    ) -> Result<Round, Problem> {
        self.tidy_up().await?;
        let known = self.known().await?;
        let plan = self.plan(&known, spell).await?;
        let mut held = Vec::new();
        for (at, why) in plan.held {
            let Known { connection, watched, .. } = &known[at];
            if self.hold(&connection.id, &watched.spent, why).await? {
                held.push(connection.id.clone());
            }
        }
        let looks = plan.looks.into_iter().map(|(at, tier)| (known[at].connection.id.clone(), tier));
        let looks = self.take(looks.collect(), in_front, cancel).await;
        let next = self.plan(&self.known().await?, spell).await?.again(self.0.clock.now());
        Ok(Round { looks, held, next })
    }

    /// Every connection. Reports are not read: a round that finds nothing due is cheap.
    async fn known(&self) -> Result<Vec<Known>, Problem> {
        self.stored(|store| {
            let mut all = Vec::new();
            for connection in store.list()? {
                let is_watched = is_watched(&connection, &store.setup(&connection.id)?);
                let watched = known(store, &connection.id)?;
                all.push(Known { connection, watched, is_watched });
            }
            Ok(all)
        })
        .await
    }

    async fn plan(&self, known: &[Known], spell: Option<Spell>) -> Result<Plan, Problem> {
        let settings = self.monitor_settings().await?;
        let all: Vec<Seen<'_>> = known.iter().map(Known::seen).collect();
        Ok(monitor::plan(&all, &settings, spell, self.0.clock.now()))
    }

    /// Notes that a look waits; tells whether that is news.
    async fn hold(&self, id: &ConnectionId, spent: &Spent, held: Held) -> Result<bool, Problem> {
        let same = spent.held.is_some_and(|before| before.by == held.by && before.until >= held.since);
        if same || held.until - held.since < WORTH_A_WORD {
            return Ok(false);
        }
        let since = spent.held.map_or(held.since, |before| before.since);
        let held = Some(Held { since, ..held });
        let note = move |watched: Watched| Watched { spent: Spent { held, ..watched.spent }, ..watched };
        self.change_watched(id, note).await.map(|()| true)
    }

    /// Takes looks, a few at once.
    async fn take(&self, looks: Vec<(ConnectionId, Tier)>, in_front: bool, cancel: &CancellationToken) -> Vec<Tended> {
        let (mut set, turns) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
        for (id, tier) in looks {
            let (this, turns, cancel) = (self.clone(), Arc::clone(&turns), cancel.clone());
            set.spawn(async move {
                let _turn = turns.acquire().await;
                this.look(this.connection(&id).await?, tier, in_front, &cancel).await
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
}
