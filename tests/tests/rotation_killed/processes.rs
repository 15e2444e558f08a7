//! The two processes of a kill: the first rotates the token until it is killed, the second examines what is left and then
//! finishes or cancels. They share only the data folder and the keychain service.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests; a process tells by its standard output")]

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use connector::{Connector, ConnectorConfig, PracticeAddresses};
use http_client::HttpSettings;
use model::check::{CheckId, Outcome};
use model::code::Code;
use model::connection::ConnectionId;
use model::rotation::RotationStep;
use model::secret_name::SecretName;
use runtime::Clock;
use secrecy::SecretString;
use secrets::{Keychain, Secrets};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// Where a process finds its plan.
pub(crate) const PLAN: &str = "CONNECTOR_KILL_PLAN";
const NAMES: [SecretName; 3] = [SecretName::OktaToken, SecretName::NextOktaToken, SecretName::PreviousOktaToken];
/// How long a process stands still at a boundary; it is killed long before.
const STILL: Duration = Duration::from_secs(120);

/// One thing that is done in the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Begin,
    Paste,
    Check,
    ToUpdate,
    Confirm,
    ToWatch,
    ToRevoke,
    Revoke,
    BackToUpdate,
    Cancel,
}

impl Step {
    /// How many kills fall into it for one into the others: where tokens move, most.
    pub(crate) fn weight(self) -> usize {
        match self {
            Self::Paste | Self::ToWatch | Self::Revoke | Self::BackToUpdate | Self::Cancel => 3,
            Self::Begin | Self::Check | Self::ToUpdate | Self::Confirm | Self::ToRevoke => 1,
        }
    }
}

use Step::{BackToUpdate, Begin, Cancel, Check, Confirm, Paste, Revoke, ToRevoke, ToUpdate, ToWatch};

/// The ways through the guide: to its end; back over the switch and out; out after the switch.
pub(crate) const WALKS: [(&str, &[Step]); 3] = [
    ("to the end", &[Begin, Paste, Check, ToUpdate, Confirm, ToWatch, ToRevoke, Revoke]),
    ("back and out", &[Begin, Paste, Check, ToUpdate, Confirm, ToWatch, BackToUpdate, Cancel]),
    ("out after the switch", &[Begin, Paste, Check, ToUpdate, Confirm, ToWatch, Cancel]),
];

/// What the keychain holds between two of a step's writes, by walk and step: a kill waits for it.
pub(crate) const BETWEEN: [(usize, Step, &str); 8] = [
    (0, ToWatch, "ABA"),
    (0, ToWatch, "BBA"),
    (0, ToWatch, "B-A"),
    (0, Revoke, "B--"),
    (1, BackToUpdate, "BBA"),
    (1, BackToUpdate, "ABA"),
    (1, Cancel, "A--"),
    (2, Cancel, "B--"),
];

/// What both processes are told.
pub(crate) struct Plan {
    pub(crate) folder: PathBuf,
    pub(crate) service: String,
    pub(crate) id: ConnectionId,
    pub(crate) url: String,
    pub(crate) old: String,
    pub(crate) new: String,
    /// Index into [`WALKS`].
    pub(crate) walk: usize,
    /// The boundary at which the walker stands still.
    pub(crate) still: Option<usize>,
    /// Whether the guide is finished after the kill, or canceled.
    pub(crate) finish: bool,
}

impl Plan {
    pub(crate) fn written(&self) -> String {
        json!({"folder": self.folder, "service": self.service, "id": self.id.0, "url": self.url, "old": self.old, "new": self.new,
            "walk": self.walk, "still": self.still, "finish": self.finish})
        .to_string()
    }

    fn read() -> Self {
        let plan: Value = serde_json::from_str(&std::env::var(PLAN).unwrap()).unwrap();
        let text = |name: &str| plan[name].as_str().unwrap().to_owned();
        let number = |name: &str| plan[name].as_u64().map(|number| usize::try_from(number).unwrap());
        Self {
            folder: text("folder").into(),
            service: text("service"),
            id: ConnectionId(text("id")),
            url: text("url"),
            old: text("old"),
            new: text("new"),
            walk: number("walk").unwrap(),
            still: number("still"),
            finish: plan["finish"].as_bool().unwrap(),
        }
    }

    fn open(&self) -> Connector {
        let connector = opened(self.folder.clone(), Keychain::system(&self.service));
        // The process that wrote the plan runs the practice organization.
        connector.connections().join_practice(PracticeAddresses::new("", "", ""));
        connector
    }
}

pub(crate) fn opened(data_dir: PathBuf, keychain: Keychain) -> Connector {
    let (web, clock) = (HttpSettings::default(), Clock::system());
    Connector::open(ConnectorConfig {
        data_dir,
        keychain,
        http: web,
        clock,
        operator: "admin".to_owned(),
        policy: None,
    })
    .unwrap()
}

fn tell(line: &str) {
    println!("{line}");
    std::io::stdout().flush().unwrap();
}

