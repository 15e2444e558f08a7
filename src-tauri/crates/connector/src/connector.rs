//! Opens the handles of a data folder once and returns the capabilities that use them.
//!
//! A [`Connector`] has one data folder and one keychain service. A practice organization gets a connector of its own, so that
//! practice never shares a file or a secret with real connections.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::broadcast;
use uuid::Uuid;

use crate::actions::{Actions, PastedTokens};
use crate::active_runs::ActiveRuns;
use crate::alert_channels_in_force::AnnouncedAlertChannels;
use crate::alerts::Alerts;
use crate::checks::Checks;
use crate::connection_clients::Access;
use crate::connection_repository::ConnectionRepository;
use crate::connections::Connections;
use crate::current_monitor_settings::CurrentMonitorSettings;
use crate::guide::Guide;
use crate::monitor::{Monitor, MonitorHandles};
use crate::paths::PolicyPlace;
use crate::policy::CurrentPolicy;
use crate::practice_addresses::Practice;
use crate::probe_pass::ProbeRecorder;
use crate::relay::Relay;
use crate::reports::Reports;
use crate::rotation::Rotations;
use crate::settings::Settings;
use crate::token_store::TokenStore;
use crate::tokens::Tokens;
use crate::updates::Updates;
use http_client::HttpSettings;
use model::app_change::AppChange;
use model::problem::Problem;
use runtime::Clock;
use secrets::{Keychain, Secrets};
use store::Store;

/// The configuration of a [`Connector`].
#[derive(Clone)]
pub struct ConnectorConfig {
    /// The folder of the database.
    pub data_dir: PathBuf,
    /// The keychain.
    pub keychain: Keychain,
    /// The settings of HTTP clients.
    pub http: HttpSettings,
    /// The clock.
    pub clock: Clock,
    /// The name of the operating system account, recorded with confirmations.
    pub operator: String,
    /// The place of the organization's policy; `None` for practice, which has none.
    pub policy: Option<PolicyPlace>,
}

/// Everything that the app can do with one data folder. Clones share it.
#[derive(Clone)]
pub struct Connector(Arc<Inner>);

struct Inner {
    data_dir: PathBuf,
    clock: Clock,
    store: Store,
    connections: Connections,
    guide: Guide,
    tokens: Tokens,
    checks: Checks,
    monitor: Monitor,
    rotation: Rotations,
    relay: Relay,
    reports: Reports,
    settings: Settings,
    actions: Actions,
    alerts: Alerts,
    updates: Updates,
}

impl Connector {
    /// Opens the database.
    ///
    /// # Errors
    /// The store's problem, when the database cannot be used; nothing on disk is changed then.
    pub fn open(config: ConnectorConfig) -> Result<Self, Problem> {
        let store = Store::open(&config.data_dir)?;
        Ok(Self::over(store, config))
    }

    /// Opens the database and sends its changes on a channel that several connectors share.
    ///
    /// # Errors
    /// As [`Connector::open`].
    pub fn open_with(config: ConnectorConfig, changes: broadcast::Sender<AppChange>) -> Result<Self, Problem> {
        let store = Store::open_with(&config.data_dir, changes)?;
        Ok(Self::over(store, config))
    }

