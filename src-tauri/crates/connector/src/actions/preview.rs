//! Builds previews: finds each target, judges it and states what will happen. Changes nothing.

use model::action::{ActionKind, ActionPreview, ActionRequest, ActionTarget, PreviewId, TargetPreview};
use model::action_preview_reasons::{ActionRefusal, Noted};
use model::action_rules;
use model::problem::Problem;
use uuid::Uuid;

use super::previews::VALID_FOR;
use super::run_client::RunClient;
use super::runner::Runner;
use super::target_verdict::{refuse_repeated, refused, run_warnings};

impl Runner {
    /// Builds the preview of a request.
    pub(super) async fn build(
        &self,
        run_client: &RunClient,
        request: &ActionRequest,
    ) -> Result<ActionPreview, Problem> {
        let mut targets = Vec::with_capacity(request.targets.len());
        if request.kind.is_about_addresses() {
            targets = self.addresses.preview_addresses(run_client, request.kind, &request.targets).await?;
        } else {
            for typed in &request.targets {
                if let Some(until) = run_client.has_room_at(self.journal.now()) {
                    let wait = (until - self.journal.now()).to_std().unwrap_or_default();
                    self.journal.records.clock.sleep(wait).await;
                }
                targets.push(self.users.preview_user(run_client, request.kind, typed).await?);
            }
        }
        refuse_repeated(&mut targets);
        Ok(self.preview_of(run_client, request.kind, targets))
    }

    /// Returns a preview that can be approved.
    pub(super) fn preview_of(
        &self,
        run_client: &RunClient,
        kind: ActionKind,
        targets: Vec<TargetPreview>,
    ) -> ActionPreview {
        let now = self.journal.now();
        let preview = ActionPreview {
            id: PreviewId(Uuid::new_v4().to_string()),
            connection: run_client.connection.id.clone(),
            kind,
            expires_at: now + VALID_FOR,
            token_owner: run_client.owner.login.clone(),
            targets,
            reversibility: action_rules::reversibility(kind),
            keeps_running: action_rules::keeps_running(kind).to_vec(),
            warnings: run_warnings(kind),
            is_practice: run_client.connection.is_practice(),
        };
        self.previews.put(preview.clone(), run_client.origin.clone(), now);
        preview
    }

    /// Builds the preview of the undo of an entry.
    pub(super) async fn build_undo(&self, run_client: &RunClient, number: u32) -> Result<ActionPreview, Problem> {
        let entry = self.journal.entry(&run_client.connection.id, number).await?;
        let label = entry.opening.target.label().to_owned();
        let kind = entry.opening.kind;
        let Some(undo) = kind.undo() else {
            let target = refused(&label, Noted::new(ActionRefusal::NotUndoable));
            return Ok(self.preview_of(run_client, kind, vec![target]));
        };
        let target = if let Some(by) = entry.undone_by {
            refused(&label, Noted::new(ActionRefusal::AlreadyUndone).arg("entry", by.to_string()))
        } else if !entry.is_undoable {
            refused(&label, Noted::new(ActionRefusal::NotUndoable))
        } else {
            match &entry.opening.target {
                ActionTarget::User { id, .. } => self.users.undo_user(run_client, &entry, id).await?,
                ActionTarget::Address { .. } => self.addresses.preview_unblock(run_client, &entry).await?,
            }
        };
        Ok(self.preview_of(run_client, undo, vec![target]))
    }
}
