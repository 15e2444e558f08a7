//! `connectorctl act`: previews, runs and undoes response actions.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::process::ExitCode;

use anyhow::Context as _;
use messages::{Messages, keys};
use model::action::{ActionApproval, ActionPreview, ActionRequest, ActionTarget, TargetPreview, TypedOverride};
use model::action_preview_reasons::{ActionRefusal, Noted};
use model::action_rules::is_confirmed;
use model::action_run::{ActionOutcome, ActionProgress, ActionRun};
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::action_args::{Act, ActionPlace, ApprovalArgs};
use crate::session::Session;
use crate::{action_text, exit_code, print, secret_files};

/// Runs the command.
pub(crate) async fn run(command: Act, messages: &Messages) -> ExitCode {
    let at = match &command {
        Act::Preview { at, .. } | Act::Run { at, .. } | Act::Undo { at, .. } | Act::Blocked { at } => at,
    };
    let json = at.json;
    match exit_of(&command, messages).await {
        Ok(code) => code,
        Err(error) => exit_code::refused(&error, json, messages),
    }
}

async fn exit_of(command: &Act, messages: &Messages) -> anyhow::Result<ExitCode> {
    match command {
        Act::Preview { targets, at } => {
            let (session, id) = open(at, messages).await?;
            let request = ActionRequest { connection: id, kind: targets.action.into(), targets: targets.all() };
            let preview = session.connector.actions().preview(&request).await?;
            print_preview(&preview, at.json, messages)?;
            Ok(exit_of_preview(&preview))
        }
        Act::Run { targets, approval, at } => {
            let (session, id) = open(at, messages).await?;
            let request = ActionRequest { connection: id, kind: targets.action.into(), targets: targets.all() };
            let preview = session.connector.actions().preview(&request).await?;
            approve_and_run(&session, &preview, approval, at).await
        }
        Act::Undo { entry, approval, at } => {
            let (session, id) = open(at, messages).await?;
            let preview = session.connector.actions().undo_preview(&id, *entry).await?;
            approve_and_run(&session, &preview, approval, at).await
        }
        Act::Blocked { at } => {
            let (session, id) = open(at, messages).await?;
            let blocked = session.connector.actions().blocked_now(&id).await?;
            if at.json {
                print::json(&serde_json::to_string(&blocked)?)?;
            } else {
                for one in blocked.ours.iter().chain(&blocked.others) {
                    let entry = one.entry.map_or_else(|| "-".to_owned(), |entry| entry.to_string());
                    print::line(&format!("{entry:>5}  {:<40} {}", one.range, one.zone))?;
                }
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Opens the connection that is meant, with the token for this command if one is given.
///
/// # Errors
/// When there is no such connection or several, or why the token cannot be used.
pub(crate) async fn open(at: &ActionPlace, messages: &Messages) -> anyhow::Result<(Session, ConnectionId)> {
    let token = match (&at.token_file, at.token_stdin) {
        (Some(file), _) => Some(secret_files::read_any(file, messages)?),
        (None, true) => Some(secret_files::read_stdin(messages)?),
        (None, false) => None,
    };
    let session = Session::open(&at.place, messages).await?;
    let id = match &at.connection {
        Some(name) => session.connection(name).await?.connection.id,
        None => session.only_connection().await?,
    };
    if let Some(token) = token {
        session.connector.actions().use_token(&id, token).await?;
    }
    Ok((session, id))
}

async fn approve_and_run(
    session: &Session,
    preview: &ActionPreview,
    args: &ApprovalArgs,
    at: &ActionPlace,
) -> anyhow::Result<ExitCode> {
    let messages = &session.messages;
    if !at.json {
        action_text::preview(preview, messages).iter().try_for_each(|line| print::line(line))?;
    } else if !args.yes {
        // Standard output has the JSON of the result alone.
        action_text::preview(preview, messages).iter().for_each(|line| print::error_line(line));
    }
    if preview.is_refused() {
        if at.json {
            print::json(&serde_json::to_string(preview)?)?;
        }
        return Ok(ExitCode::from(2));
    }
    let typed = confirmations(preview, args, at, messages)?;
    if !args.yes && !ask(at, &messages.text(keys::ACTION_CLI_ASK, &[]), messages)?.eq_ignore_ascii_case("yes") {
        anyhow::bail!(messages.text(keys::ACTION_CLI_NOT_RUN, &[]));
    }
    let approval = ActionApproval {
        preview: preview.id.clone(),
        reason: args.reason.clone(),
        ticket: args.ticket.clone(),
        ends_at: args.ends_at,
        typed,
    };
    let cancel = CancellationToken::new();
    let running = session.connector.actions().run(&approval, &cancel, progress(at.json, messages));
    let run = until_done(running, &cancel).await?;
    if at.json {
        print::json(&serde_json::to_string(&RunWithRefused { run: &run, refused: refused_targets(preview) })?)?;
    } else {
        action_text::run(&run, messages).iter().try_for_each(|line| print::line(line))?;
    }
    Ok(exit_of_run(preview, &run))
}

/// Waits for a run. Ctrl-C stops it before its next target, and what was begun is finished.
pub(crate) async fn until_done<T>(running: impl Future<Output = T>, cancel: &CancellationToken) -> T {
    let mut running = std::pin::pin!(running);
    tokio::select! {
        done = &mut running => done,
        _ = tokio::signal::ctrl_c() => {
            cancel.cancel();
            running.await
        }
    }
}

/// Returns a receiver of progress that prints to standard error.
pub(crate) fn progress(json: bool, messages: &Messages) -> impl Fn(ActionProgress) + Send + Sync + 'static {
    let messages = messages.clone();
    move |progress| {
        if let ActionProgress::Began { index, total, target } = &progress
            && !json
            && *total > 1
        {
            print::error_line(&format!("{}/{total} {}", index.saturating_add(1), target.label()));
        } else if let (ActionProgress::Waiting { until }, false) = (&progress, json) {
            let until = crate::connection_status::format_time(*until);
            print::error_line(&messages.text(keys::ACTION_CLI_WAITING, &[("until", &until)]));
        }
    }
}

/// Returns the typed confirmations: those given as arguments, and the others as they are typed now.
fn confirmations(
    preview: &ActionPreview,
    args: &ApprovalArgs,
    at: &ActionPlace,
    messages: &Messages,
) -> anyhow::Result<Vec<TypedOverride>> {
    let mut typed = Vec::new();
    for (index, target) in (0_u32..).zip(&preview.targets) {
        let Some(first) = target.overrides.first().filter(|_| target.refusals.is_empty()) else { continue };
        let given = args.confirm.iter().find(|text| is_confirmed(text, &first.text));
        let text = match given {
            Some(text) => text.clone(),
            None => ask(at, &messages.text(keys::ACTION_CLI_TYPE, &[("text", &first.text)]), messages)
                .map_err(|_| not_confirmed(&target.typed, &first.text))?,
        };
        typed.push(TypedOverride { target: index, text });
    }
    Ok(typed)
}

fn not_confirmed(target: &str, text: &str) -> Problem {
    Problem::new(Code::ActionNotConfirmed).arg("target", target).arg("text", text)
}

/// Asks on the terminal and returns the answer.
///
/// # Errors
/// Where there is no terminal, or the token was read from it.
pub(crate) fn ask(at: &ActionPlace, question: &str, messages: &Messages) -> anyhow::Result<String> {
    let is_possible = !at.token_stdin && io::stdin().is_terminal();
    anyhow::ensure!(is_possible, messages.text(keys::ACTION_CLI_NO_TERMINAL, &[]));
    print::error_line(question);
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).context("standard input")?;
    Ok(answer.trim().to_owned())
}

fn print_preview(preview: &ActionPreview, json: bool, messages: &Messages) -> anyhow::Result<()> {
    if json {
        print::json(&serde_json::to_string(preview)?)?;
    } else {
        action_text::preview(preview, messages).iter().try_for_each(|line| print::line(line))?;
    }
    Ok(())
}

/// Returns 0 if every target is possible, 2 if none is, otherwise 1.
fn exit_of_preview(preview: &ActionPreview) -> ExitCode {
    if preview.is_refused() {
        ExitCode::from(2)
    } else if preview.targets.iter().any(|target| !target.refusals.is_empty()) {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    }
}

/// The JSON of a run, with the targets that were left out of it.
#[derive(Serialize)]
struct RunWithRefused<'a> {
    #[serde(flatten)]
    run: &'a ActionRun,
    refused: Vec<RefusedTarget<'a>>,
}

/// A target of the request on which nothing was done, and why.
#[derive(Serialize)]
struct RefusedTarget<'a> {
    typed: &'a str,
    target: Option<&'a ActionTarget>,
    refusals: &'a [Noted<ActionRefusal>],
}

