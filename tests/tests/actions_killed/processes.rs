//! The two processes: one that runs an action over all users until it is killed, and one that resolves what is left.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests: the parent process reads what is printed")]

use std::path::PathBuf;

use connector::{Connector, ConnectorConfig, PracticeAddresses};
use http_client::HttpSettings;
use model::action::{ActionApproval, ActionKind, ActionPart, ActionRequest};
use model::action_audit::{AuditEntry, AuditFilter, AuditQuery};
use model::connection::ConnectionId;
use runtime::Clock;
use secrets::Keychain;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// The environment variable with the plan.
pub(crate) const PLAN: &str = "CONNECTOR_PLAN";

/// What both processes need.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) folder: PathBuf,
    /// Service of the keychain.
    pub(crate) service: String,
    /// The connection.
    pub(crate) id: String,
    pub(crate) token: String,
    /// Ids of the users.
    pub(crate) users: Vec<String>,
}

impl Plan {
    pub(crate) fn written(&self) -> String {
        let Self { folder, service, id, token, users } = self;
        json!({"folder": folder, "service": service, "id": id, "token": token, "users": users}).to_string()
    }

    fn read() -> Self {
        let plan: Value = serde_json::from_str(&std::env::var(PLAN).unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            folder: text(&plan["folder"]).into(),
            service: text(&plan["service"]),
            id: text(&plan["id"]),
            token: text(&plan["token"]),
            users: plan["users"].as_array().unwrap().iter().map(text).collect(),
        }
    }

    /// Opens the folder, with the token for actions.
    async fn open(&self) -> (Connector, ConnectionId) {
        let (connector, id) = (opened(self.folder.clone(), &self.service), ConnectionId(self.id.clone()));
        // The process that wrote the plan runs the practice organization.
        connector.connections().join_practice(PracticeAddresses::new("", "", ""));
        connector.actions().use_token(&id, self.token.clone().into()).await.unwrap();
        (connector, id)
    }
}

pub(crate) fn opened(data_dir: PathBuf, service: &str) -> Connector {
    Connector::open(ConnectorConfig {
        data_dir,
        keychain: Keychain::system(service),
        http: HttpSettings::default(),
        clock: Clock::system(),
        operator: "admin".to_owned(),
        policy: None,
    })
    .unwrap()
}

/// Locks down every user.
pub(crate) async fn run() {
    let plan = Plan::read();
    let (connector, connection) = plan.open().await;
    let request = ActionRequest { connection, kind: ActionKind::LockDown, targets: plan.users };
    let preview = connector.actions().preview(&request).await.unwrap();
    let approval = ActionApproval {
        preview: preview.id,
        reason: "suspicious sign-ins".to_owned(),
        ticket: None,
        ends_at: None,
        typed: Vec::new(),
    };
    connector.actions().run(&approval, &CancellationToken::new(), |_| {}).await.unwrap();
}

/// Resolves the open entries and prints the audit.
pub(crate) async fn resolve() {
    let plan = Plan::read();
    let (connector, id) = plan.open().await;
    let actions = connector.actions();
    let before = actions.verify_audit(&id).await.unwrap();
    actions.resolve_open_entries(&id).await.unwrap();
    let after = actions.verify_audit(&id).await.unwrap();
    let query = AuditQuery { connection: id, filter: AuditFilter::default(), before: None, limit: 200 };
    let entries: Vec<Value> = actions.audit(query).await.unwrap().entries.iter().map(shown).collect();
    let found = json!({"before": before.state.as_str(), "open_before": before.open, "after": after.state.as_str(),
        "open_after": after.open, "entries": entries});
    println!("{found}");
}

fn shown(entry: &AuditEntry) -> Value {
    let of = |part: ActionPart| {
        let parts = entry.closing.as_ref().map(|closing| closing.parts.as_slice()).unwrap_or_default();
        parts.iter().find(|one| one.part == part).map(|one| one.outcome.as_str())
    };
    json!({"user": entry.opening.target.key(), "suspend": of(ActionPart::Suspend), "end_sessions": of(ActionPart::EndSessions),
        "recovered": entry.closing.as_ref().is_some_and(|closing| closing.is_recovered)})
}
