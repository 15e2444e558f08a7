//! The stored connections, their views, and the changes that several capabilities make to them.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::current_monitor_settings::CurrentMonitorSettings;
use crate::run_inputs::RunInputs;
use model::action_audit::AuditEntry;
use model::check::CheckId;
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::connection_view::{ConnectionRecord, ConnectionView};
use model::data_retention::{history_days, history_length};
use model::guide::GuideState;
use model::history::{History, Span};
use model::monitor::MonitorState;
use model::monitor_settings::MonitorSettings;
use model::problem::Problem;
use model::radiant_search_settings::RadiantSearch;
use model::reminder::{Reminder, ReminderKind, ReminderState};
use model::reminder_rules::ReminderInput;
use model::status_rules::StatusClock;
use runtime::Clock;
use secrets::Secrets;
use store::{ReadTx, Store, StoreError, WriteTx};

/// The key of the number of days for which history is kept.
pub(crate) const HISTORY_DAYS: &str = "history_days";
/// Changes of status returned at most; the CSV file has all of them.
const MAX_CHANGES: u32 = 200;

/// Reads and writes the stored connections.
#[derive(Clone)]
pub(crate) struct ConnectionRepository {
    pub(crate) store: Store,
    pub(crate) secrets: Secrets,
    pub(crate) settings: CurrentMonitorSettings,
    pub(crate) clock: Clock,
}

impl ConnectionRepository {
    /// Reads from the store in one transaction.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        Ok(self.store.read(work).await?)
    }

    /// Writes to the store in one transaction; a problem undoes all of it.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.store.write(work).await
    }

    /// Returns a connection without anything derived from it.
    pub(crate) async fn connection(&self, id: &ConnectionId) -> Result<Connection, Problem> {
        let id = id.clone();
        self.read(move |tx| tx.connection(&id)).await
    }

    /// Returns the view of a connection.
    pub(crate) async fn view(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        self.view_with(id, &self.settings.get().await?).await
    }

    /// Returns the view of a connection under settings that were read before.
    pub(crate) async fn view_with(
        &self,
        id: &ConnectionId,
        settings: &MonitorSettings,
    ) -> Result<ConnectionView, Problem> {
        let (views, id) = (self.views_with(settings.clone()), id.clone());
        self.read(move |tx| views.of(tx, &id)).await
    }

    /// Returns the view with the report of these tokens: the same one, or a newer one if they were replaced since it was read.
    pub(crate) async fn view_of_tokens(
        &self,
        view: ConnectionView,
        tokens: &RunInputs,
        settings: &MonitorSettings,
    ) -> Result<ConnectionView, Problem> {
        let is_current = tokens.is_current(&view.connection, &view.secrets);
        if is_current { Ok(view) } else { self.view_with(&view.connection.id, settings).await }
    }

    /// Returns the view of every connection, oldest first.
    pub(crate) async fn all(&self) -> Result<Vec<ConnectionView>, Problem> {
        let views = self.views().await?;
        self.read(move |tx| views.all(tx)).await
    }

    /// Returns what views are made with, so that the transaction that changes a connection can return its view.
    pub(crate) async fn views(&self) -> Result<Views, Problem> {
        Ok(self.views_with(self.settings.get().await?))
    }

    /// Returns what views are made with under settings that were read before.
    pub(crate) fn views_with(&self, settings: MonitorSettings) -> Views {
        Views { secrets: self.secrets.clone(), settings, now: self.clock.now() }
    }

    /// Returns a new connection that is not stored yet. Its ID begins with `prefix`.
    pub(crate) fn blank(&self, prefix: &str) -> Connection {
        Connection {
            id: ConnectionId(format!("{prefix}{}", Uuid::new_v4())),
            name: String::new(),
            origin: None,
            org_id: None,
            profile: Profile::default(),
            keep: Keep::default(),
            radiant: RadiantSearch::default(),
            created: self.clock.now(),
        }
    }

    /// Changes the guide of a connection and returns its view.
    pub(crate) async fn update_guide(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(GuideState) -> GuideState + Send + 'static,
    ) -> Result<ConnectionView, Problem> {
        let (views, id) = (self.views().await?, id.clone());
        self.write(move |tx| {
            tx.update(&id, change)?;
            Ok(views.of(tx, &id)?)
        })
        .await
    }

    /// Returns the history of a connection over a span.
    pub(crate) async fn history(&self, id: &ConnectionId, span: Span) -> Result<History, Problem> {
        let until = self.clock.now();
        let from = until - span.length();
        let id = id.clone();
        self.read(move |tx| {
            let (hours, changes) = (tx.hours(&id, from)?, tx.status_changes(&id, from, MAX_CHANGES)?);
            let (report, changes_all) = (tx.report(&id)?, tx.count_status_changes(&id, from)?);
            let arrival = report.as_ref().and_then(|report| report.row(CheckId::Arrival));
            Ok(History {
                changes_total: changes_all,
                ..History::summarize(from, until, hours, changes).with_comparison(arrival)
            })
        })
        .await
    }
}

