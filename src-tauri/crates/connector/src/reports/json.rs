//! The report for programs. Its shape is `"format": 1`; a member is added, never changed, within a format.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::about::{LEAVE_STEPS, owner, personal};
use super::words::{label, time, without_tokens, word};
use messages::{Messages, keys};
use model::check::CheckRow;
use model::connection_view::ConnectionView;

pub(super) fn report(
    view: &ConnectionView,
    messages: &Messages,
    version: &str,
    now: DateTime<Utc>,
) -> Result<String, serde_json::Error> {
    let connection = &view.connection;
    let title = if view.practice { keys::REPORT_TITLE_PRACTICE } else { keys::REPORT_TITLE };
    let personal: Vec<_> = personal(view).iter().map(|one| json!({ "kind": one.kind, "value": one.value })).collect();
    let steps: Vec<_> = LEAVE_STEPS.into_iter().map(|step| messages.text(step, &[]).replace("**", "")).collect();
    let mut whole = json!({
        "report": "okta-connector-setup",
        "format": 1,
        "practice": view.practice,
        "title": messages.text(title, &[("practice", &messages.text(keys::PRACTICE_WORD, &[])), ("name", &connection.name)]),
        "written": time(now),
        "app_version": version,
        "connection": {
            "name": connection.name,
            "okta_url": view.okta_url,
            "org_id": connection.org_id,
            "profile": connection.profile,
            "keep": connection.keep,
            "created": connection.created,
        },
        "status": view.status,
        "guide": { "step": view.setup.step, "finished": view.setup.finished },
        "arrival": { "verified": view.status.arrival_verified, "event": view.setup.arrival },
        "verified": verified(view, messages),
        "confirmed": view.setup.confirmed,
        "capabilities": view.report.as_ref().map(|report| &report.capabilities),
        "secrets": view.secrets,
        "reminders": view.reminders,
        "when_the_owner_leaves": { "owner": owner(view), "steps": steps },
        "personal_data": personal,
    });
    remove_tokens(&mut whole, &messages.text(keys::REPORT_REMOVED, &[]));
    serde_json::to_string_pretty(&whole)
}

fn verified(view: &ConnectionView, messages: &Messages) -> Value {
    let Some(report) = &view.report else { return Value::Null };
    let checks: Vec<_> = report.rows.iter().map(|row| check(row, messages)).collect();
    json!({ "started": report.started, "finished": report.finished, "checks": checks })
}

fn check(row: &CheckRow, messages: &Messages) -> Value {
    let said = row.code.map(|code| messages.code(code, &row.args));
    json!({
        "check": row.check,
        "title": label(messages, &format!("check.{}", word(&row.check)), &"title"),
        "outcome": row.outcome,
        "skipped": row.skipped,
        "code": row.code,
        "said": said.map(|said| json!({ "title": said.title, "meaning": said.meaning, "remedy": said.remedy })),
        "facts": row.facts,
        "evidence": row.evidence,
        "at": row.at,
        "ms": row.ms,
    })
}

/// Takes out of every text what looks like a token.
fn remove_tokens(value: &mut Value, instead: &str) {
    match value {
        Value::String(text) => *text = without_tokens(text, instead),
        Value::Array(items) => items.iter_mut().for_each(|item| remove_tokens(item, instead)),
        Value::Object(members) => members.values_mut().for_each(|member| remove_tokens(member, instead)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