    fn over(store: Store, config: ConnectorConfig) -> Self {
        let ConnectorConfig { data_dir, keychain, http, clock, operator, policy } = config;
        let secrets = Secrets::new(keychain, store.clone(), clock.clone());
        let practice = Practice::default();
        let policy = CurrentPolicy::new(policy, practice.clone());
        let settings = CurrentMonitorSettings {
            store: store.clone(),
            policy: policy.clone(),
            practice: practice.clone(),
            clock: clock.clone(),
        };
        let records = records(&store, &secrets, settings, &clock);
        let tokens = token_store(&data_dir, &store, secrets, &clock);
        let access = Access { tokens: tokens.clone(), http, clock: clock.clone(), practice: practice.clone() };
        let recorder = ProbeRecorder { records: records.clone() };
        let pasted = PastedTokens::default();
        let channels = AnnouncedAlertChannels::of_process(Uuid::new_v4());
        let shared = (policy.clone(), practice.clone(), access.http.clone());
        let alerts = Alerts::new(records.clone(), channels.clone(), shared.clone());
        let updates = Updates::new(records.clone(), shared);
        let handles = MonitorHandles {
            records: records.clone(),
            access: access.clone(),
            recorder: recorder.clone(),
            alerts: channels,
        };
        Self(Arc::new(Inner {
            data_dir: data_dir.clone(),
            clock,
            store,
            connections: Connections {
                records: records.clone(),
                practice: practice.clone(),
                runs: tokens.runs.clone(),
                pasted: pasted.clone(),
            },
            guide: Guide { records: records.clone(), access: access.clone(), practice, operator: operator.clone() },
            tokens: Tokens { records: records.clone(), access: access.clone() },
            checks: Checks { records: records.clone(), access: access.clone(), recorder },
            monitor: Monitor::new(handles, operator.clone(), data_dir.clone()),
            rotation: Rotations { records: records.clone(), access: access.clone(), operator: operator.clone() },
            actions: Actions::new(
                records.clone(),
                access.clone(),
                policy.clone(),
                pasted,
                operator.clone(),
                data_dir.clone(),
            ),
            relay: Relay { records: records.clone(), access },
            reports: Reports { records: records.clone(), policy: policy.clone(), operator },
            settings: Settings { records, policy, data_dir },
            alerts,
            updates,
        }))
    }

    /// Returns the list of connections and their transfer between computers.
    #[must_use]
    pub fn connections(&self) -> &Connections {
        &self.0.connections
    }

    /// Returns the guide of a connection.
    #[must_use]
    pub fn guide(&self) -> &Guide {
        &self.0.guide
    }

    /// Returns the secrets of a connection.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    /// Returns the checks that a person runs.
    #[must_use]
    pub fn checks(&self) -> &Checks {
        &self.0.checks
    }

    /// Returns monitoring: scheduled probes, history and reminders.
    #[must_use]
    pub fn monitor(&self) -> &Monitor {
        &self.0.monitor
    }

    /// Returns the rotation of the API token.
    #[must_use]
    pub fn rotation(&self) -> &Rotations {
        &self.0.rotation
    }

    /// Returns the relay of events to Radiant.
    #[must_use]
    pub fn relay(&self) -> &Relay {
        &self.0.relay
    }

    /// Returns the set-up report, the CSV files and the diagnostics bundle.
    #[must_use]
    pub fn reports(&self) -> &Reports {
        &self.0.reports
    }

    /// Returns the response actions.
    #[must_use]
    pub fn actions(&self) -> &Actions {
        &self.0.actions
    }

    /// Returns the settings and the policy.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Returns the team alerts: their channels, and a test.
    #[must_use]
    pub fn alerts(&self) -> &Alerts {
        &self.0.alerts
    }

    /// Returns the notices of newer versions.
    #[must_use]
    pub fn updates(&self) -> &Updates {
        &self.0.updates
    }

    /// Returns a receiver of the changes that this process commits or its workers notice from now on.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<AppChange> {
        self.0.store.changes()
    }

    /// Sends a change that this process did not commit.
    pub(crate) fn publish(&self, change: AppChange) {
        self.0.store.publish(change);
    }

    /// Returns the folder of the database.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.0.data_dir
    }

    /// Returns the clock.
    pub(crate) fn clock(&self) -> Clock {
        self.0.clock.clone()
    }

    /// Renames a database that cannot be used, so that a new one can be created. Nothing is deleted.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn set_aside(data_dir: &Path, clock: &Clock) -> Result<PathBuf, Problem> {
        Ok(Store::set_aside(data_dir, clock.now())?)
    }
}

fn records(store: &Store, secrets: &Secrets, settings: CurrentMonitorSettings, clock: &Clock) -> ConnectionRepository {
    ConnectionRepository { store: store.clone(), secrets: secrets.clone(), settings, clock: clock.clone() }
}

fn token_store(data_dir: &Path, store: &Store, secrets: Secrets, clock: &Clock) -> TokenStore {
    let (store, clock, runs) = (store.clone(), clock.clone(), ActiveRuns::default());
    TokenStore { data_dir: data_dir.to_owned(), store, secrets, clock, runs }
}
