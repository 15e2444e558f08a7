//! Which `Connector` a command speaks to: the real one, or that of the practice organisation.
//!
//! Practice lives in a data folder and a keychain service of its own and ends with the run, so that it never shares a file
//! or a secret with the real thing. A connection's id says where it belongs: practice ids begin with `practice-`. Started
//! with `--practice`, the real database is not opened at all. A database that cannot be opened is a problem kept here until
//! it is tried again or set aside; the app itself starts.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use connector::place::PolicyPlace;
use connector::{Connector, ConnectorConfig, links};
use http_client::HttpClient;
use messages::{Messages, keys};
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::link::LinkTarget;
use model::policy::PolicyView;
use model::problem::Problem;
use model::secret::SecretName;
use model::transfer::ImportOutcome;
use runtime::Clock;
use secrets::Keychain;
use tokio::sync::broadcast;

use crate::clipboard::{self, Clip, CopyWhat, Digest};
use crate::presence::{Choice, Leave};
use crate::room::Room;

/// What the doors are made with.
pub(crate) struct Home {
    /// Folder of the real database.
    pub(crate) data_dir: PathBuf,
    /// Whether only practice was asked for.
    pub(crate) practice_only: bool,
    /// Name of the operating-system account.
    pub(crate) operator: String,
    /// The clock.
    pub(crate) clock: Clock,
    /// The real keychain service.
    pub(crate) vault: Keychain,
    /// The practice keychain service.
    pub(crate) practice_vault: Keychain,
    /// Where the organisation's policy is looked for.
    pub(crate) policy: Option<PolicyPlace>,
    /// The file by which practice runs know of each other.
    pub(crate) practice_runs: PathBuf,
}

/// The doors. Clones are the same doors.
#[derive(Clone)]
pub(crate) struct Doors(Arc<Inner>);

struct Inner {
    home: Home,
    /// `None` when only practice was asked for.
    real: Mutex<Option<Result<Connector, Problem>>>,
    practice: Mutex<Option<Arc<Room>>>,
    starting: tokio::sync::Mutex<()>,
    /// The choice of a run that opens no real database.
    asks_no_more: AtomicBool,
    changed: broadcast::Sender<ConnectionId>,
}

impl Doors {
    /// Opens the real database, unless only practice was asked for. A database that cannot be opened is [`Doors::problem`].
    pub(crate) fn open(home: Home) -> Self {
        let real = (!home.practice_only).then(|| open_real(&home));
        let (changed, _) = broadcast::channel(64);
        Self(Arc::new(Inner {
            home,
            real: Mutex::new(real),
            practice: Mutex::new(None),
            starting: tokio::sync::Mutex::new(()),
            asks_no_more: AtomicBool::new(false),
            changed,
        }))
    }

    /// Returns what keeps the real database from being used.
    pub(crate) fn problem(&self) -> Option<Problem> {
        self.real().as_ref().and_then(|real| real.as_ref().err().cloned())
    }

    /// Tells whether only practice was asked for.
    pub(crate) fn practice_only(&self) -> bool {
        self.0.home.practice_only
    }

    /// Tells whether the end of the run would cut something short or lose it: a call under way, practice, a secret that is
    /// kept in memory for this run only.
    pub(crate) fn is_busy(&self) -> bool {
        let under_way = self.real().as_ref().is_some_and(|real| real.as_ref().is_ok_and(|door| !door.is_idle()));
        let practice = self.0.starting.try_lock().is_err() || self.lock_practice().is_some();
        under_way || practice || self.0.home.vault.holds_for_this_run()
    }

