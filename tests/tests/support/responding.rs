//! Response actions in a story: the token for them, a preview, and its approval with every confirmation typed.
#![expect(clippy::unwrap_used, reason = "tests")]

use model::action::{ActionApproval, ActionKind, ActionPreview, ActionRequest, TypedOverride};
use model::action_run::{ActionRun, TargetResult};
use model::problem::Problem;
use practice::UserAccessState;
use tokio_util::sync::CancellationToken;

use super::TestConnection;

impl TestConnection {
    /// Sets the org's address and holds this token for actions.
    pub(crate) async fn respond_with(&self, token: &str) {
        self.connector.guide().set_domain(&self.id, String::new()).await.unwrap();
        self.connector.actions().use_token(&self.id, token.to_owned().into()).await.unwrap();
    }

    /// Previews an action on these targets.
    pub(crate) async fn preview(&self, kind: ActionKind, targets: &[&str]) -> Result<ActionPreview, Problem> {
        let targets = targets.iter().map(|&target| target.to_owned()).collect();
        self.connector.actions().preview(&ActionRequest { connection: self.id.clone(), kind, targets }).await
    }

    /// Runs a preview with every confirmation typed that it asks for.
    pub(crate) async fn approve(&self, preview: &ActionPreview) -> Result<ActionRun, Problem> {
        let approval = approval(preview);
        self.connector.actions().run(&approval, &CancellationToken::new(), |_| {}).await
    }

    /// Previews and runs an action on one target.
    pub(crate) async fn act(&self, kind: ActionKind, target: &str) -> TargetResult {
        let preview = self.preview(kind, &[target]).await.unwrap();
        assert!(preview.targets[0].refusals.is_empty(), "{target}: {:?}", preview.targets[0].refusals);
        self.approve(&preview).await.unwrap().targets.remove(0)
    }

    /// Returns a user's status in Okta.
    pub(crate) fn status_in_okta(&self, user: &str) -> String {
        self.control().user(user).unwrap()["status"].as_str().unwrap().to_owned()
    }

    pub(crate) fn access_in_okta(&self, user: &str) -> UserAccessState {
        self.control().user_access(user).unwrap()
    }

    /// Returns how many requests that change something reached this path.
    pub(crate) fn changes_asked(&self, method: &str, path: &str) -> usize {
        let requests = self.control().requests();
        requests.iter().filter(|one| one.side == "okta" && one.method == method && one.path == path).count()
    }
}

/// Returns the approval of a preview with every confirmation typed that it asks for.
pub(crate) fn approval(preview: &ActionPreview) -> ActionApproval {
    let overrides = (0..).zip(&preview.targets).flat_map(|(target, one)| {
        one.overrides.iter().map(move |required| TypedOverride { target, text: required.text.clone() })
    });
    ActionApproval {
        preview: preview.id.clone(),
        reason: "suspicious sign-in".to_owned(),
        ticket: None,
        ends_at: None,
        typed: overrides.collect(),
    }
}
