//! Replaces the API token without a gap: both tokens are kept until Radiant receives events with the new one; then the old one
//! is revoked with itself.
//!
//! After a kill at any time, the token in use is under `OktaToken` or is put back there. When this app keeps no API token, the
//! new one only passes through and no token is moved. A token is never revoked while this app uses it. The revocation is
//! requested once; after a lost response its result is read and the request is not repeated. What was verified and what was
//! confirmed are kept apart.

mod finding_recorder;
mod new_token_facts;
mod proof_start_time;
mod revocation;
mod step_rules;

use tokio_util::sync::CancellationToken;

use crate::arrival_watch::{After, ArrivalWatch, watch};
use crate::connection_clients::Access;
use crate::connection_repository::{ConnectionRepository, request_full_check};
use crate::owner_comparison::compare_owners;
use crate::probes;
use crate::run_inputs::{RunInputs, okta_token_name};
use crate::token_store::open_rotation;
use model::arrival::{Arrival, ArrivalTick};
use model::check::{CheckId, CheckProgress, CheckReport, FactKey, Outcome};
use model::code::Code;
use model::connection::{ConnectionId, Keep};
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::rotation::{Attestation, RevocationStatus, Rotation, RotationStep, TokenInUse};
use model::rotation_step_marks::NEW_TOKEN_CHECKS;
use model::secret_name::SecretName;
use okta::Okta;
use revocation::Revocation;

/// The rotation of each connection's API token.
pub struct Rotations {
    pub(crate) records: ConnectionRepository,
    pub(crate) access: Access,
    pub(crate) operator: String,
}

impl Rotations {
    /// Starts a rotation, or resumes the open one. When this app is to keep no API token, the new one passes through.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before the guide is finished, [`Code::TokenMissing`] when the token that is kept is gone.
    pub async fn begin(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let view = self.resume(id).await?;
        if view.rotation.as_ref().is_some_and(|rotation| rotation.finished.is_none()) {
            return Ok(view);
        }
        if view.setup.finished.is_none() {
            return Err(Problem::new(Code::StepNotReady));
        }
        let pass_through = view.connection.keep != Keep::Token && !view.has_secret(SecretName::OktaToken);
        if !pass_through {
            self.access.tokens.get(&view.connection, SecretName::OktaToken).await?;
        }
        let new = Rotation { pass_through, ..step_rules::begin(old_token_name(&view), self.records.clock.now()) };
        let (views, id) = (self.records.views().await?, id.clone());
        self.records
            .write(move |tx| {
                // Another process may have started one meanwhile.
                tx.update(&id, |newest: Option<Rotation>| newest.filter(|one| one.finished.is_none()).or(Some(new)))?;
                Ok(views.of(tx, &id)?)
            })
            .await
    }

    /// Moves both tokens to where the rotation's step wants them, whatever was interrupted, and returns the connection.
    ///
    /// # Errors
    /// The keychain's or the store's problem.
    pub async fn resume(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        if self.access.tokens.rotation(id).await?.is_some() {
            let _lock = self.access.tokens.lock(id).await?;
            self.access.tokens.reconcile_tokens(id).await?;
        }
        self.records.view(id).await
    }

    /// Checks the new token with the connection's profile, and compares the owners of both tokens. The old token stays in use.
    ///
    /// # Errors
    /// [`Code::TokenMissing`] before the new token is pasted, [`Code::Cancelled`] when another one was pasted meanwhile, so that
    /// nothing is stored, or the store's problem. What a check finds is a row, not an error.
    pub async fn check_new_token(
        &self,
        id: &ConnectionId,
        cancel: CancellationToken,
        on_progress: impl Fn(CheckProgress) + Send + Sync + 'static,
    ) -> Result<CheckReport, Problem> {
        let open = self.access.tokens.open_rotation(id, TokenInUse::Old).await?;
        let settings = self.records.settings.get().await?;
        let view = self.records.view_with(id, &settings).await?;
        let tokens = RunInputs::named(&[SecretName::NextOktaToken], &view.connection, &view.secrets);
        let new = self.access.tokens.get(&view.connection, SecretName::NextOktaToken).await?;
        let mut input = self.access.probe_input(&view.connection, &view.setup, &settings).await?;
        input.target.token = Ok(new);
        // The profile that Radiant needs, whichever token this app monitors with.
        input.target.profile = view.connection.profile;
        input.target.token_name = open.token_name.clone();
        input.history.guide_since = Some(open.since);
        input.history.roles = None;
        let run = self.access.tokens.runs.begin(id, &cancel);
        // Read after the run is registered: a later change of it ends the run.
        input.target.accepted = self.access.accepted(id).await?;
        let report = probes::run(&input, Some(&NEW_TOKEN_CHECKS), None, &run.cancel, &on_progress).await.report;
        if run.is_replaced() || !finding_recorder::is_current(&self.records, id, &tokens).await? {
            return Err(Problem::new(Code::Cancelled));
        }
        let old = self.access.okta_with(&view, SecretName::OktaToken).await.ok();
        let new = self.access.okta_with(&view, SecretName::NextOktaToken).await?;
        let is_accepted = report.row(CheckId::Token).is_some_and(|row| row.outcome == Outcome::Passed);
        let owners = if is_accepted { compare_owners(old.as_ref(), &new).await.ok() } else { None };
        let checked = Some(report.clone());
        let change = |open| Rotation { report: checked, owners, other_owner: None, ..open };
        finding_recorder::store(&self.records, id, tokens, &open, change).await?;
        Ok(report)
    }

