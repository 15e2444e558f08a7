//! The texts of previews, runs and audit entries for people.

use std::collections::BTreeMap;

use messages::{Messages, keys};
use model::action::{ActionPreview, RequiredOverride, TargetPreview, TargetState, UserFacts};
use model::action_audit::{AuditAcknowledgement, AuditEntry, ChainState};
use model::action_preview_reasons::Noted;
use model::action_run::{ActionRun, PartResult, TargetResult};
use serde::Serialize;

use crate::connection_status::{format_time, single_line};
use crate::{problem_text, serialized_name};

/// Returns the label of a value: `<group>.<value>`.
pub(crate) fn label<T: Serialize>(group: &str, value: &T, messages: &Messages) -> String {
    messages.by_name(&format!("{group}.{}", serialized_name::as_str(value)), &BTreeMap::new())
}

/// Returns the text of a reason. A status among its values is shown by its label.
fn noted<T: Serialize>(group: &str, note: &Noted<T>, messages: &Messages) -> String {
    with_args(group, &note.code, &note.args, messages)
}

fn with_args<T: Serialize>(group: &str, code: &T, args: &BTreeMap<String, String>, messages: &Messages) -> String {
    let mut args = args.clone();
    if let Some(status) = args.get_mut("status") {
        *status = label("action.status", status, messages);
    }
    if let Some(at) = args.get_mut("at")
        && let Ok(time) = at.parse()
    {
        *at = format_time(time);
    }
    single_line(&messages.by_name(&format!("action.{group}.{}", serialized_name::as_str(code)), &args))
}

/// Returns the lines of a preview.
pub(crate) fn preview(preview: &ActionPreview, messages: &Messages) -> Vec<String> {
    let mut lines = vec![label("action.kind", &preview.kind, messages)];
    for target in &preview.targets {
        lines.extend(preview_target(target, messages));
    }
    lines.extend(preview.warnings.iter().map(|one| format!("  ! {}", noted("warning", one, messages))));
    lines.push(format!("  {}", label("action.reversibility", &preview.reversibility, messages)));
    if !preview.keeps_running.is_empty() {
        lines.push(format!("  {}", messages.text(keys::ACTION_CLI_KEEPS_RUNNING, &[])));
        lines.extend(
            preview.keeps_running.iter().map(|one| format!("    - {}", label("action.keeps_running", one, messages))),
        );
    }
    lines.push(format!("  {}", messages.text(keys::ACTION_CLI_AS, &[("owner", &preview.token_owner)])));
    lines
}

fn preview_target(target: &TargetPreview, messages: &Messages) -> Vec<String> {
    let name = target.target.as_ref().map_or(target.typed.as_str(), |found| found.label());
    let mut lines = vec![format!("  {}", single_line(name))];
    lines.extend(target.user.iter().flat_map(|user| facts(user, messages)));
    lines.push(format!("    {}", change(&target.before, &target.expected, messages)));
    lines.extend(target.parts.iter().map(|part| format!("    > {}", label("action.part", part, messages))));
    lines.extend(target.refusals.iter().map(|one| format!("    x {}", noted("refusal", one, messages))));
    if !target.candidates.is_empty() {
        lines.push(format!("    {}", messages.text(keys::ACTION_CLI_CANDIDATES, &[])));
    }
    lines.extend(
        target
            .candidates
            .iter()
            .map(|one| format!("      {}  {}  {}", one.id, single_line(&one.login), single_line(&one.name))),
    );
    lines.extend(target.overrides.iter().map(|one| format!("    ? {}", required(one, messages))));
    lines.extend(target.warnings.iter().map(|one| format!("    ! {}", noted("warning", one, messages))));
    lines
}

/// Returns the text of a confirmation that has to be typed.
pub(crate) fn required(one: &RequiredOverride, messages: &Messages) -> String {
    with_args("override", &one.reason, &one.args, messages)
}

fn facts(user: &UserFacts, messages: &Messages) -> Vec<String> {
    let list = |names: &Option<Vec<String>>| match names {
        Some(names) if names.is_empty() => "-".to_owned(),
        Some(names) => single_line(&names.join(", ")),
        None => "?".to_owned(),
    };
    let last = user.last_sign_in.map_or_else(|| "-".to_owned(), format_time);
    let (name, groups, roles) = (single_line(&user.name), list(&user.groups), list(&user.roles));
    let args = [("name", name.as_str()), ("id", &user.id), ("last", &last), ("groups", &groups), ("roles", &roles)];
    vec![format!("    {}", messages.text(keys::ACTION_CLI_FACTS, &args))]
}