fn refused_targets(preview: &ActionPreview) -> Vec<RefusedTarget<'_>> {
    let refused = preview.targets.iter().filter(|target| !target.refusals.is_empty());
    refused
        .map(|target| RefusedTarget {
            typed: &target.typed,
            target: target.target.as_ref(),
            refusals: &target.refusals,
        })
        .collect()
}

/// Returns 0 if it is done for every target of the request, 1 if it is partly done or unknown, 2 if it is not done.
fn exit_of_run(preview: &ActionPreview, run: &ActionRun) -> ExitCode {
    match run.outcome {
        ActionOutcome::Done | ActionOutcome::NothingToDo if preview.targets.iter().any(is_left_undone) => {
            ExitCode::from(1)
        }
        outcome @ (ActionOutcome::Done
        | ActionOutcome::NothingToDo
        | ActionOutcome::Partly
        | ActionOutcome::Unknown
        | ActionOutcome::Failed) => exit_of_outcome(outcome),
    }
}

/// Tells whether a target is refused for another reason than that there is nothing to do.
fn is_left_undone(target: &TargetPreview) -> bool {
    target.refusals.iter().any(|refusal| {
        !matches!(refusal.code, ActionRefusal::AlreadyDone | ActionRefusal::AlreadyBlocked | ActionRefusal::ListedTwice)
    })
}

/// Returns the exit code of an outcome.
pub(crate) fn exit_of_outcome(outcome: ActionOutcome) -> ExitCode {
    match outcome {
        ActionOutcome::Done | ActionOutcome::NothingToDo => ExitCode::SUCCESS,
        ActionOutcome::Partly | ActionOutcome::Unknown => ExitCode::from(1),
        ActionOutcome::Failed => ExitCode::from(2),
    }
}
