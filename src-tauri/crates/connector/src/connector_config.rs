//! The configuration that the desktop app and the command line open a [`Connector`](crate::Connector) with.

use std::path::PathBuf;

use http_client::HttpSettings;
use runtime::Clock;
use secrets::Keychain;

use crate::paths::{self, PolicyPlace};
use crate::{ConnectorConfig, PracticeAddresses};

impl ConnectorConfig {
    /// Returns the configuration for the real connections of this computer: its keychain, clock, account and policy file.
    #[must_use]
    pub fn for_this_computer(data_dir: PathBuf) -> Self {
        Self::new(data_dir, Keychain::system(paths::KEYCHAIN), paths::policy())
    }

    /// Returns the configuration for practice connections: a separate keychain service and no policy.
    #[must_use]
    pub fn for_practice(data_dir: PathBuf) -> Self {
        Self::new(data_dir, Keychain::system(paths::PRACTICE_KEYCHAIN), None)
    }

    /// Returns a configuration that keeps secrets in memory and has no policy: practice on the command line, and tests.
    #[must_use]
    pub fn in_memory(data_dir: PathBuf) -> Self {
        Self::new(data_dir, Keychain::memory(), None)
    }

    fn new(data_dir: PathBuf, keychain: Keychain, policy: Option<PolicyPlace>) -> Self {
        let (http, clock) = (HttpSettings::default(), Clock::system());
        Self { data_dir, keychain, http, clock, operator: whoami::username(), policy }
    }
}

impl PracticeAddresses {
    /// Returns the addresses from a practice card.
    #[must_use]
    pub fn new(okta: &str, radiant_search: &str, radiant_docs: &str) -> Self {
        let [okta, radiant_search, radiant_docs] = [okta, radiant_search, radiant_docs].map(str::to_owned);
        Self { okta, radiant_search, radiant_docs }
    }
}
