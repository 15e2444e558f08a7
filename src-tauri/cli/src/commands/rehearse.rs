//! `connectorctl rehearse`: runs every action and its undo on a user and an address that exist for this.

use std::process::ExitCode;

use messages::{Messages, keys};
use model::action_run::{ActionOutcome, RehearsalReport, RehearsalRequest};
use tokio_util::sync::CancellationToken;

use crate::action_args::Rehearse;
use crate::commands::act;
use crate::{action_text, exit_code, print, problem_text};

/// Runs the command.
pub(crate) async fn run(args: Rehearse, messages: &Messages) -> ExitCode {
    match exit_of(&args, messages).await {
        Ok(code) => code,
        Err(error) => exit_code::refused(&error, args.at.json, messages),
    }
}

async fn exit_of(args: &Rehearse, messages: &Messages) -> anyhow::Result<ExitCode> {
    let (session, id) = act::open(&args.at, messages).await?;
    let request = RehearsalRequest {
        connection: id,
        user: args.user.clone(),
        address: args.address.clone(),
        with_irreversible: args.with_irreversible,
        typed_user: args.confirm.clone(),
    };
    if !args.yes {
        let targets = [&args.user, &args.address].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
        let question = messages.text(keys::ACTION_CLI_ASK_REHEARSAL, &[("targets", &targets)]);
        if !act::ask(&args.at, &question, messages)?.eq_ignore_ascii_case("yes") {
            anyhow::bail!(messages.text(keys::ACTION_CLI_NOT_RUN, &[]));
        }
    }
    let cancel = CancellationToken::new();
    let running = session.connector.actions().rehearse(&request, &cancel, act::progress(args.at.json, messages));
    let report = act::until_done(running, &cancel).await?;
    if args.at.json {
        print::json(&serde_json::to_string(&report)?)?;
    } else {
        lines(&report, messages).iter().try_for_each(|line| print::line(line))?;
    }
    let outcomes: Vec<_> = report.steps.iter().map(|step| step.outcome.unwrap_or(ActionOutcome::Failed)).collect();
    Ok(act::exit_of_outcome(ActionOutcome::of_parts(&outcomes)))
}

fn lines(report: &RehearsalReport, messages: &Messages) -> Vec<String> {
    let mut lines = Vec::new();
    for step in &report.steps {
        let outcome = match step.outcome {
            Some(outcome) => action_text::label("action.outcome", &outcome, messages),
            None => action_text::label("action.outcome", &ActionOutcome::Failed, messages),
        };
        lines.push(format!("{}: {outcome}", action_text::label("action.kind", &step.kind, messages)));
        lines.extend(
            step.result.iter().flat_map(|result| action_text::result(result, messages)).map(|line| format!("  {line}")),
        );
        lines.extend(step.problem.as_ref().map(|problem| format!("  {}", problem_text::problem(problem, messages))));
    }
    let key = if report.is_practice { keys::ACTION_CLI_PRACTICE } else { keys::ACTION_CLI_PROVEN };
    let proven = report.proven.iter().map(|one| action_text::label("capability", one, messages));
    let proven = proven.collect::<Vec<_>>().join(", ");
    lines.push(messages.text(key, &[("proven", if proven.is_empty() { "-" } else { &proven })]));
    lines
}
