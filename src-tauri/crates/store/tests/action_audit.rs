//! The audit: rows are only added, a changed row breaks the chain, and pages and filters find entries.
#![expect(clippy::unwrap_used, reason = "tests")]

use chrono::{DateTime, TimeDelta, Utc};
use model::action::{ActionKind, ActionPart, ActionTarget, TargetState};
use model::action_audit::{AuditClosing, AuditFilter, AuditOpening, AuditQuery, ChainHead, ChainState};
use model::action_run::{ActionOutcome, PartResult};
use model::connection::ConnectionId;
use store::{AuditChain, AuditRow, NewAcknowledgement, Store, StoreError};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 123_456_000).unwrap()
}

fn id() -> ConnectionId {
    ConnectionId("one".to_owned())
}

fn opening(user: &str, reason: &str) -> AuditRow {
    AuditRow::Opened(Box::new(AuditOpening {
        run: "run".to_owned(),
        at: at(0),
        org: "https://acme.okta.com".to_owned(),
        connection_name: "acme".to_owned(),
        operator: "admin".to_owned(),
        token_owner_id: "00u1".to_owned(),
        token_owner: "bot@acme.example".to_owned(),
        kind: ActionKind::LockDown,
        target: ActionTarget::User { id: user.to_owned(), login: format!("{user}@acme.example"), name: String::new() },
        reason: reason.to_owned(),
        ticket: None,
        ends_at: Some(at(0) + TimeDelta::hours(1)),
        undo_of: None,
        parts: vec![ActionPart::Suspend],
        before: TargetState::Unknown,
        chain: ChainState::Empty,
    }))
}

fn closing(entry: u32, outcome: ActionOutcome) -> AuditRow {
    let part = PartResult { part: ActionPart::Suspend, outcome, problem: None, request_id: Some("r1".to_owned()) };
    let closing =
        AuditClosing { at: at(1), outcome, parts: vec![part], after: TargetState::Unknown, is_recovered: false };
    AuditRow::Closed { entry, closing: Box::new(closing) }
}

async fn append(store: &Store, row: AuditRow) -> u32 {
    let added: Result<_, StoreError> = store.write(move |tx| tx.append_audit(&id(), &row)).await;
    added.unwrap().number
}

async fn chain(store: &Store) -> AuditChain {
    store.read(|tx| tx.audit().chain(&id(), None)).await.unwrap()
}

#[tokio::test]
async fn what_is_added_is_read_back_and_forms_a_chain() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let row = opening("00u2", "suspicious");
    let entry = append(&store, row.clone()).await;
    append(&store, closing(entry, ActionOutcome::Done)).await;
    let found = store.read(move |tx| tx.audit().entry(&id(), entry)).await.unwrap().unwrap();
    assert_eq!(AuditRow::Opened(Box::new(found.opening.clone())), row);
    assert_eq!(found.closing.as_ref().map(|closing| closing.outcome), Some(ActionOutcome::Done));
    assert!(found.is_undoable);
    let chain = chain(&store).await;
    assert_eq!((chain.rows, chain.changed_row, chain.open), (2, None, 0));
}

#[tokio::test]
async fn an_entry_is_undoable_once_if_it_changed_what_has_an_undo() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let add = async |outcome| {
        let entry = append(&store, opening("00u2", "x")).await;
        append(&store, closing(entry, outcome)).await;
        entry
    };
    let (done, unknown, failed) =
        (add(ActionOutcome::Done).await, add(ActionOutcome::Unknown).await, add(ActionOutcome::Failed).await);
    let open = append(&store, opening("00u2", "x")).await;
    let AuditRow::Opened(lift) = opening("00u2", "x") else { panic!() };
    let undo = AuditOpening { kind: ActionKind::LiftLockdown, undo_of: Some(done), ..*lift };
    let undo = append(&store, AuditRow::Opened(Box::new(undo))).await;
    append(&store, closing(undo, ActionOutcome::Done)).await;
    let query = AuditQuery { connection: id(), filter: AuditFilter::default(), before: None, limit: 10 };
    let page = store.read(move |tx| tx.audit().page(&query)).await.unwrap();
    let undoable = |number| page.entries.iter().find(|entry| entry.number == number).map(|entry| entry.is_undoable);
    let found = [done, unknown, failed, open, undo].map(undoable);
    assert_eq!(found, [Some(false), Some(true), Some(false), Some(false), Some(false)]);
}

