//! The organisation's policy: what it fixes wins over what is kept here. Practice knows none.

use std::sync::PoisonError;

use super::Connector;
use crate::place::PolicyPlace;
use crate::policy;
use model::code::Code;
use model::policy::{Policy, PolicyState, PolicyView};
use model::problem::Problem;

/// Whether the system asks who sits there before a token is copied.
const ASK_BEFORE_COPYING: &str = "ask_before_copying";

/// Reads the policy at a place, apart from any data folder.
#[must_use]
pub fn policy_at(place: &PolicyPlace) -> PolicyView {
    policy::read(place)
}

impl Connector {
    /// Returns the organisation's policy as its file says it now.
    ///
    /// # Errors
    /// [`Code::Internal`].
    pub async fn policy(&self) -> Result<PolicyView, Problem> {
        let Some(place) = self.0.policy.clone().filter(|_| self.practice().is_none()) else {
            return Ok(PolicyView::default());
        };
        let read = tokio::task::spawn_blocking(move || policy::read(&place)).await;
        let view = read.map_err(|_| Problem::new(Code::Internal))?;
        self.note(&view);
        Ok(view)
    }

    /// Tells whether the system is to ask who sits there before a token is copied: yes, unless it was switched off.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn asks_before_copying(&self) -> Result<bool, Problem> {
        match self.policy().await?.fixed.ask_before_copying {
            Some(fixed) => Ok(fixed),
            None => Ok(self.setting(ASK_BEFORE_COPYING).await?.unwrap_or(true)),
        }
    }

    /// Keeps whether it is to ask, unless that is fixed; returns how it stands.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn set_asks_before_copying(&self, asks: bool) -> Result<bool, Problem> {
        if self.policy().await?.fixed.ask_before_copying.is_none() {
            self.put_setting(ASK_BEFORE_COPYING, asks).await?;
        }
        self.asks_before_copying().await
    }

    /// Returns whether the app is to start with the computer when this is wanted: as it is fixed, else as it is wanted.
    ///
    /// # Errors
    /// [`Code::Internal`].
    pub async fn launches_at_login(&self, wanted: bool) -> Result<bool, Problem> {
        Ok(self.policy().await?.fixed.launch_at_login.unwrap_or(wanted))
    }

    /// Returns what is fixed.
    pub(super) async fn fixed(&self) -> Result<Policy, Problem> {
        Ok(self.policy().await?.fixed)
    }

    /// Logs how it stands with the policy, once for each change.
    fn note(&self, view: &PolicyView) {
        let code = view.problem.as_ref().map(|problem| problem.code);
        let now = (view.standing, code);
        let mut noted = self.0.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *noted, now) == now {
            return;
        }
        match (view.standing, code) {
            (PolicyState::NotBelieved, Some(code)) => tracing::warn!(%code, "the policy file is not believed"),
            (PolicyState::NotBelieved, None) => {}
            (PolicyState::Believed, _) => tracing::info!(remarks = view.remarks.len(), "a policy file holds"),
            (PolicyState::Absent, _) => tracing::info!("there is no policy file any more"),
        }
    }
}
