//! A connection as the window shows it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::CheckReport;
use crate::connection::Connection;
use crate::guide::GuideState;
use crate::guide_rules::{GuideInput, GuideView};
use crate::monitor::MonitorState;
use crate::monitor_view::MonitorView;
use crate::okta_origin::Origin;
use crate::reminder::Reminder;
use crate::repair::RepairAction;
use crate::rotation::Rotation;
use crate::rotation_step_marks::{RotationInput, RotationView};
use crate::secret_name::{SecretName, SecretState};
use crate::status::Status;
use crate::status_rules::StatusClock;

/// The stored data of one connection.
#[derive(Debug, Clone)]
pub struct ConnectionRecord {
    /// The connection.
    pub connection: Connection,
    /// The state of its guide.
    pub setup: GuideState,
    /// The states of its secrets.
    pub secrets: Vec<SecretState>,
    /// The newest report.
    pub report: Option<CheckReport>,
    /// The state of monitoring.
    pub monitor: MonitorState,
    /// The open rotation, or else the last finished one.
    pub rotation: Option<Rotation>,
}

impl ConnectionRecord {
    /// Derives the view at a time, except its reminders.
    #[must_use]
    pub fn view(self, clock: StatusClock) -> ConnectionView {
        let Self { connection, setup, secrets, report, monitor, rotation } = self;
        let report = report.map(CheckReport::with_blockers);
        let token_since = asked_token_since(&connection, &secrets, clock);
        let status = Status::derive(&setup, report.as_ref(), &monitor, connection.keep, token_since, clock);
        let guide =
            GuideInput { connection: &connection, state: &setup, secrets: &secrets, report: report.as_ref() }.view();
        let rotation_guide =
            RotationInput { connection: &connection, guide: &setup, secrets: &secrets, rotation: rotation.as_ref() }
                .view();
        ConnectionView {
            okta_url: connection.origin.as_ref().map(Origin::url),
            practice: connection.is_practice(),
            monitor: MonitorView::new(&monitor, &status, &setup),
            repair: RepairAction::of_status(&status, &connection),
            status,
            guide,
            rotation_guide,
            reminders: Vec::new(),
            connection,
            setup,
            secrets,
            report,
            rotation,
        }
    }
}

/// A connection with everything that the window shows of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ConnectionView {
    /// The connection.
    pub connection: Connection,
    /// `https://my-org.okta.com`, once known.
    pub okta_url: Option<String>,
    /// Whether it is a practice connection.
    pub practice: bool,
    /// The state of the guide.
    pub setup: GuideState,
    /// The steps of the guide.
    pub guide: GuideView,
    /// The states of its secrets.
    pub secrets: Vec<SecretState>,
    /// The newest report.
    pub report: Option<CheckReport>,
    /// The status that tray, window and command line show.
    pub status: Status,
    /// The action that leads to the cure of the status's problem.
    pub repair: Option<RepairAction>,
    /// The state of monitoring.
    pub monitor: MonitorView,
    /// The open token rotation, or else the last finished one.
    pub rotation: Option<Rotation>,
    /// The steps of the token rotation.
    pub rotation_guide: RotationView,
    /// The due reminders, except those that were snoozed or dismissed.
    pub reminders: Vec<Reminder>,
}

impl ConnectionView {
    /// Returns the status at a time for another monitoring state and, if given, a newer report.
    #[must_use]
    pub fn status_with(&self, report: Option<&CheckReport>, monitor: &MonitorState, clock: StatusClock) -> Status {
        self.status_at(report, monitor, (clock, clock))
    }

    /// Returns the status as the newest check left it, however long ago that is. Changes are recorded between such statuses: a
    /// computer that slept is no change.
    #[must_use]
    pub fn renewed_status(&self, monitor: &MonitorState, clock: StatusClock) -> Status {
        let now = monitor.heartbeat.or(self.setup.finished).unwrap_or(clock.now);
        self.status_at(None, monitor, (StatusClock { now, ..clock }, clock))
    }

    /// Returns the status at a time `then`. Whether the token's own time is in the future is judged `now`.
    fn status_at(
        &self,
        report: Option<&CheckReport>,
        monitor: &MonitorState,
        (then, now): (StatusClock, StatusClock),
    ) -> Status {
        let (report, keep) = (report.or(self.report.as_ref()), self.connection.keep);
        let token_since = asked_token_since(&self.connection, &self.secrets, now);
        Status::derive(&self.setup, report, monitor, keep, token_since, then)
    }

    /// Returns whether a secret is stored.
    #[must_use]
    pub fn has_secret(&self, name: SecretName) -> bool {
        self.secrets.iter().any(|state| state.name == name && state.since.is_some())
    }
}
/// Returns since when the token is kept that Okta is asked with; `None` also when that time is in the future.
fn asked_token_since(connection: &Connection, secrets: &[SecretState], clock: StatusClock) -> Option<DateTime<Utc>> {
    let asked = connection.keep.asked_token();
    let since = secrets.iter().find(|state| state.name == asked).and_then(|state| state.since);
    since.filter(|at| clock.is_past(*at))
}