fn change(before: &TargetState, after: &TargetState, messages: &Messages) -> String {
    format!("{} -> {}", state(before, messages), state(after, messages))
}

/// Returns the text of a state.
pub(crate) fn state(state: &TargetState, messages: &Messages) -> String {
    let name = match state {
        TargetState::Unknown => "unknown",
        TargetState::User { status, .. } => status.as_str(),
        TargetState::Address { is_blocked: true, .. } => "blocked",
        TargetState::Address { is_blocked: false, .. } => "not_blocked",
    };
    messages.by_name(&format!("action.status.{name}"), &BTreeMap::new())
}

/// Returns the lines of a finished run.
pub(crate) fn run(run: &ActionRun, messages: &Messages) -> Vec<String> {
    let mut lines: Vec<String> = run.targets.iter().flat_map(|target| result(target, messages)).collect();
    for target in &run.not_begun {
        let name = single_line(target.label());
        lines.push(messages.text(keys::ACTION_CLI_NOT_BEGUN, &[("target", &name)]));
    }
    lines.extend(run.problem.as_ref().map(|problem| problem_text::problem(problem, messages)));
    if !run.is_sealed {
        lines.push(messages.text(keys::ACTION_AUDIT_NOT_SEALED, &[]));
    }
    lines
}

/// Returns the lines of the result for one target.
pub(crate) fn result(result: &TargetResult, messages: &Messages) -> Vec<String> {
    let entry = result.entry.map(|entry| format!("{entry}. ")).unwrap_or_default();
    let outcome = label("action.outcome", &result.outcome, messages);
    let name = single_line(result.target.label());
    let mut lines = vec![format!("{entry}{name}: {outcome} ({})", change(&result.before, &result.after, messages))];
    lines.extend(result.parts.iter().flat_map(|one| part(one, messages)));
    lines.extend(result.refusals.iter().map(|one| format!("  x {}", noted("refusal", one, messages))));
    lines.extend(result.warnings.iter().map(|one| format!("  ! {}", noted("warning", one, messages))));
    lines.extend(result.events.iter().map(|one| format!("  {} {} {}", one.event_type, format_time(one.at), one.uuid)));
    lines
}

fn part(part: &PartResult, messages: &Messages) -> Vec<String> {
    let request = part.request_id.as_deref().map(|id| format!(" ({})", single_line(id))).unwrap_or_default();
    let outcome = label("action.outcome", &part.outcome, messages);
    let mut lines = vec![format!("  > {}: {outcome}{request}", label("action.part", &part.part, messages))];
    lines.extend(part.problem.as_ref().map(|problem| format!("    {}", problem_text::problem(problem, messages))));
    lines
}

/// Returns the line of an acknowledged change of the audit.
pub(crate) fn acknowledged(known: &AuditAcknowledgement, messages: &Messages) -> String {
    let what = match known.changed_row {
        Some(row) => messages.text(keys::ACTION_AUDIT_CHANGED_ROW, &[("n", &row.to_string())]),
        None => messages.text(keys::ACTION_AUDIT_ROWS_MISSING, &[]),
    };
    let (time, operator, reason) = (format_time(known.at), single_line(&known.operator), single_line(&known.reason));
    let args = [("time", time.as_str()), ("what", &what), ("operator", &operator), ("reason", &reason)];
    messages.text(keys::ACTION_AUDIT_ACKNOWLEDGED, &args)
}

/// Returns the line of an audit entry.
pub(crate) fn entry(entry: &AuditEntry, messages: &Messages) -> String {
    let AuditEntry { number, opening, closing, undone_by, .. } = entry;
    let outcome = match closing {
        Some(closing) => label("action.outcome", &closing.outcome, messages),
        None => messages.text(keys::ACTION_REPORT_OPEN, &[]),
    };
    let undone = undone_by.map(|by| format!(" ({}: {by})", messages.text(keys::ACTION_REPORT_UNDONE_BY, &[])));
    let chain = (opening.chain == ChainState::Changed).then(|| {
        format!(
            " ({}: {})",
            messages.text(keys::ACTION_REPORT_CHAIN, &[]),
            label("action.chain", &opening.chain, messages)
        )
    });
    let ticket = opening.ticket.as_deref().map(|ticket| format!(" [{}]", single_line(ticket))).unwrap_or_default();
    format!(
        "{number:>5}  {}  {:<22} {:<32} {:<16} {}: {}{ticket}{}{}",
        format_time(opening.at),
        label("action.kind", &opening.kind, messages),
        single_line(opening.target.label()),
        outcome,
        single_line(&opening.operator),
        single_line(&opening.reason),
        undone.unwrap_or_default(),
        chain.unwrap_or_default()
    )
}