#[tokio::test]
async fn an_end_time_that_a_newer_change_of_the_target_superseded_is_not_due() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let due = async || {
        let found = store.read(|tx| Ok((tx.audit().due_ends(&id(), at(7_200))?, tx.audit().in_effect(&id())?))).await;
        let found: Result<_, StoreError> = found;
        let (due, in_effect) = found.unwrap();
        assert_eq!(due, in_effect);
        due.iter().map(|entry| entry.number).collect::<Vec<_>>()
    };
    let mut entries = Vec::new();
    for (user, outcome) in [
        ("00u2", ActionOutcome::Done),
        ("00u3", ActionOutcome::Done),
        ("00u2", ActionOutcome::NothingToDo),
        ("00u2", ActionOutcome::Failed),
    ] {
        let entry = append(&store, opening(user, "x")).await;
        append(&store, closing(entry, outcome)).await;
        entries.push(entry);
    }
    assert_eq!(due().await, entries[..2], "what changed nothing supersedes nothing");
    let newest = append(&store, opening("00u2", "x")).await;
    append(&store, closing(newest, ActionOutcome::Done)).await;
    assert_eq!(due().await, [entries[1], newest]);
}

#[tokio::test]
async fn rows_can_neither_be_changed_nor_removed_and_a_forged_one_breaks_the_chain() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    for number in 0..4 {
        append(&store, opening(&format!("00u{number}"), "x")).await;
    }
    let head = store.read(|tx| tx.audit().head(&id())).await.unwrap().unwrap();
    drop(store);
    let database = rusqlite_connection(dir.path());
    for sql in ["UPDATE action_audit SET reason = 'y'", "DELETE FROM action_audit"] {
        assert!(database.execute_batch(sql).is_err(), "{sql}");
    }
    let forgeries = [
        ("UPDATE action_audit SET reason = 'y' WHERE number = 2", Some(2)),
        ("UPDATE action_audit SET reason = 'x' WHERE number = 2", None),
        ("UPDATE action_audit SET ticket = '' WHERE number = 3", Some(3)),
        ("UPDATE action_audit SET ticket = NULL WHERE number = 3", None),
        ("DELETE FROM action_audit WHERE number = 4", None),
        ("DELETE FROM action_audit WHERE number = 1", Some(1)),
    ];
    database
        .execute_batch("DROP TRIGGER action_audit_is_never_updated; DROP TRIGGER action_audit_is_never_deleted;")
        .unwrap();
    for (sql, expected) in forgeries {
        database.execute_batch(sql).unwrap();
        let store = Store::open(dir.path()).unwrap();
        assert_eq!(chain(&store).await.changed_row, expected, "{sql}");
        let sealed = head.clone();
        let against = store.read(move |tx| tx.audit().chain(&id(), Some(&sealed))).await.unwrap();
        let state = against.state(Some(&head));
        let is_changed = expected.is_some() || sql.starts_with("DELETE");
        assert_eq!(state == ChainState::Changed, is_changed, "{sql}: {state:?}");
    }
}

/// Returns the chain against a sealed head, and its state.
async fn checked(store: &Store, sealed: &ChainHead) -> (AuditChain, ChainState) {
    let against = sealed.clone();
    let chain: Result<_, StoreError> = store.read(move |tx| tx.audit().chain(&id(), Some(&against))).await;
    let chain = chain.unwrap();
    let state = chain.state(Some(sealed));
    (chain, state)
}

/// Acknowledges a change and returns the new head.
async fn acknowledge(store: &Store, sealed: &ChainHead) -> Option<ChainHead> {
    let (operator, reason) = ("admin".to_owned(), "disk repaired".to_owned());
    let new = NewAcknowledgement { connection: id(), sealed: Some(sealed.clone()), at: at(60), operator, reason };
    let added: Result<_, StoreError> = store.write(move |tx| new.append(tx)).await;
    added.unwrap()
}