    /// Accepts another owner of the new token, or withdraws that.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] when no rotation is open; the store's problem.
    pub async fn accept_other_owner(&self, id: &ConnectionId, yes: bool) -> Result<ConnectionView, Problem> {
        let other_owner = yes.then(|| self.attestation());
        self.update_before_switch(id, |_| true, |open| Rotation { other_owner, ..open }).await
    }

    /// Confirms that the credential in Radiant has the new token, or withdraws that.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before the new token is checked; the store's problem.
    pub async fn confirm_credential_updated(&self, id: &ConnectionId, yes: bool) -> Result<ConnectionView, Problem> {
        let updated_by_okta = if yes { self.okta_time(id).await.ok() } else { None };
        let updated = yes.then(|| self.attestation());
        let is_ready = |open: &Rotation| open.step == RotationStep::Update;
        let change = move |open| Rotation { updated, updated_by_okta, found: None, ..open };
        self.update_before_switch(id, is_ready, change).await
    }

    /// Goes to a step. The step is stored first and the tokens follow: up to the update this app uses the old token, then the
    /// new one, and the other is kept beside it.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before the steps that it depends on are complete; the keychain's or the store's problem.
    pub async fn go_to_step(&self, id: &ConnectionId, step: RotationStep) -> Result<ConnectionView, Problem> {
        let tokens = &self.access.tokens;
        let _lock = tokens.lock(id).await?;
        let held = tokens.reconcile_tokens(id).await?;
        let open = tokens.rotation(id).await?.ok_or(Code::StepNotReady)?;
        if !step_rules::may_go(&open, held, step) {
            return Err(Problem::new(Code::StepNotReady));
        }
        if open.pasted.is_some() && step != RotationStep::Revoke {
            tokens.forget_pasted_old_token(id).await?;
        }
        tokens.update_rotation(id, move |open| Rotation { step, ..open }).await?;
        tokens.reconcile_tokens(id).await?;
        if open.step.token_in_use() != step.token_in_use() {
            let id = id.clone();
            self.records.write(move |tx| Ok(request_full_check(tx, &id)?)).await?;
        }
        self.records.view(id).await
    }

