//! Blocks and unblocks addresses through the blocklist zone.

use model::action::{ActionKind, TargetPreview, TargetState};
use model::action_audit::AuditEntry;
use model::action_notes::{ActionRefusal, Noted};
use model::action_run::{PartResult, TargetResult};
use model::code::Code;
use model::problem::Problem;

use super::Actions;
use super::acting::Acting;
use super::preview::refused;
use super::run::{Approved, RunContext};

impl Actions {
    pub(super) async fn preview_address(
        &self,
        _acting: &Acting,
        _kind: ActionKind,
        typed: &str,
    ) -> Result<TargetPreview, Problem> {
        Ok(refused(typed, Noted::new(ActionRefusal::NotAnAddress).arg("typed", typed.trim())))
    }

    pub(super) async fn preview_unblock(&self, _acting: &Acting, entry: &AuditEntry) -> Result<TargetPreview, Problem> {
        Ok(refused(entry.opening.target.label(), Noted::new(ActionRefusal::NotUndoable)))
    }

    pub(super) async fn run_address(
        &self,
        _context: &RunContext<'_>,
        _target: &Approved<'_>,
        _range: &str,
    ) -> Result<TargetResult, Problem> {
        Err(Problem::new(Code::Internal))
    }

    pub(super) async fn blocked(&self, _acting: &Acting) -> Result<model::action_audit::BlockedNow, Problem> {
        Err(Problem::new(Code::Internal))
    }

    pub(super) async fn recovered_address(
        &self,
        _acting: &Acting,
        _entry: &AuditEntry,
        _range: &str,
    ) -> (Vec<PartResult>, TargetState) {
        (Vec::new(), TargetState::Unknown)
    }
}
