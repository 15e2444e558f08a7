//! The configuration of one run of the desktop app.

use std::path::PathBuf;

use connector::ConnectorConfig;

use crate::practice_lock::PracticeLock;

/// Everything that [`crate::connectors::Connectors`] opens with.
pub(crate) struct StartConfig {
    /// Whether the app was started with `--practice`; the real database is not opened then.
    pub(crate) practice_only: bool,
    /// The real connections.
    pub(crate) real: ConnectorConfig,
    /// The practice connections; a temporary folder takes the place of the data folder.
    pub(crate) practice: ConnectorConfig,
    /// The file by which practice runs know of each other.
    pub(crate) practice_lock: PathBuf,
}

impl StartConfig {
    /// Returns the configuration for this computer.
    pub(crate) fn for_this_computer(data_dir: PathBuf, practice_only: bool) -> Self {
        let real = ConnectorConfig::for_this_computer(data_dir);
        let practice = ConnectorConfig::for_practice(PathBuf::new());
        Self { practice_only, practice_lock: PracticeLock::file(&real.operator), real, practice }
    }
}