    /// Returns the time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.0.home.clock.now()
    }

    /// Returns the operating-system account's name.
    pub(crate) fn operator(&self) -> &str {
        &self.0.home.operator
    }

    /// Tries again to open a database that could not be opened.
    pub(crate) fn retry(&self) {
        let mut real = self.real();
        if matches!(*real, Some(Err(_))) {
            *real = Some(open_real(&self.0.home));
        }
    }

    /// Renames a database that cannot be opened and begins a new one. One that is open stays.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub(crate) fn set_aside(&self) -> Result<(), Problem> {
        if self.problem().is_some() {
            Connector::set_aside(&self.0.home.data_dir, &self.0.home.clock)?;
            self.retry();
        }
        Ok(())
    }

    /// Returns the door a connection belongs to.
    ///
    /// # Errors
    /// What keeps the real database from being used; [`Code::PracticeEnded`] for a practice connection of an earlier run.
    pub(crate) fn of(&self, id: &ConnectionId) -> Result<Connector, Problem> {
        if id.0.starts_with("practice-") { Ok(self.room()?.connector()) } else { self.real_door() }
    }

    /// Returns any open door, for what belongs to no connection.
    ///
    /// # Errors
    /// As [`Doors::of`].
    pub(crate) fn any(&self, id: Option<&ConnectionId>) -> Result<Connector, Problem> {
        match id {
            Some(id) => self.of(id),
            None if self.practice_only() => Ok(self.room()?.connector()),
            None => self.real_door(),
        }
    }

    /// Returns the address of a place the app may open. Only the one gate in `connector::links` makes addresses.
    ///
    /// # Errors
    /// [`Code::LinkRefused`], or [`Code::DomainUnset`] before the domain is known.
    pub(crate) async fn address(&self, id: Option<&ConnectionId>, link: &LinkTarget) -> Result<String, Problem> {
        let url = match id {
            Some(id) => self.of(id)?.link(Some(id), link).await?,
            None => links::address(link, None)?,
        };
        Ok(url.into())
    }

    /// Forgets a secret and returns what is left of the connection.
    ///
    /// # Errors
    /// The keychain's or the database's problem.
    pub(crate) async fn forget_secret(&self, id: &ConnectionId, name: SecretName) -> Result<ConnectionView, Problem> {
        let door = self.of(id)?;
        door.forget_secret(id, name).await?;
        door.connection(id).await
    }

    /// Tells whether the system is to ask who sits there before a token is copied. Practice alone opens no real database, knows
    /// no policy and keeps the choice for the run.
    ///
    /// # Errors
    /// The database's problem.
    pub(crate) async fn asks_before_copying(&self) -> Result<bool, Problem> {
        if self.practice_only() {
            return Ok(!self.0.asks_no_more.load(Ordering::Relaxed));
        }
        self.real_door()?.asks_before_copying().await
    }

    /// Keeps a choice, and returns how it stands.
    ///
    /// # Errors
    /// The database's problem.
    pub(crate) async fn keep_asking(&self, choice: Choice) -> Result<bool, Problem> {
        if !self.practice_only() {
            return self.real_door()?.set_asks_before_copying(choice.asks()).await;
        }
        self.0.asks_no_more.store(!choice.asks(), Ordering::Relaxed);
        Ok(choice.asks())
    }

    /// Returns the organisation's policy. Practice alone knows none.
    ///
    /// # Errors
    /// What keeps the real database from being used.
    pub(crate) async fn policy(&self) -> Result<PolicyView, Problem> {
        if self.practice_only() { Ok(PolicyView::default()) } else { self.real_door()?.policy().await }
    }

    /// Returns what a copy button is to copy, given leave.
    ///
    /// # Errors
    /// [`Code::DomainUnset`], [`Code::TokenMissing`], the keychain's or the database's problem.
    pub(crate) async fn clip(&self, id: &ConnectionId, leave: Leave) -> Result<Clip, Problem> {
        let door = self.of(id)?;
        let view = door.connection(id).await?;
        Ok(match leave.what() {
            CopyWhat::OktaDomain => Clip::Plain(view.okta_url.ok_or(Code::DomainUnset)?),
            CopyWhat::TokenName => Clip::Plain(view.setup.token_name),
            CopyWhat::CredentialName => Clip::Plain(view.setup.credential_name),
            CopyWhat::NewTokenName => Clip::Plain(view.rotation.ok_or(Code::StepNotReady)?.token_name),
            CopyWhat::NewApiToken => Clip::Secret(door.secret(id, SecretName::NextOktaToken).await?),
            CopyWhat::ApiToken => Clip::Secret(door.secret(id, SecretName::OktaToken).await?),
        })
    }

    /// Returns the digests of a connection's secrets, to find one on the clipboard.
    ///
    /// # Errors
    /// The database's problem. A secret the keychain does not give is left out.
    pub(crate) async fn digests(&self, id: &ConnectionId) -> Result<Vec<Digest>, Problem> {
        let door = self.of(id)?;
        let mut digests = Vec::new();
        for state in door.connection(id).await?.secrets {
            if let Ok(secret) = door.secret(id, state.name).await {
                digests.push(clipboard::digest(&secret));
            }
        }
        Ok(digests)
    }

    /// Returns every connection: the real ones, then those of practice.
    ///
    /// # Errors
    /// What keeps a database from being read.
    pub(crate) async fn connections(&self) -> Result<Vec<ConnectionView>, Problem> {
        let mut all = if self.practice_only() { Vec::new() } else { self.real_door()?.connections().await? };
        let room = self.lock_practice().clone();
        if let Some(room) = room {
            all.extend(room.connector().connections().await?);
        }
        Ok(all)
    }

    /// Returns every door that is open: the real one, then practice.
    pub(crate) fn open_doors(&self) -> Vec<Connector> {
        let room = self.lock_practice().as_ref().map(|room| room.connector());
        self.real_door().into_iter().chain(room).collect()
    }

    /// Begins a guide: a real one or, when only practice was asked for, one with the practice organisation.
    ///
    /// # Errors
    /// What keeps the database from being used, or the practice organisation from starting.
    pub(crate) async fn begin_setup(&self, messages: &Messages) -> Result<ConnectionView, Problem> {
        if self.practice_only() { self.begin_practice(messages).await } else { self.real_door()?.begin_setup().await }
    }

    /// Begins a guide with the practice organisation, which is started once per run and called as the window speaks.
    ///
    /// # Errors
    /// [`Code::PracticeFailed`] with the reason.
    pub(crate) async fn begin_practice(&self, messages: &Messages) -> Result<ConnectionView, Problem> {
        let _gate = self.0.starting.lock().await;
        let open = self.lock_practice().clone();
        let room = match open {
            Some(room) => room,
            None => {
                let room = Arc::new(Room::start(&self.0.home).await?);
                *self.lock_practice() = Some(Arc::clone(&room));
                room
            }
        };
        room.begin(messages.text(keys::PRACTICE_NAME, &[])).await
    }

    /// Returns the practice organisation of this run.
    ///
    /// # Errors
    /// [`Code::PracticeEnded`] when there is none.
    pub(crate) fn room(&self) -> Result<Arc<Room>, Problem> {
        self.lock_practice().clone().ok_or_else(|| Problem::new(Code::PracticeEnded))
    }

    /// Passes a result on and, when it worked, tells tray and window that the connection changed.
    pub(crate) fn tell<T>(&self, id: &ConnectionId, result: Result<T, Problem>) -> Result<T, Problem> {
        if result.is_ok() {
            // Nobody may be listening yet; then there is nobody to tell.
            drop(self.0.changed.send(id.clone()));
        }
        result
    }

    /// As [`Doors::tell`], where a part was perhaps done although the rest was refused.
    pub(crate) fn tell_in_any_case<T>(&self, id: &ConnectionId, result: Result<T, Problem>) -> Result<T, Problem> {
        drop(self.0.changed.send(id.clone()));
        result
    }

    /// As [`Doors::tell`], for a connection that was just made.
    pub(crate) fn tell_new(&self, made: Result<ConnectionView, Problem>) -> Result<ConnectionView, Problem> {
        let view = made?;
        let id = view.connection.id.clone();
        self.tell(&id, Ok(view))
    }

    /// As [`Doors::tell`], for every connection that an import made.
    pub(crate) fn tell_imported(&self, done: Result<ImportOutcome, Problem>) -> Result<ImportOutcome, Problem> {
        let outcome = done?;
        for one in &outcome.added {
            self.tell(&one.id, Ok(()))?;
        }
        Ok(outcome)
    }

    /// Listens to changes.
    pub(crate) fn changes(&self) -> broadcast::Receiver<ConnectionId> {
        self.0.changed.subscribe()
    }

    /// Ends practice: its connections, its keychain entries and its folder are removed.
    pub(crate) async fn end_practice(&self) {
        let room = self.lock_practice().take();
        if let Some(room) = room {
            room.forget_everything().await;
        }
    }

    /// Returns the door to the real connections.
    ///
    /// # Errors
    /// What keeps the database from being used; [`Code::ConnectionUnknown`] in a run for practice alone.
    pub(crate) fn real_door(&self) -> Result<Connector, Problem> {
        self.real().clone().unwrap_or_else(|| Err(Problem::new(Code::ConnectionUnknown)))
    }

    fn real(&self) -> MutexGuard<'_, Option<Result<Connector, Problem>>> {
        self.0.real.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_practice(&self) -> MutexGuard<'_, Option<Arc<Room>>> {
        self.0.practice.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open_real(home: &Home) -> Result<Connector, Problem> {
    Connector::open(ConnectorConfig {
        data_dir: home.data_dir.clone(),
        keychain: home.vault.clone(),
        web: HttpClient::default(),
        clock: home.clock.clone(),
        operator: home.operator.clone(),
        policy: home.policy.clone(),
    })
}
