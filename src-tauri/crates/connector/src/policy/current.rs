//! The policy in force for a connector. Its values take precedence over the stored settings.

use std::sync::{Arc, Mutex, PoisonError};

use super::read;
use crate::paths::PolicyPlace;
use crate::practice_addresses::Practice;
use model::code::Code;
use model::policy::{Policy, PolicyState, PolicyView};
use model::problem::Problem;

/// Reads the policy file and logs when its state changes. Clones share what was logged last.
#[derive(Clone)]
pub(crate) struct CurrentPolicy {
    place: Option<PolicyPlace>,
    practice: Practice,
    logged: Arc<Mutex<(PolicyState, Option<Code>)>>,
}

impl CurrentPolicy {
    /// Returns the policy at `place`. A practice organization has none.
    pub(crate) fn new(place: Option<PolicyPlace>, practice: Practice) -> Self {
        Self { place, practice, logged: Arc::default() }
    }

    /// Reads the policy file.
    ///
    /// # Errors
    /// [`Code::Internal`].
    pub(crate) async fn view(&self) -> Result<PolicyView, Problem> {
        let Some(place) = self.place.clone().filter(|_| !self.practice.is_joined()) else {
            return Ok(PolicyView::default());
        };
        let view = tokio::task::spawn_blocking(move || read(&place)).await.map_err(|_| Code::Internal)?;
        self.log_change(&view);
        Ok(view)
    }

    /// Returns the values that the policy fixes.
    pub(crate) async fn fixed(&self) -> Result<Policy, Problem> {
        Ok(self.view().await?.fixed)
    }

    fn log_change(&self, view: &PolicyView) {
        let code = view.problem.as_ref().map(|problem| problem.code);
        let now = (view.standing, code);
        if std::mem::replace(&mut *self.logged.lock().unwrap_or_else(PoisonError::into_inner), now) == now {
            return;
        }
        match (view.standing, code) {
            (PolicyState::NotBelieved, Some(code)) => tracing::warn!(%code, "the policy file is not trusted"),
            (PolicyState::NotBelieved, None) => {}
            (PolicyState::Believed, _) => tracing::info!(findings = view.remarks.len(), "a policy file is in force"),
            (PolicyState::Absent, _) => tracing::info!("the policy file was removed"),
        }
    }
}
