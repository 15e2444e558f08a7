//! Replacing the API token: the guide's steps up to the last, one method each. The last is in `revoking`.

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::Connector;
use super::secrets::{bound_to, cleaned};
use crate::probes;
use crate::rotation;
use crate::setup::{Watch, watch};
use ::secrets::Secrets;
use http_client::Trust;
use model::arrival::{Arrival, ArrivalTick};
use model::check::{CheckId, CheckProgress, CheckReport, FactKey, Outcome};
use model::code::Code;
use model::connection::{ConnectionId, Keep};
use model::connection_view::ConnectionView;
use model::guide::Confirmable;
use model::problem::Problem;
use model::rotation::{Attestation, RevocationStatus, Rotation, RotationStep, TokenInUse};
use model::secret::SecretName;
use okta::Okta;

/// What is asked with the new token.
const NEW_TOKEN: [CheckId; 12] = [
    CheckId::Domain,
    CheckId::Tls,
    CheckId::Clock,
    CheckId::Token,
    CheckId::Owner,
    CheckId::Roles,
    CheckId::TokenEntry,
    CheckId::SystemLog,
    CheckId::Users,
    CheckId::Zones,
    CheckId::RateLimit,
    CheckId::Capabilities,
];

impl Connector {
    /// Opens the guide for another token, or goes on with the one that is open. Where this app is to keep no API token, the new
    /// one passes through.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before set-up is finished, [`Code::TokenMissing`] when the token that is to be kept is not there.
    pub async fn begin_rotation(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let view = self.resume_rotation(id).await?;
        if view.rotation.as_ref().is_some_and(|rotation| rotation.finished.is_none()) {
            return Ok(view);
        }
        if view.setup.finished.is_none() {
            return Err(Problem::new(Code::StepNotReady));
        }
        let passing = view.connection.keep != Keep::Token && !view.has_secret(SecretName::OktaToken);
        if !passing {
            self.kept(&view.connection, SecretName::OktaToken).await?;
        }
        let fresh = Rotation { passing, ..rotation::begin(old_name(&view), self.0.clock.now()) };
        let (views, id) = (self.views().await?, id.clone());
        self.write(move |tx| {
            // Another process may have opened one meanwhile.
            tx.update(&id, |newest: Option<Rotation>| newest.filter(|one| one.finished.is_none()).or(Some(fresh)))?;
            Ok(views.of(tx, &id)?)
        })
        .await
    }

    /// Keeps the new token beside the old one, or for the time of the guide where it only passes through.
    ///
    /// # Errors
    /// What the pasted text is instead of a token, [`Code::TokenSameAsOld`], [`Code::TokenIsMonitoring`],
    /// [`Code::StepNotReady`] once it is in use, or the keychain's problem.
    pub(super) async fn store_new_token(
        &self,
        id: &ConnectionId,
        pasted: SecretString,
        this_run_only: bool,
    ) -> Result<ConnectionView, Problem> {
        let name = SecretName::NextOktaToken;
        let secret = cleaned(name, &pasted)?;
        let _alone = self.alone(id).await?;
        let open = self.open_rotation(id, TokenInUse::Old).await?;
        let connection = self.plain(id).await?;
        let origin = bound_to(&connection, name)?;
        self.is_not(&connection, SecretName::MonitoringToken, &secret, Code::TokenIsMonitoring).await?;
        // It is kept where the old one is, so that the two can change places.
        let this_run_only = if open.passing {
            this_run_only
        } else if Secrets::same(&self.kept(&connection, SecretName::OktaToken).await?, &secret) {
            return Err(Problem::new(Code::TokenSameAsOld));
        } else {
            self.0.secrets.is_for_this_run(id, SecretName::OktaToken)
        };
        self.change_rotation(id, unchecked).await?;
        self.0.secrets.keep(id, name, &origin, &secret, this_run_only).await?;
        self.connection(id).await
    }

    /// Forgets the new token, to paste another.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] once it is in use; the keychain's or the store's problem.
    pub(super) async fn forget_new_token(&self, id: &ConnectionId) -> Result<(), Problem> {
        let _alone = self.alone(id).await?;
        self.open_rotation(id, TokenInUse::Old).await?;
        self.change_rotation(id, unchecked).await?;
        Ok(self.0.secrets.forget(id, SecretName::NextOktaToken).await?)
    }

