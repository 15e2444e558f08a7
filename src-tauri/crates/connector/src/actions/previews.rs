//! The previews that may still be approved: each once, and for two minutes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use model::action::{ActionApproval, ActionPreview, PreviewId};
use model::action_rules::is_confirmed;
use model::code::Code;
use model::okta_origin::Origin;
use model::problem::Problem;

/// How long a preview is valid.
pub(super) const VALID_FOR: TimeDelta = TimeDelta::minutes(2);

/// The previews by id, each with the org that it is about. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Previews(Arc<Mutex<HashMap<PreviewId, (ActionPreview, Origin)>>>);

impl Previews {
    pub(super) fn put(&self, preview: ActionPreview, origin: Origin, now: DateTime<Utc>) {
        let mut all = self.lock();
        all.retain(|_, (one, _)| one.expires_at > now);
        all.insert(preview.id.clone(), (preview, origin));
    }

    /// Returns an approved preview and its org, and forgets them. A preview whose approval is incomplete stays valid.
    ///
    /// # Errors
    /// [`Code::ActionReasonMissing`], [`Code::ActionPreviewExpired`], [`Code::ActionNothingToRun`] and
    /// [`Code::ActionNotConfirmed`].
    pub(super) fn take(
        &self,
        approval: &ActionApproval,
        now: DateTime<Utc>,
    ) -> Result<(ActionPreview, Origin), Problem> {
        if approval.reason.trim().is_empty() {
            return Err(Problem::new(Code::ActionReasonMissing));
        }
        let mut all = self.lock();
        all.retain(|_, (one, _)| one.expires_at > now);
        let (preview, _) = all.get(&approval.preview).ok_or(Code::ActionPreviewExpired)?;
        if preview.is_refused() {
            return Err(Problem::new(Code::ActionNothingToRun));
        }
        for (index, target) in preview.targets.iter().enumerate().filter(|(_, target)| target.refusals.is_empty()) {
            let typed = typed_for(approval, index);
            if let Some(missing) =
                target.overrides.iter().find(|one| !typed.iter().any(|text| is_confirmed(text, &one.text)))
            {
                let problem = Problem::new(Code::ActionNotConfirmed).arg("target", target.typed.clone());
                return Err(problem.arg("text", missing.text.clone()));
            }
        }
        all.remove(&approval.preview).ok_or_else(|| Problem::new(Code::ActionPreviewExpired))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PreviewId, (ActionPreview, Origin)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns what was typed for the target with this index.
pub(super) fn typed_for(approval: &ActionApproval, index: usize) -> Vec<&str> {
    let is_of = |target: u32| usize::try_from(target) == Ok(index);
    approval.typed.iter().filter(|one| is_of(one.target)).map(|one| one.text.as_str()).collect()
}