#[tokio::test]
async fn an_acknowledged_change_is_named_and_the_rows_after_it_are_checked() {
    for (sql, changed_row) in [
        ("UPDATE action_audit SET reason = 'y' WHERE number = 2", Some(2)),
        ("DELETE FROM action_audit WHERE number = 2", Some(2)),
        ("DELETE FROM action_audit WHERE number >= 3", None),
        ("DELETE FROM action_audit", None),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        for number in 0..4 {
            append(&store, opening(&format!("00u{number}"), "x")).await;
        }
        let old = store.read(|tx| tx.audit().head(&id())).await.unwrap().unwrap();
        assert_eq!(acknowledge(&store, &old).await, None, "nothing is changed");
        let database = rusqlite_connection(dir.path());
        let triggers = "DROP TRIGGER action_audit_is_never_updated; DROP TRIGGER action_audit_is_never_deleted;";
        database.execute_batch(triggers).unwrap();
        database.execute_batch(sql).unwrap();
        let head = acknowledge(&store, &old).await.unwrap();
        assert_eq!(checked(&store, &old).await.1, ChainState::Changed, "{sql}: it is not sealed");
        let (chain, state) = checked(&store, &head).await;
        assert_eq!((state, chain.changed_row), (ChainState::Acknowledged, None), "{sql}");
        let [known] = chain.acknowledged.as_slice() else { panic!("{sql}: {chain:?}") };
        assert_eq!((known.changed_row, known.sealed, known.at), (changed_row, Some(4), at(60)), "{sql}");
        assert_eq!((known.operator.as_str(), known.reason.as_str()), ("admin", "disk repaired"), "{sql}");
        append(&store, opening("00u9", "x")).await;
        assert_eq!(checked(&store, &head).await.1, ChainState::NotSealedYet, "{sql}");
        let newest = store.read(|tx| tx.audit().head(&id())).await.unwrap().unwrap();
        assert_eq!(checked(&store, &newest).await.1, ChainState::Acknowledged, "{sql}");
        database
            .execute_batch(&format!("UPDATE action_audit SET reason = 'z' WHERE number = {}", newest.number))
            .unwrap();
        let (chain, state) = checked(&store, &newest).await;
        assert_eq!((state, chain.changed_row), (ChainState::Changed, Some(newest.number)), "{sql}: a second change");
        let second = acknowledge(&store, &newest).await.unwrap();
        let (chain, state) = checked(&store, &second).await;
        assert_eq!((state, chain.acknowledged.len()), (ChainState::Acknowledged, 2), "{sql}");
    }
}

#[tokio::test]
async fn a_row_that_is_changed_after_the_acknowledgement_is_found_also_before_it() {
    for sql in [
        "UPDATE action_audit SET reason = 'z' WHERE number = 1",
        "UPDATE action_audit SET reason = 'z' WHERE number = 2",
        "UPDATE action_audit SET reason = 'x' WHERE number = 2",
        "DELETE FROM action_audit WHERE number = 1",
        "UPDATE action_audit SET operator = 'nobody' WHERE phase = 'acknowledged'",
        "DELETE FROM action_audit WHERE phase = 'acknowledged'",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        for number in 0..4 {
            append(&store, opening(&format!("00u{number}"), "x")).await;
        }
        let old = store.read(|tx| tx.audit().head(&id())).await.unwrap().unwrap();
        let database = rusqlite_connection(dir.path());
        let triggers = "DROP TRIGGER action_audit_is_never_updated; DROP TRIGGER action_audit_is_never_deleted;";
        database.execute_batch(triggers).unwrap();
        database.execute_batch("UPDATE action_audit SET reason = 'y' WHERE number = 2").unwrap();
        let head = acknowledge(&store, &old).await.unwrap();
        assert_eq!(checked(&store, &head).await.1, ChainState::Acknowledged);
        database.execute_batch(sql).unwrap();
        assert_eq!(checked(&store, &head).await.1, ChainState::Changed, "{sql}");
    }
}

#[tokio::test]
async fn entries_are_found_page_by_page_and_by_filter() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    for number in 0..5 {
        let entry = append(&store, opening(&format!("00u{number}"), &format!("Incident {number}"))).await;
        if number % 2 == 0 {
            append(&store, closing(entry, ActionOutcome::Failed)).await;
        }
    }
    let page = |filter: AuditFilter, before, limit| {
        let query = AuditQuery { connection: id(), filter, before, limit };
        let store = store.clone();
        async move { store.read(move |tx| tx.audit().page(&query)).await.unwrap() }
    };
    let first = page(AuditFilter::default(), None, 2).await;
    assert_eq!((first.entries.len(), first.total, first.next), (2, 5, Some(first.entries[1].number)));
    let rest = page(AuditFilter::default(), first.next, 10).await;
    assert_eq!((rest.entries.len(), rest.total, rest.next), (3, 5, None));
    let open = page(AuditFilter { only_open: true, ..AuditFilter::default() }, None, 10).await;
    assert_eq!(open.total, 2);
    let failed = AuditFilter { outcome: Some(ActionOutcome::Failed), ..AuditFilter::default() };
    assert_eq!(page(failed, None, 10).await.total, 3);
    let text = AuditFilter { text: Some("INCIDENT 3".to_owned()), ..AuditFilter::default() };
    assert_eq!(page(text, None, 10).await.entries[0].opening.reason, "Incident 3");
}

fn rusqlite_connection(dir: &std::path::Path) -> rusqlite::Connection {
    rusqlite::Connection::open(dir.join("connector.db")).unwrap()
}