    /// Checks the new token against the same profile, and whose the two tokens are. The old one stays in use.
    ///
    /// # Errors
    /// [`Code::TokenMissing`] before one is pasted, or the store's problem. What a check finds is a row, not an error.
    pub async fn check_new_token(
        &self,
        id: &ConnectionId,
        cancel: CancellationToken,
        news: impl Fn(CheckProgress) + Send + Sync + 'static,
    ) -> Result<CheckReport, Problem> {
        let open = self.open_rotation(id, TokenInUse::Old).await?;
        let settings = self.monitor_settings().await?;
        let view = self.connection_by(id, &settings).await?;
        let new = self.kept(&view.connection, SecretName::NextOktaToken).await?;
        let mut input = self.probe_input(&view.connection, &view.setup, &settings).await?;
        input.target.token = Ok(new);
        // The profile that Radiant needs, whichever token this app monitors with.
        input.target.profile = view.connection.profile;
        input.target.token_name = open.token_name;
        input.history.guide_since = Some(open.since);
        input.history.roles = None;
        let report = probes::run(&input, Some(&NEW_TOKEN), None, &cancel, &news).await.report;
        let (old, new) =
            (self.door(&view, SecretName::OktaToken).await, self.door(&view, SecretName::NextOktaToken).await?);
        let accepted = report.row(CheckId::Token).is_some_and(|row| row.outcome == Outcome::Passed);
        let owners = if accepted { rotation::owners(old.ok().as_ref(), &new).await.ok() } else { None };
        let kept = report.clone();
        self.change_rotation(id, move |open| Rotation { report: Some(kept), owners, other_owner: None, ..open })
            .await?;
        Ok(report)
    }

    /// Notes, or takes back, that another owner is right.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] when no guide is open; the store's problem.
    pub async fn accept_other_owner(&self, id: &ConnectionId, yes: bool) -> Result<ConnectionView, Problem> {
        let word = yes.then(|| self.word());
        self.change_open_rotation(id, |_| true, move |open| Rotation { other_owner: word, ..open }).await
    }

    /// Notes, or takes back, that the credential in Radiant holds the new token.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before the new token is checked; the store's problem.
    pub async fn confirm_credential_updated(&self, id: &ConnectionId, yes: bool) -> Result<ConnectionView, Problem> {
        let word = yes.then(|| self.word());
        let may = |open: &Rotation| open.step == RotationStep::Update;
        self.change_open_rotation(id, may, move |open| Rotation { updated: word, found: None, ..open }).await
    }

    /// Goes to a step. The step is written first and the tokens follow: up to Update this app uses the old one, then the
    /// new one, and the other is kept beside it.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before what it builds on is done; the keychain's or the store's problem.
    pub async fn go_to_rotation_step(&self, id: &ConnectionId, step: RotationStep) -> Result<ConnectionView, Problem> {
        let _alone = self.alone(id).await?;
        let held = self.settled(id).await?;
        let open = self.rotation(id).await?.ok_or(Code::StepNotReady)?;
        if !rotation::may_go(&open, held, step) {
            return Err(Problem::new(Code::StepNotReady));
        }
        if open.pasted.is_some() && step != RotationStep::Revoke {
            self.forget_pasted(id).await?;
        }
        self.change_rotation(id, move |open| Rotation { step, ..open }).await?;
        self.settled(id).await?;
        if open.step.token_in_use() != step.token_in_use() {
            self.want_full_look(id).await?;
        }
        self.connection(id).await
    }

    /// Watches until an event newer than the switch is found in Radiant, and keeps it. `None` when cancelled.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before the switch; when a token is missing or an address cannot be used.
    pub async fn watch_rotation(
        &self,
        id: &ConnectionId,
        cancel: CancellationToken,
        tell: impl Fn(ArrivalTick) + Send + Sync + 'static,
    ) -> Result<Option<Arrival>, Problem> {
        let open = self.open_rotation(id, TokenInUse::New).await?;
        let view = self.connection(id).await?;
        // Where nothing is kept to ask with, the token that passes through is.
        let okta = if open.passing && view.connection.keep == Keep::Nothing {
            self.door(&view, SecretName::NextOktaToken).await?
        } else {
            self.okta(&view.connection).await?
        };
        let sides = Watch {
            okta,
            search: self.search(&view.connection).await?,
            clock: self.0.clock.clone(),
            after: open.updated.map(|word| word.at),
        };
        let arrival = watch(&sides, &cancel, &tell).await;
        if let Some(found) = arrival.clone() {
            self.change_rotation(id, move |open| Rotation { found: Some(found), ..open }).await?;
        }
        Ok(arrival)
    }

