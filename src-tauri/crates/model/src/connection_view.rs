//! All that the window shows of one connection.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::CheckReport;
use crate::connection::{Connection, Keep};
use crate::guide::GuideState;
use crate::monitor::MonitorState;
use crate::monitor_view::MonitorView;
use crate::reminder::Reminder;
use crate::rotation::Rotation;
use crate::secret::{SecretName, SecretState};
use crate::status::Status;

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
    /// What becomes a risk later, as far as it was not put off or put away.
    pub reminders: Vec<Reminder>,
}

impl ConnectionView {
    /// Returns the status that follows from where monitoring stands and, where there is one, a newer report.
    #[must_use]
    pub fn status_with(&self, report: Option<&CheckReport>, watched: &MonitorState) -> Status {
        Status::of(&self.setup, report.or(self.report.as_ref()), watched, self.connection.keep)
    }

    /// Tells whether a secret is kept.
    #[must_use]
    pub fn holds(&self, name: SecretName) -> bool {
        self.secrets.iter().any(|state| state.name == name && state.since.is_some())
    }

    /// Tells whether the API token can be replaced by its guide: set-up is done, and where the token is to be kept here, it is.
    #[must_use]
    pub fn can_rotate(&self) -> bool {
        let there = self.connection.keep != Keep::Token || self.holds(SecretName::OktaToken);
        self.setup.finished.is_some() && there
    }
}
