//! The set-up report for programs. Within `"format": 2` members are added, never changed.

use chrono::{DateTime, Utc};
use serde_json::{Value, json as object};

use super::format::{label, time, value_name};
use super::setup_report_facts::{LEAVE_STEPS, owner, personal_data};
use crate::token_redaction::without_tokens;
use messages::{Messages, keys};
use model::check::CheckRow;
use model::connection_view::ConnectionView;

/// Writes the report as one JSON object. Values are those of the model; titles and remedies are beside them in the language of
/// `messages`.
///
/// # Errors
/// When a value cannot be written as JSON, which no current view can cause.
pub fn json(
    view: &ConnectionView,
    messages: &Messages,
    version: &str,
    now: DateTime<Utc>,
) -> Result<String, serde_json::Error> {
    let connection = &view.connection;
    let title = if view.practice { keys::REPORT_TITLE_PRACTICE } else { keys::REPORT_TITLE };
    let personal: Vec<_> =
        personal_data(view).iter().map(|one| object!({ "kind": one.kind, "value": one.value })).collect();
    let steps: Vec<_> = LEAVE_STEPS.into_iter().map(|step| messages.text(step, &[]).replace("**", "")).collect();
    let mut report = object!({
        "report": "okta-connector-setup",
        "format": 2,
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
    remove_tokens(&mut report, &messages.text(keys::REPORT_REMOVED, &[]));
    serde_json::to_string_pretty(&report)
}

fn verified(view: &ConnectionView, messages: &Messages) -> Value {
    let Some(report) = &view.report else { return Value::Null };
    let checks: Vec<_> = report.rows.iter().map(|row| check(row, messages)).collect();
    object!({ "started": report.started, "finished": report.finished, "checks": checks })
}

fn check(row: &CheckRow, messages: &Messages) -> Value {
    let text = row.code.map(|code| messages.code(code, &row.args));
    object!({
        "check": row.check,
        "title": label(messages, &format!("check.{}", value_name(&row.check)), &"title"),
        "outcome": row.outcome,
        "skipped": row.skipped,
        "code": row.code,
        "said": text.map(|text| object!({ "title": text.title, "meaning": text.meaning, "remedy": text.remedy })),
        "facts": row.facts,
        "evidence": row.evidence,
        "at": row.at,
        "ms": row.ms,
    })
}

/// Replaces everything that looks like a token in every text.
fn remove_tokens(value: &mut Value, replacement: &str) {
    match value {
        Value::String(text) => *text = without_tokens(text, replacement),
        Value::Array(items) => items.iter_mut().for_each(|item| remove_tokens(item, replacement)),
        Value::Object(members) => members.values_mut().for_each(|member| remove_tokens(member, replacement)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