/// Walks, telling each boundary as it comes to it.
pub(crate) async fn walk() {
    let plan = Plan::read();
    let connector = plan.open();
    let steps = WALKS[plan.walk].1;
    for n in 0..=steps.len() {
        tell(&format!("mark {n}"));
        if plan.still == Some(n) {
            std::thread::sleep(STILL);
        }
        if let Some(step) = steps.get(n) {
            take(&connector, &plan, *step).await;
        }
    }
}

async fn take(connector: &Connector, plan: &Plan, step: Step) {
    let id = &plan.id;
    match step {
        Begin => drop(connector.rotation().begin(id).await.unwrap()),
        Paste => paste(connector, plan).await,
        Check => drop(connector.rotation().check_new_token(id, CancellationToken::new(), |_| {}).await.unwrap()),
        Confirm => drop(connector.rotation().confirm_credential_updated(id, true).await.unwrap()),
        ToUpdate | BackToUpdate => go(connector, id, RotationStep::Update).await,
        ToWatch => go(connector, id, RotationStep::Watch).await,
        ToRevoke => go(connector, id, RotationStep::Revoke).await,
        Revoke => drop(connector.rotation().revoke_old_token(id).await.unwrap()),
        Cancel => drop(connector.rotation().cancel(id).await.unwrap()),
    }
}

async fn paste(connector: &Connector, plan: &Plan) {
    connector.tokens().store(&plan.id, SecretName::NextOktaToken, plan.new.clone().into(), false).await.unwrap();
}

async fn go(connector: &Connector, id: &ConnectionId, step: RotationStep) {
    connector.rotation().go_to_step(id, step).await.unwrap();
}

/// Looks at what a kill left: what is held and whether it works, before anything is mended; then finishes or cancels.
pub(crate) async fn look() {
    let plan = Plan::read();
    let connector = plan.open();
    let keychain = Keychain::system(&plan.service);
    let held = held(&plan, &keychain).await;
    let step = connector.connections().get(&plan.id).await.unwrap().rotation.map(|open| format!("{:?}", open.step));
    let works = works(&connector, &plan.id).await;
    connector.rotation().resume(&plan.id).await.unwrap();
    if plan.finish {
        finish(&connector, &plan).await;
    } else {
        connector.rotation().cancel(&plan.id).await.unwrap();
    }
    let works_after = self::works(&connector, &plan.id).await;
    let end = self::held(&plan, &keychain).await;
    tell(
        &json!({"held": held, "step": step, "works": works, "end": end, "works_after": works_after,
        "connections": connector.connections().list().await.unwrap().len()})
        .to_string(),
    );
}

/// What the three names hold: `A` the old token, `B` the new one, `-` nothing.
pub(crate) async fn held(plan: &Plan, keychain: &Keychain) -> String {
    let mut out = String::new();
    for name in NAMES {
        let found = keychain.find(&plan.id, name, &plan.url).await.unwrap();
        let is = |text: &str| found.as_ref().is_some_and(|one| Secrets::same(one, &SecretString::from(text)));
        out.push(match (is(&plan.old), is(&plan.new), found.is_some()) {
            (true, ..) => 'A',
            (_, true, _) => 'B',
            (.., true) => '?',
            (.., false) => '-',
        });
    }
    out
}

async fn works(connector: &Connector, id: &ConnectionId) -> bool {
    let only = [CheckId::Token, CheckId::SystemLog];
    let report = connector.checks().run(id, Some(only.to_vec()), CancellationToken::new(), |_| {}).await.unwrap();
    only.iter().all(|check| report.row(*check).unwrap().outcome == Outcome::Passed)
}

/// Goes on from wherever the guide stands to its end; begins it where it was never begun, or canceled before the switch.
async fn finish(connector: &Connector, plan: &Plan) {
    let id = &plan.id;
    let step = |connector: Connector| async move {
        connector.connections().get(id).await.unwrap().rotation.map(|open| open.step)
    };
    if step(connector.clone()).await.is_none() {
        take(connector, plan, Begin).await;
    }
    if step(connector.clone()).await.is_some_and(|step| step < RotationStep::Update) {
        paste(connector, plan).await;
        take(connector, plan, Check).await;
        go(connector, id, RotationStep::Update).await;
    }
    if step(connector.clone()).await == Some(RotationStep::Update) {
        take(connector, plan, Confirm).await;
        go(connector, id, RotationStep::Watch).await;
    }
    if step(connector.clone()).await == Some(RotationStep::Watch) {
        go(connector, id, RotationStep::Revoke).await;
    }
    if step(connector.clone()).await == Some(RotationStep::Revoke) {
        match connector.rotation().revoke_old_token(id).await {
            Err(problem) if problem.code == Code::TokenMissing => {
                drop(connector.rotation().confirm_old_token_revoked(id).await.unwrap())
            }
            other => drop(other.unwrap()),
        }
    }
    assert_eq!(step(connector.clone()).await, Some(RotationStep::Done));
}