    /// Ends the guide early. Before the switch the new token is forgotten here and the old one stays in use; after it the
    /// new one stays in use and the old one is forgotten here; one that passes through is forgotten either way. Nothing is
    /// revoked.
    ///
    /// # Errors
    /// The keychain's or the store's problem.
    pub async fn cancel_rotation(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let _alone = self.alone(id).await?;
        self.settled(id).await?;
        let Some(open) = self.rotation(id).await?.filter(|open| open.finished.is_none()) else {
            return self.connection(id).await;
        };
        if open.step.token_in_use() == TokenInUse::New {
            return self.close_rotation(id, RevocationStatus::NotYet, None).await;
        }
        self.drop_rotation(id).await?;
        self.connection(id).await
    }

    /// The guide that is open, when this app is to use that token at its step.
    pub(super) async fn open_rotation(&self, id: &ConnectionId, wanted: TokenInUse) -> Result<Rotation, Problem> {
        open(self.rotation(id).await?, wanted)
    }

    /// Changes the guide that is open, where the old token is still in use and `may` agrees.
    async fn change_open_rotation(
        &self,
        id: &ConnectionId,
        may: impl FnOnce(&Rotation) -> bool + Send + 'static,
        change: impl FnOnce(Rotation) -> Rotation + Send + 'static,
    ) -> Result<ConnectionView, Problem> {
        let (views, id) = (self.views().await?, id.clone());
        self.write(move |tx| {
            let open = open(tx.rotation(&id)?, TokenInUse::Old)?;
            if !may(&open) {
                return Err(Problem::new(Code::StepNotReady));
            }
            tx.put(&id, &Some(change(open)))?;
            Ok(views.of(tx, &id)?)
        })
        .await
    }

    /// A door that carries one of the tokens. Only public authorities are trusted with it, unless the administrator accepted
    /// a proxy that reads along.
    pub(super) async fn door(&self, view: &ConnectionView, name: SecretName) -> Result<Okta, Problem> {
        let origin = view.connection.origin.clone().ok_or(Code::DomainUnset)?;
        let token = self.kept(&view.connection, name).await?;
        let accepted = view.setup.has(Confirmable::TlsInspectionAccepted);
        let trust = if accepted { Trust::System } else { Trust::Public };
        Okta::new(&origin, Some(token), trust, &self.0.web, &self.0.clock)
    }

    pub(super) fn word(&self) -> Attestation {
        Attestation { at: self.0.clock.now(), by: self.0.operator.clone() }
    }
}

/// A guide that is open, when this app is to use that token at its step.
fn open(rotation: Option<Rotation>, wanted: TokenInUse) -> Result<Rotation, Problem> {
    let open = rotation.filter(|open| open.finished.is_none() && open.step.token_in_use() == wanted);
    open.ok_or_else(|| Problem::new(Code::StepNotReady))
}

/// Back to the paste step: what was found of another token says nothing of the next one.
fn unchecked(open: Rotation) -> Rotation {
    Rotation {
        step: RotationStep::Paste,
        report: None,
        owners: None,
        other_owner: None,
        updated: None,
        found: None,
        ..open
    }
}

/// The old token's name: as the token list has it, else as it was given in the guide. A monitoring token's report is of that one.
fn old_name(view: &ConnectionView) -> String {
    let report = view.report.as_ref().filter(|_| view.connection.keep != Keep::MonitoringToken);
    let row = report.and_then(|report| report.row(CheckId::TokenEntry));
    let fact = row.and_then(|row| row.facts.iter().find(|fact| fact.key == FactKey::TokenName));
    fact.map_or_else(|| view.setup.token_name.clone(), |fact| fact.value.clone())
}
