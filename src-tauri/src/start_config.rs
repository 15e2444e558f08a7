//! The configuration of one run of the desktop app.

use std::path::PathBuf;

use connector::ConnectorConfig;

/// Everything that [`crate::connector_registry::ConnectorRegistry`] opens with.
pub(crate) struct StartConfig {
    /// Whether the app was started with `--practice`; the real database is not opened then.
    pub(crate) practice_only: bool,
    /// The real connections.
    pub(crate) real: ConnectorConfig,
    /// The practice connections; a folder of the run, inside the data folder, takes the place of the data folder.
    pub(crate) practice: ConnectorConfig,
}

impl StartConfig {
    /// Returns the configuration for this computer.
    pub(crate) fn for_this_computer(data_dir: PathBuf, practice_only: bool) -> Self {
        let real = ConnectorConfig::for_this_computer(data_dir);
        let practice = ConnectorConfig::for_practice(PathBuf::new());
        Self { practice_only, real, practice }
    }
}