/// Makes views of connections within a transaction.
pub(crate) struct Views {
    secrets: Secrets,
    pub(crate) settings: MonitorSettings,
    pub(crate) now: DateTime<Utc>,
}

impl Views {
    /// Returns every connection, oldest first.
    pub(crate) fn all(&self, tx: &ReadTx<'_>) -> Result<Vec<ConnectionView>, StoreError> {
        tx.connections()?.into_iter().map(|connection| self.view(tx, connection)).collect()
    }

    /// Returns one connection.
    pub(crate) fn of(&self, tx: &ReadTx<'_>, id: &ConnectionId) -> Result<ConnectionView, StoreError> {
        self.view(tx, tx.connection(id)?)
    }

    /// Returns what the age of a status is judged by.
    pub(crate) fn status_clock(&self) -> StatusClock {
        self.settings.status_clock(self.now)
    }

    fn view(&self, tx: &ReadTx<'_>, connection: Connection) -> Result<ConnectionView, StoreError> {
        let id = &connection.id;
        let reminders = tx.reminder_state(id)?;
        let record = ConnectionRecord {
            setup: tx.guide(id)?,
            secrets: self.secrets.states_in(tx, id)?,
            report: tx.report(id)?,
            monitor: tx.monitor_state(id)?,
            rotation: tx.rotation(id)?,
            connection,
        };
        let mut view = record.view(self.status_clock());
        let newest_change = tx.status_changes(&view.connection.id, DateTime::UNIX_EPOCH, 1)?.pop();
        let unchanged_since = newest_change.filter(|change| change.state == view.status.state).map(|change| change.at);
        view.monitor.unchanged_since =
            unchanged_since.map(|since| first_proof(&view).map_or(since, |proof| proof.max(since)));
        let raised = ReminderInput { view: &view, settings: &self.settings }.due_reminders(&reminders, self.now);
        let ended = tx.audit().due_ends(&view.connection.id, self.now)?.into_iter().filter_map(action_ends);
        view.reminders = reminders.visible(ended.chain(raised).collect(), self.now);
        Ok(view)
    }
}

/// Returns when the app first found an event in Radiant, if the status says that Radiant is receiving.
fn first_proof(view: &ConnectionView) -> Option<DateTime<Utc>> {
    let in_guide = view.setup.arrival.as_ref().map(|found| found.found_at);
    let in_checks = view.monitor.delivery_proof.and_then(|proof| proof.since);
    in_guide.into_iter().chain(in_checks).min().filter(|_| view.status.arrival_verified)
}

/// Returns the reminder of an action whose end time has come.
fn action_ends(entry: AuditEntry) -> Option<Reminder> {
    let ends_at = entry.opening.ends_at?;
    let args = [
        ("target", entry.opening.target.label().to_owned()),
        ("time", ends_at.format("%Y-%m-%d").to_string()),
        ("entry", entry.number.to_string()),
    ];
    let args = args.map(|(key, value)| (key.to_owned(), value)).into();
    let kind = ReminderKind::ActionEnds;
    Some(Reminder { kind, of: entry.opening.at, since: ends_at, observed_at: None, args, act: None, link: None })
}

/// Requests every check at the next probe.
pub(crate) fn request_full_check(tx: &mut WriteTx<'_>, id: &ConnectionId) -> Result<(), StoreError> {
    tx.update::<MonitorState>(id, |state| MonitorState { full_check_requested: true, ..state.with_new_revision() })
        .map(drop)
}

/// Remembers the owner that was observed first with the token in use.
pub(crate) fn remember_first_owner(
    tx: &mut WriteTx<'_>,
    view: &ConnectionView,
    settings: &MonitorSettings,
) -> Result<(), StoreError> {
    let first_seen =
        |reminders: ReminderState| match (ReminderInput { view, settings }).first_observed_owner(&reminders) {
            Some(owner) => ReminderState { owner: Some(owner), ..reminders },
            None => reminders,
        };
    tx.update(&view.connection.id, first_seen).map(drop)
}

/// Returns how long history is kept.
pub(crate) fn history_kept(tx: &ReadTx<'_>) -> Result<TimeDelta, StoreError> {
    Ok(history_length(history_days(tx.setting::<u32>(HISTORY_DAYS)?)))
}
