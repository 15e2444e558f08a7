//! Both tokens in their places: after a kill, after a change of mind, and when the guide is over.

use std::time::Duration;

use super::Connector;
use super::secrets::bound_to;
use crate::model::{
    Code, ConnectionId, ConnectionView, InUse, Problem, Revoked, Rotation, RotationStep, SecretName, SecretState,
    SetupState,
};
use crate::rotation::{self, Held};
use crate::store::{self, Guard, StoreError};

/// The three names of the two tokens.
const NAMES: [SecretName; 3] = [SecretName::OktaToken, SecretName::NextOktaToken, SecretName::PreviousOktaToken];
/// How often, and how long apart, the connection's lock is tried: a look of monitoring holds it for seconds.
const TURNS: (u32, Duration) = (40, Duration::from_millis(250));

impl Connector {
    /// Puts both tokens where the guide's step wants them, whatever was interrupted, and returns the connection.
    ///
    /// # Errors
    /// The keychain's or the store's problem.
    pub async fn resume_rotation(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        if self.rotation(id).await?.is_some() {
            let _alone = self.alone(id).await?;
            self.settled(id).await?;
        }
        self.connection(id).await
    }

    /// Settles the tokens as the step wants them, and the store's index of them; what is over is tidied up.
    pub(super) async fn settled(&self, id: &ConnectionId) -> Result<Held, Problem> {
        let connection = self.plain(id).await?;
        let origin = bound_to(&connection, SecretName::OktaToken)?;
        let Some(open) = self.rotation(id).await? else { return Ok(Held::look(&self.0.vault, id, &origin).await?) };
        let held = Held::look(&self.0.vault, id, &origin).await?;
        if let Some(step) = mended(&open, held) {
            self.change_rotation(id, move |open| Rotation { step, report: None, updated: None, ..open }).await?;
        }
        let wanted = self.rotation(id).await?.map_or(InUse::Old, |open| open.step.wanted());
        let (mut held, moved) = rotation::settle(&self.0.vault, id, &origin, wanted).await?;
        if open.finished.is_some() && held.okta && (held.next || held.previous) {
            self.forget_the_other(id).await?;
            held = Held::look(&self.0.vault, id, &origin).await?;
        }
        self.index(id, moved).await?;
        Ok(held)
    }

    /// Closes the guide: what became of the old token is written first, then it is forgotten here.
    pub(super) async fn close_rotation(&self, id: &ConnectionId, revoked: Revoked) -> Result<ConnectionView, Problem> {
        let now = self.0.clock.now();
        self.change_rotation(id, move |open| rotation::finish(open, revoked, now)).await?;
        self.settled(id).await?;
        let name = self.rotation(id).await?.map(|over| over.token_name).unwrap_or_default();
        self.change_setup(id, move |state| SetupState { token_name: name, ..state }).await?;
        self.want_full_look(id).await?;
        self.connection(id).await
    }

    /// Forgets the guide, the newest that is over included, because the token itself is replaced or forgotten elsewhere.
    pub(super) async fn drop_rotation(&self, id: &ConnectionId) -> Result<(), Problem> {
        if self.rotation(id).await?.is_some() {
            self.forget_the_other(id).await?;
            let of = id.clone();
            self.stored(move |store| store.put_rotation(&of, None)).await?;
        }
        Ok(())
    }

    /// Takes the connection's lock, waiting its turn.
    pub(super) async fn alone(&self, id: &ConnectionId) -> Result<Guard, Problem> {
        let (turns, pause) = TURNS;
        for _ in 1..turns {
            match store::lock(&self.0.data_dir, id) {
                Err(StoreError::Busy) => self.0.clock.sleep(pause).await,
                taken => return Ok(taken?),
            }
        }
        Ok(store::lock(&self.0.data_dir, id)?)
    }

    pub(super) async fn rotation(&self, id: &ConnectionId) -> Result<Option<Rotation>, Problem> {
        let id = id.clone();
        self.stored(move |store| store.rotation(&id)).await
    }

    pub(super) async fn change_rotation(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(Rotation) -> Rotation + Send + 'static,
    ) -> Result<(), Problem> {
        let id = id.clone();
        let changed = self
            .stored(move |store| match store.rotation(&id)? {
                Some(open) => store.put_rotation(&id, Some(&change(open))).map(|()| true),
                None => Ok(false),
            })
            .await?;
        if changed { Ok(()) } else { Err(Problem::new(Code::StepNotReady)) }
    }

    async fn forget_the_other(&self, id: &ConnectionId) -> Result<(), Problem> {
        for name in [SecretName::NextOktaToken, SecretName::PreviousOktaToken] {
            self.0.vault.forget(id, name).await?;
            let of = id.clone();
            self.stored(move |store| store.forget_secret_state(&of, name)).await?;
        }
        Ok(())
    }

    /// Brings the store's index in step with the keychain: what is there, and since when the token in use is in use.
    async fn index(&self, id: &ConnectionId, moved: bool) -> Result<(), Problem> {
        let (now, of) = (self.0.clock.now(), id.clone());
        let known = self.stored(move |store| store.secret_states(&of)).await?;
        for name in NAMES {
            let noted = known.iter().any(|state| state.name == name);
            let of = id.clone();
            match self.0.vault.has(id, name).await? {
                Some((origin, this_run_only)) if !noted || (moved && name == SecretName::OktaToken) => {
                    let state = SecretState { name, since: Some(now), bound_to: Some(origin), this_run_only };
                    self.stored(move |store| store.put_secret_state(&of, &state)).await?;
                }
                None if noted => self.stored(move |store| store.forget_secret_state(&of, name)).await?,
                Some(_) | None => {}
            }
        }
        Ok(())
    }
}

/// The step to fall back to when the new token is no longer in the keychain.
fn mended(open: &Rotation, held: Held) -> Option<RotationStep> {
    let new_is_gone = match open.step.wanted() {
        InUse::Old => open.step == RotationStep::Update && !held.next && (!held.previous || held.okta_is_previous),
        InUse::New => !held.next && held.previous && (!held.okta || held.okta_is_previous),
    };
    (new_is_gone && open.finished.is_none()).then_some(RotationStep::Paste)
}
