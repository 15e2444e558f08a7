//! `connectorctl audit`: lists, checks, acknowledges, exports and completes the audit of response actions.

use std::process::ExitCode;

use messages::{Messages, keys};
use model::action_audit::{AuditFilter, AuditQuery, AuditVerification, ChainState};
use model::connection::ConnectionId;

use crate::action_args::{ActionPlace, Audit};
use crate::commands::act;
use crate::session::Session;
use crate::{action_text, exit_code, print, text_files};

/// Entries that are read at once.
const PAGE: u32 = 200;

/// Runs the command.
pub(crate) async fn run(command: Audit, messages: &Messages) -> ExitCode {
    let at = match &command {
        Audit::List { at, .. }
        | Audit::Verify { at }
        | Audit::Acknowledge { at, .. }
        | Audit::Export { at, .. }
        | Audit::Resolve { at } => at,
    };
    let json = at.json;
    match exit_of(&command, at, messages).await {
        Ok(code) => code,
        Err(error) => exit_code::refused(&error, json, messages),
    }
}

async fn exit_of(command: &Audit, at: &ActionPlace, messages: &Messages) -> anyhow::Result<ExitCode> {
    if let Audit::Resolve { .. } = command {
        let (session, id) = act::open(at, messages).await?;
        let entries = session.connector.actions().resolve_open_entries(&id).await?;
        for entry in &entries {
            if at.json {
                print::json(&serde_json::to_string(entry)?)?;
            } else {
                print::line(&action_text::entry(entry, messages))?;
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    let session = Session::open(&at.place, messages).await?;
    let id = audited(&session, at).await?;
    match command {
        Audit::List { filter, open, limit, .. } => {
            let filter = AuditFilter { text: filter.clone(), only_open: *open, ..AuditFilter::default() };
            list(&session, &id, filter, *limit, at.json).await?;
            Ok(ExitCode::SUCCESS)
        }
        Audit::Verify { .. } => {
            let found = session.connector.actions().verify_audit(&id).await?;
            print_verification(&found, at.json, messages)?;
            Ok(exit_of_chain(found.state))
        }
        Audit::Acknowledge { reason, .. } => {
            let found = session.connector.actions().acknowledge_audit(&id, reason).await?;
            print_verification(&found, at.json, messages)?;
            Ok(ExitCode::SUCCESS)
        }
        Audit::Export { file, format, .. } => {
            let text = session.connector.actions().export_audit(&id, (*format).into(), messages).await?;
            match text_files::output_file(file.as_deref()) {
                Some(file) => text_files::write(file, &text, messages)?,
                None => text.lines().try_for_each(print::line)?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Audit::Resolve { .. } => Ok(ExitCode::SUCCESS),
    }
}

/// Returns the connection whose audit is meant; it may have been removed.
async fn audited(session: &Session, at: &ActionPlace) -> anyhow::Result<ConnectionId> {
    let mut all = session.connector.actions().audited_connections().await?;
    if let Some(name) = &at.connection {
        all.retain(|one| one.id.0 == *name || one.name == *name);
        // A connection without an entry has an empty audit.
        if all.is_empty() {
            return Ok(session.connection(name).await?.connection.id);
        }
    } else if all.is_empty() {
        return session.only_connection().await;
    }
    anyhow::ensure!(all.len() == 1, "{} connections have an audit; give one with --connection", all.len());
    Ok(all.remove(0).id)
}

async fn list(session: &Session, id: &ConnectionId, filter: AuditFilter, limit: u32, json: bool) -> anyhow::Result<()> {
    let (mut before, mut left) = (None, limit);
    while left > 0 {
        let query = AuditQuery { connection: id.clone(), filter: filter.clone(), before, limit: left.min(PAGE) };
        let page = session.connector.actions().audit(query).await?;
        for entry in &page.entries {
            if json {
                print::json(&serde_json::to_string(entry)?)?;
            } else {
                print::line(&action_text::entry(entry, &session.messages))?;
            }
        }
        left = left.saturating_sub(u32::try_from(page.entries.len()).unwrap_or(u32::MAX));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    Ok(())
}

fn print_verification(found: &AuditVerification, json: bool, messages: &Messages) -> anyhow::Result<()> {
    if json {
        return Ok(print::json(&serde_json::to_string(found)?)?);
    }
    let state = action_text::label("action.chain", &found.state, messages);
    let numbers = [("rows", found.rows), ("sealed", found.sealed), ("open", found.open)];
    let numbers = numbers.map(|(name, number)| (name, number.to_string()));
    let args: Vec<(&str, &str)> = numbers.iter().map(|(name, number)| (*name, number.as_str())).collect();
    print::line(&format!("{state}. {}", messages.text(keys::ACTION_CLI_ROWS, &args)))?;
    for known in &found.acknowledged {
        print::line(&action_text::acknowledged(known, messages))?;
    }
    Ok(())
}

/// Returns 0 for an unchanged and sealed audit, 1 for one that is not sealed or whose change was acknowledged, 2 for one that was
/// changed.
fn exit_of_chain(state: ChainState) -> ExitCode {
    match state {
        ChainState::Empty | ChainState::Intact => ExitCode::SUCCESS,
        ChainState::NotSealedYet | ChainState::NoSeal | ChainState::SealUnread | ChainState::Acknowledged => {
            ExitCode::from(1)
        }
        ChainState::Changed => ExitCode::from(2),
    }
}
