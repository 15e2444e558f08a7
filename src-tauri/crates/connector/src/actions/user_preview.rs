//! Previews actions on users.

use std::collections::BTreeMap;

use model::action::{ActionKind, RequiredOverride, TargetPreview};
use model::action_preview_reasons::{ActionOverride, ActionRefusal, Noted};
use model::problem::Problem;

use super::journal::Journal;
use super::run_client::RunClient;
use super::target_verdict::{judge_user, refused, several};
use super::users::Lookup;

/// Acts on users.
#[derive(Clone)]
pub(super) struct UserActions {
    pub(super) journal: Journal,
}

impl UserActions {
    pub(super) async fn preview_user(
        &self,
        run_client: &RunClient,
        kind: ActionKind,
        typed: &str,
    ) -> Result<TargetPreview, Problem> {
        if typed.trim().is_empty() {
            return Ok(refused(typed, Noted::new(ActionRefusal::NothingTyped)));
        }
        let user = match run_client.look_up(typed).await? {
            Lookup::One(user) => user,
            Lookup::Nobody => {
                return Ok(refused(typed, Noted::new(ActionRefusal::UserNotFound).arg("typed", typed.trim())));
            }
            Lookup::Several { candidates, is_complete } => return Ok(several(typed, candidates, is_complete)),
        };
        let mut preview = judge_user(run_client, kind, typed, &user);
        if kind == ActionKind::LiftLockdown && preview.refusals.is_empty() {
            let undo = self.journal.in_effect(&run_client.connection.id, kind, &user.facts.id).await?;
            match undo {
                Some(entry) => self.compare_with_entry(run_client, &entry, &user, &mut preview).await,
                None => preview.overrides.push(RequiredOverride {
                    reason: ActionOverride::NotSuspendedByApp,
                    args: BTreeMap::new(),
                    text: user.facts.login.clone(),
                }),
            }
        }
        Ok(preview)
    }
}
