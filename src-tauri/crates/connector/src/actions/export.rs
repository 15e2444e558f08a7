//! Exports the whole audit of a connection: a table, a document, or a report for people.

use chrono::{DateTime, Utc};
use messages::{Messages, keys};
use model::action_audit::{
    AuditAcknowledgement, AuditEntry, AuditFilter, AuditFormat, AuditQuery, AuditVerification, ChainState,
};
use model::connection::ConnectionId;
use model::problem::Problem;
use model::sanitized_text::markdown_line;
use serde_json::json;

use super::journal::Journal;
use super::target_verdict::status_of;
use crate::csv;

/// Entries that are read at once.
const PAGE: u32 = 200;
/// The columns of the table.
const HEADER: &str = "entry,opened,closed,action,target,outcome,before,after,operator,token_owner,reason,ticket,ends_at,\
                      undo_of,undone_by,request_ids,events,recovered,chain_before";
/// The number of columns.
const COLUMNS: usize = 19;

impl Journal {
    pub(super) async fn exported(
        &self,
        id: &ConnectionId,
        format: AuditFormat,
        messages: &Messages,
    ) -> Result<String, Problem> {
        let entries = self.all_entries(id).await?;
        let verification = self.verify(id).await?;
        Ok(match format {
            AuditFormat::Csv => table(&entries, &verification),
            AuditFormat::Json => json(&entries, &verification),
            AuditFormat::Report => report(&entries, &verification, messages),
        })
    }

