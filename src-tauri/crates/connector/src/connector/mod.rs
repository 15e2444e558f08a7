//! The facade: what the window and the command line may ask for. Each method is a few lines; no rule lives here.
//!
//! A [`Connector`] holds one data folder and one keychain service. A practice organisation gets a `Connector` of its own, so
//! that practice never shares a file or a secret with the real thing.

mod arrival;
mod checks;
mod connections;
mod diagnostics;
mod exchange;
mod guide;
mod kept;
mod monitor;
mod once;
mod policy;
mod reminders;
mod revoking;
mod rotation;
mod secrets;
mod settings;
mod settling;
mod tending;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

pub use monitor::{Audience, ProbeOutcome};
pub use once::{OneOffCheck, run_one_off_check};
pub use policy::policy_at;
pub use tending::RoundSummary;

use crate::place::PolicyPlace;
use ::secrets::{Keychain, Secrets};
use http_client::HttpSettings;
use model::code::Code;
use model::connection::ConnectionId;
use model::link_target::LinkTarget;
use model::policy::PolicyState;
use model::problem::Problem;
use runtime::Clock;
use store::{ReadTx, Store, StoreError, WriteTx};

/// What a [`Connector`] is opened with.
#[derive(Clone)]
pub struct ConnectorConfig {
    /// Folder of the database.
    pub data_dir: PathBuf,
    /// The keychain.
    pub keychain: Keychain,
    /// How requests leave.
    pub web: HttpSettings,
    /// The clock.
    pub clock: Clock,
    /// Name of the operating-system account, noted with confirmations.
    pub operator: String,
    /// Where the organisation's policy is looked for; `None` for practice, which knows none.
    pub policy: Option<PolicyPlace>,
}

/// Where a practice organisation answers.
#[derive(Debug, Clone)]
pub struct PracticeAddresses {
    /// Its Okta.
    pub okta: String,
    /// Its Radiant search.
    pub radiant_search: String,
    /// Its documentation page.
    pub radiant_docs: String,
}

/// The door to everything the app knows and does.
#[derive(Clone)]
pub struct Connector(Arc<Inner>);

struct Inner {
    data_dir: PathBuf,
    store: Store,
    secrets: Secrets,
    web: HttpSettings,
    clock: Clock,
    operator: String,
    policy: Option<PolicyPlace>,
    /// How it stood with the policy when that was logged last.
    noted: Mutex<(PolicyState, Option<Code>)>,
    practice: Mutex<Option<PracticeAddresses>>,
    /// When each connection had been looked at last, when that was read last.
    looked: Mutex<BTreeMap<ConnectionId, Option<DateTime<Utc>>>>,
}

impl Connector {
    /// Opens the database and makes ready.
    ///
    /// # Errors
    /// The store's problem, when the database cannot be used; nothing on disk is changed then.
    pub fn open(start: ConnectorConfig) -> Result<Self, Problem> {
        let store = Store::open(&start.data_dir)?;
        Ok(Self(Arc::new(Inner {
            data_dir: start.data_dir,
            secrets: Secrets::new(start.keychain, store.clone(), start.clock.clone()),
            store,
            web: start.web,
            clock: start.clock,
            operator: start.operator,
            policy: start.policy,
            noted: Mutex::default(),
            practice: Mutex::new(None),
            looked: Mutex::default(),
        })))
    }

    /// Tells whether this is the only clone: every call works on one of its own for as long as it takes.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    /// Renames a database that cannot be used, so that a new one can begin. Nothing is deleted.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn set_aside(data_dir: &Path, clock: &Clock) -> Result<PathBuf, Problem> {
        Ok(Store::set_aside(data_dir, clock.now())?)
    }

    /// Probes the keychain by writing, reading and deleting a secret; returns its name.
    ///
    /// # Errors
    /// Missing, locked, denied and failed are codes of their own.
    pub async fn keychain_probe(&self) -> Result<String, Problem> {
        Ok(self.0.secrets.keychain().probe().await?)
    }

    /// Returns the address of a place the app may open.
    ///
    /// # Errors
    /// [`Code::LinkRefused`] for a place that is not there, [`Code::DomainUnset`] before the domain is known.
    pub async fn link(&self, id: Option<&ConnectionId>, link: &LinkTarget) -> Result<url::Url, Problem> {
        let origin = match id {
            Some(id) => self.plain(id).await?.origin,
            None => None,
        };
        Ok(crate::links::address(link, origin.as_ref())?)
    }

    /// Reads from the store in one transaction.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        Ok(self.0.store.read(work).await?)
    }

    /// Writes to the store in one transaction; a problem undoes all of it.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.0.store.write(work).await
    }

    fn practice(&self) -> Option<PracticeAddresses> {
        self.0.practice.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