    /// Watches until an event after the switch is found in Radiant, and stores it. Returns `None` when cancelled.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before the switch; when a token is missing or an address cannot be used.
    pub async fn watch(
        &self,
        id: &ConnectionId,
        cancel: CancellationToken,
        on_tick: impl Fn(ArrivalTick) + Send + Sync + 'static,
    ) -> Result<Option<Arrival>, Problem> {
        let mut open = self.access.tokens.open_rotation(id, TokenInUse::New).await?;
        // Before the clients read which issuers are accepted, so that a change of it ends the watch.
        let run = self.access.tokens.runs.begin(id, &cancel);
        let view = self.records.view(id).await?;
        // When no token is kept, the one that passes through is used.
        let passes_through = open.pass_through && view.connection.keep == Keep::Nothing;
        let asked = if passes_through { SecretName::NextOktaToken } else { okta_token_name(&view.connection) };
        let names = [asked, SecretName::RadiantSearchToken];
        let tokens = RunInputs::named(&names, &view.connection, &view.secrets);
        let okta = if passes_through {
            self.access.okta_with(&view, SecretName::NextOktaToken).await?
        } else {
            self.access.okta(&view.connection).await?
        };
        let search = self.access.search(&view.connection).await?;
        let Some(after) = self.start_of_proof(id, &mut open, &tokens, &run.cancel, &on_tick).await? else {
            return Ok(None);
        };
        let sides = ArrivalWatch { okta, search, clock: self.records.clock.clone(), after };
        let Some(found) = watch(&sides, &run.cancel, &on_tick).await else { return Ok(None) };
        let stored = Some(found.clone());
        let kept =
            finding_recorder::store(&self.records, id, tokens, &open, |open| Rotation { found: stored, ..open }).await;
        match kept {
            Ok(()) => Ok(Some(found)),
            Err(problem) if problem.code == Code::Cancelled => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// Watches until an event after the end of the rotation is found in Radiant, and stores it: the old token is revoked and
    /// delivery continues. Returns `None` when cancelled.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before the end; when a token is missing or an address cannot be used.
    pub async fn watch_after_end(
        &self,
        id: &ConnectionId,
        cancel: CancellationToken,
        on_tick: impl Fn(ArrivalTick) + Send + Sync + 'static,
    ) -> Result<Option<Arrival>, Problem> {
        let ended = self.access.tokens.rotation(id).await?.ok_or(Code::StepNotReady)?;
        let finished = ended.finished.ok_or(Code::StepNotReady)?;
        // Before the clients read which issuers are accepted, so that a change of it ends the watch.
        let run = self.access.tokens.runs.begin(id, &cancel);
        let view = self.records.view(id).await?;
        let names = [okta_token_name(&view.connection), SecretName::RadiantSearchToken];
        let tokens = RunInputs::named(&names, &view.connection, &view.secrets);
        let (okta, search) = self.access.okta_and_search(&view.connection).await?;
        let sides = ArrivalWatch { okta, search, clock: self.records.clock.clone(), after: After::Local(finished) };
        let Some(found) = watch(&sides, &run.cancel, &on_tick).await else { return Ok(None) };
        match finding_recorder::store_after_end(&self.records, id, tokens, &ended, found.clone()).await {
            Ok(()) => Ok(Some(found)),
            Err(problem) if problem.code == Code::Cancelled => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// Revokes the old token with itself, once, and forgets it. After a lost response the result is read instead.
    ///
    /// # Errors
    /// [`Code::RevocationRefused`] when Okta refuses it, [`Code::RevocationUnknown`] when the result cannot be read either,
    /// [`Code::TokenMissing`] without the old token; otherwise why Okta did not do it.
    pub async fn revoke_old_token(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let _lock = self.access.tokens.lock(id).await?;
        let (before, okta) = self.old_token_client(id).await?;
        let okta = okta.ok_or(Code::TokenMissing)?;
        let asked = Some(self.records.clock.now());
        self.access.tokens.update_rotation(id, move |open| Rotation { revocation_sent: asked, ..open }).await?;
        match revocation::revoke(&okta).await {
            Revocation::Revoked => self.close(id, RevocationStatus::ByApp, None).await,
            Revocation::RefusedBefore => {
                self.close(id, status_if_refused(&before, RevocationStatus::FoundRefused), None).await
            }
            Revocation::NotRevoked(problem) => {
                self.access.tokens.update_rotation(id, |open| Rotation { revocation_sent: None, ..open }).await?;
                Err(problem)
            }
            Revocation::Unknown(problem) => Err(problem),
        }
    }

    /// Checks whether Okta refuses the old token, after it was revoked in the Admin Console or a response was lost.
    ///
    /// # Errors
    /// [`Code::OldTokenStillValid`], [`Code::RevocationUnknown`] when Okta could not be asked, or [`Code::TokenMissing`]
    /// without the old token.
    pub async fn check_old_token(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let _lock = self.access.tokens.lock(id).await?;
        let (before, okta) = self.old_token_client(id).await?;
        let okta = okta.ok_or(Code::TokenMissing)?;
        if revocation::is_refused(&okta).await? {
            return self.close(id, status_if_refused(&before, RevocationStatus::SeenRefused), None).await;
        }
        self.access.tokens.update_rotation(id, |open| Rotation { revocation_sent: None, ..open }).await?;
        Err(Problem::new(Code::OldTokenStillValid).arg("name", before.old_name))
    }

    /// Stores the administrator's confirmation that the old token is revoked, when it is not kept and cannot be checked.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before the last step, or when the token can be checked; the keychain's or the store's problem.
    pub async fn confirm_old_token_revoked(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let _lock = self.access.tokens.lock(id).await?;
        let (_, okta) = self.old_token_client(id).await?;
        if okta.is_some() {
            return Err(Problem::new(Code::StepNotReady));
        }
        self.close(id, RevocationStatus::ByWord, Some(self.attestation())).await
    }

    /// Ends the rotation early. Before the switch the new token is forgotten and the old one stays in use; after it the old
    /// one is forgotten and the new one stays in use. A token that passes through is forgotten in both cases. Nothing is
    /// revoked.
    ///
    /// # Errors
    /// The keychain's or the store's problem.
    pub async fn cancel(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let tokens = &self.access.tokens;
        let _lock = tokens.lock(id).await?;
        tokens.reconcile_tokens(id).await?;
        let Some(open) = tokens.rotation(id).await?.filter(|open| open.finished.is_none()) else {
            return self.records.view(id).await;
        };
        if open.step.token_in_use() == TokenInUse::New {
            return self.close(id, RevocationStatus::NotYet, None).await;
        }
        tokens.drop_rotation(id).await?;
        self.records.view(id).await
    }

    /// Finishes the rotation: what became of the old token is stored first, then the token is forgotten.
    async fn close(
        &self,
        id: &ConnectionId,
        revoked: RevocationStatus,
        said: Option<Attestation>,
    ) -> Result<ConnectionView, Problem> {
        let (tokens, now) = (&self.access.tokens, self.records.clock.now());
        tokens.update_rotation(id, move |open| step_rules::finish(open, revoked, said, now)).await?;
        tokens.reconcile_tokens(id).await?;
        let (views, id) = (self.records.views().await?, id.clone());
        self.records
            .write(move |tx| {
                if let Some(finished) = tx.rotation(&id)? {
                    new_token_facts::remember_new_token(tx, &id, finished)?;
                }
                request_full_check(tx, &id)?;
                Ok(views.of(tx, &id)?)
            })
            .await
    }

    /// Returns the rotation at its last step, and the client with the old token if that is kept. It is never the client with
    /// the token in use.
    async fn old_token_client(&self, id: &ConnectionId) -> Result<(Rotation, Option<Okta>), Problem> {
        let held = self.access.tokens.reconcile_tokens(id).await?;
        let open = self.access.tokens.open_rotation(id, TokenInUse::New).await?;
        let are_distinct = if open.pass_through {
            !held.previous || (held.next && !held.next_is_previous)
        } else {
            held.okta && !held.okta_is_previous && !held.next
        };
        if open.step != RotationStep::Revoke || !are_distinct {
            return Err(Problem::new(Code::StepNotReady));
        }
        if !held.previous {
            return Ok((open, None));
        }
        let view = self.records.view(id).await?;
        Ok((open, Some(self.access.okta_with(&view, SecretName::PreviousOktaToken).await?)))
    }

    /// Changes the open rotation if the old token is still in use and `is_ready` agrees.
    async fn update_before_switch(
        &self,
        id: &ConnectionId,
        is_ready: impl FnOnce(&Rotation) -> bool + Send + 'static,
        change: impl FnOnce(Rotation) -> Rotation + Send + 'static,
    ) -> Result<ConnectionView, Problem> {
        let (views, id) = (self.records.views().await?, id.clone());
        self.records
            .write(move |tx| {
                let open = open_rotation(tx.rotation(&id)?, TokenInUse::Old)?;
                if !is_ready(&open) {
                    return Err(Problem::new(Code::StepNotReady));
                }
                tx.put(&id, &Some(change(open)))?;
                Ok(views.of(tx, &id)?)
            })
            .await
    }

    fn attestation(&self) -> Attestation {
        Attestation { at: self.records.clock.now(), by: self.operator.clone() }
    }
}

/// Returns the status of a token that Okta refuses: revoked on request, if this app had requested it and lost the response.
fn status_if_refused(before: &Rotation, otherwise: RevocationStatus) -> RevocationStatus {
    if before.revocation_sent.is_some() { RevocationStatus::AfterAsking } else { otherwise }
}

/// Returns the old token's name from Okta's token list, else the one given in the guide. The report of a monitoring token is
/// about that token.
fn old_token_name(view: &ConnectionView) -> String {
    let report = view.report.as_ref().filter(|_| view.connection.keep != Keep::MonitoringToken);
    let row = report.and_then(|report| report.row(CheckId::TokenEntry));
    let fact = row.and_then(|row| row.facts.iter().find(|fact| fact.key == FactKey::TokenName));
    fact.map_or_else(|| view.setup.token_name.clone(), |fact| fact.value.clone())
}