    /// Returns every entry, the oldest first.
    async fn all_entries(&self, id: &ConnectionId) -> Result<Vec<AuditEntry>, Problem> {
        let (mut entries, mut before) = (Vec::new(), None);
        loop {
            let query = AuditQuery { connection: id.clone(), filter: AuditFilter::default(), before, limit: PAGE };
            let page = self.records.read(move |tx| tx.audit().page(&query)).await?;
            entries.extend(page.entries);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        entries.reverse();
        Ok(entries)
    }
}

fn table(entries: &[AuditEntry], verification: &AuditVerification) -> String {
    let mut out = String::from(HEADER);
    out.push_str("\r\n");
    for entry in entries {
        let AuditEntry { number, opening, closing, events, undone_by, .. } = entry;
        let closing = closing.as_ref();
        let number_text = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        let requests = closing.map(|closing| closing.parts.iter().filter_map(|part| part.request_id.clone()).collect());
        let requests: Vec<String> = requests.unwrap_or_default();
        let events: Vec<&str> = events.iter().map(|event| event.uuid.as_str()).collect();
        let fields = [
            number.to_string(),
            time(opening.at),
            closing.map(|closing| time(closing.at)).unwrap_or_default(),
            opening.kind.as_str().to_owned(),
            opening.target.label().to_owned(),
            closing.map(|closing| closing.outcome.as_str().to_owned()).unwrap_or_default(),
            state(&opening.before),
            closing.map(|closing| state(&closing.after)).unwrap_or_default(),
            opening.operator.clone(),
            opening.token_owner.clone(),
            opening.reason.clone(),
            opening.ticket.clone().unwrap_or_default(),
            opening.ends_at.map(time).unwrap_or_default(),
            number_text(opening.undo_of),
            number_text(*undone_by),
            requests.join(" "),
            events.join(" "),
            closing.is_some_and(|closing| closing.is_recovered).to_string(),
            opening.chain.as_str().to_owned(),
        ];
        out.push_str(&csv::line(fields));
    }
    verification.acknowledged.iter().for_each(|known| out.push_str(&csv::line(acknowledged_fields(known))));
    out
}

/// Returns the fields of an acknowledged change, under the columns of the entries.
fn acknowledged_fields(known: &AuditAcknowledgement) -> [String; COLUMNS] {
    let named = [
        ("entry", known.number.to_string()),
        ("opened", time(known.at)),
        ("action", "audit_acknowledged".to_owned()),
        ("operator", known.operator.clone()),
        ("reason", known.reason.clone()),
        ("chain_before", ChainState::Changed.as_str().to_owned()),
    ];
    let mut fields = std::array::from_fn(|_| String::new());
    for (name, value) in named {
        if let Some(field) = HEADER.split(',').position(|one| one == name).and_then(|at| fields.get_mut(at)) {
            *field = value;
        }
    }
    fields
}

fn json(entries: &[AuditEntry], verification: &AuditVerification) -> String {
    let document = json!({ "format": 1, "verification": verification, "entries": entries });
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn report(entries: &[AuditEntry], verification: &AuditVerification, messages: &Messages) -> String {
    let named = |name: &str| messages.by_name(name, &std::collections::BTreeMap::new());
    let mut out = format!("# {}\n\n", named("action.report.title"));
    let chain = named(&format!("action.chain.{}", verification.state.as_str()));
    out.push_str(&format!("{}: {chain} ({})\n\n", named("action.report.chain"), time(verification.at)));
    verification
        .acknowledged
        .iter()
        .for_each(|known| out.push_str(&format!("- {}\n\n", acknowledged_text(known, messages))));
    for AuditEntry { number, opening, closing, events, undone_by, .. } in entries {
        let kind = named(&format!("action.kind.{}", opening.kind.as_str()));
        let target = markdown_line(opening.target.label());
        out.push_str(&format!("## {number}. {kind}: {target}\n\n"));
        let outcome = closing
            .as_ref()
            .map_or("action.report.open".to_owned(), |closing| format!("action.outcome.{}", closing.outcome.as_str()));
        let mut line = |label: &str, value: &str| {
            if !value.is_empty() {
                let (label, value) = (named(&format!("action.report.{label}")), markdown_line(value));
                out.push_str(&format!("- {label}: {value}\n"));
            }
        };
        line("outcome", &named(&outcome));
        line("time", &time(opening.at));
        line("operator", &opening.operator);
        line("token_owner", &opening.token_owner);
        line("reason", &opening.reason);
        line("ticket", opening.ticket.as_deref().unwrap_or_default());
        line("before", &state(&opening.before));
        if let Some(closing) = closing {
            line("after", &state(&closing.after));
            for part in &closing.parts {
                let name = named(&format!("action.part.{}", part.part.as_str()));
                let outcome = named(&format!("action.outcome.{}", part.outcome.as_str()));
                let request = part.request_id.as_deref().map(|id| format!(" ({id})")).unwrap_or_default();
                line("part", &format!("{name}: {outcome}{request}"));
            }
        }
        for event in events {
            line("event", &format!("{} {} ({})", event.event_type, time(event.at), event.uuid));
        }
        if !matches!(opening.chain, ChainState::Empty | ChainState::Intact) {
            line("chain", &named(&format!("action.chain.{}", opening.chain.as_str())));
        }
        line("undo_of", &opening.undo_of.map(|number| number.to_string()).unwrap_or_default());
        line("undone_by", &undone_by.map(|number| number.to_string()).unwrap_or_default());
        out.push('\n');
    }
    out
}

/// Returns what was changed and who acknowledged it.
fn acknowledged_text(known: &AuditAcknowledgement, messages: &Messages) -> String {
    let what = match known.changed_row {
        Some(row) => messages.text(keys::ACTION_AUDIT_CHANGED_ROW, &[("n", &row.to_string())]),
        None => messages.text(keys::ACTION_AUDIT_ROWS_MISSING, &[]),
    };
    let (operator, reason) = (markdown_line(&known.operator), markdown_line(&known.reason));
    let args = [("time", time(known.at)), ("what", what), ("operator", operator), ("reason", reason)];
    let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
    messages.text(keys::ACTION_AUDIT_ACKNOWLEDGED, &args)
}

/// Returns a state as one word or two.
fn state(state: &model::action::TargetState) -> String {
    use model::action::TargetState;
    match state {
        TargetState::Unknown => "unknown".to_owned(),
        TargetState::User { .. } => status_of(state).as_str().to_owned(),
        TargetState::Address { is_blocked: true, .. } => "blocked".to_owned(),
        TargetState::Address { is_blocked: false, .. } => "not blocked".to_owned(),
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
