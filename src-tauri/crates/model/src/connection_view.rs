//! All that the window shows of one connection.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::CheckReport;
use crate::connection::Connection;
use crate::guide::GuideState;
use crate::guide_rules::{GuideInput, GuideView};
use crate::monitor::MonitorState;
use crate::monitor_view::MonitorView;
use crate::origin::Origin;
use crate::reminder::Reminder;
use crate::rotation::Rotation;
use crate::rotation_rules::{RotationInput, RotationView};
use crate::secret::{SecretName, SecretState};
use crate::status::Status;

/// What is stored of one connection.
#[derive(Debug, Clone)]
pub struct ConnectionRecord {
    /// The connection.
    pub connection: Connection,
    /// Where its guide stands.
    pub setup: GuideState,
    /// Which secrets are kept.
    pub secrets: Vec<SecretState>,
    /// The newest report.
    pub report: Option<CheckReport>,
    /// Where monitoring stands.
    pub monitor: MonitorState,
    /// The rotation that is open or the newest that is over.
    pub rotation: Option<Rotation>,
}

impl ConnectionRecord {
    /// Derives all that the window draws, except the reminders.
    #[must_use]
    pub fn view(self) -> ConnectionView {
        let Self { connection, setup, secrets, report, monitor, rotation } = self;
        let report = report.map(CheckReport::with_blockers);
        let status = Status::derive(&setup, report.as_ref(), &monitor, connection.keep);
        let guide =
            GuideInput { connection: &connection, state: &setup, secrets: &secrets, report: report.as_ref() }.view();
        let rotation_guide =
            RotationInput { connection: &connection, guide: &setup, secrets: &secrets, rotation: rotation.as_ref() }
                .view();
        ConnectionView {
            okta_url: connection.origin.as_ref().map(Origin::url),
            practice: connection.is_practice(),
            watch: MonitorView::new(&monitor, &status, &setup),
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

/// A connection with all that the window draws of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ConnectionView {
    /// The connection.
    pub connection: Connection,
    /// `https://my-org.okta.com`, once known.
    pub okta_url: Option<String>,
    /// Whether it is a practice connection.
    pub practice: bool,
    /// Where the guide stands.
    pub setup: GuideState,
    /// The guide's steps by its rules.
    pub guide: GuideView,
    /// Which secrets are in the keychain, and since when.
    pub secrets: Vec<SecretState>,
    /// The newest report.
    pub report: Option<CheckReport>,
    /// The one status that tray, window and CLI draw.
    pub status: Status,
    /// What monitoring knows.
    pub watch: MonitorView,
    /// Where replacing its API token stands; also the newest that is over.
    pub rotation: Option<Rotation>,
    /// The steps of replacing its API token by their rules.
    pub rotation_guide: RotationView,
    /// What becomes a risk later, except reminders that were snoozed or dismissed.
    pub reminders: Vec<Reminder>,
}

impl ConnectionView {
    /// Returns the status that follows from where monitoring stands and, where there is one, a newer report.
    #[must_use]
    pub fn status_with(&self, report: Option<&CheckReport>, watched: &MonitorState) -> Status {
        Status::derive(&self.setup, report.or(self.report.as_ref()), watched, self.connection.keep)
    }

    /// Tells whether a secret is kept.
    #[must_use]
    pub fn has_secret(&self, name: SecretName) -> bool {
        self.secrets.iter().any(|state| state.name == name && state.since.is_some())
    }
}
