//! `connectorctl status`: how connections stand, in the form every monitoring system reads (monitoring-plugins guidelines,
//! 2.1 to 2.6): the worst one's exit code, one line with performance data, long text below it.
//!
//! It tells what was kept and how old that is. Without looks there is no news, so old news is `UNKNOWN`.

use std::io::{self, Write};
use std::process::ExitCode;

use connector::Audience;
use messages::{Messages, keys};
use model::connection::ConnectionId;
use model::monitor::ProbeKind;
use model::history::Span;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::args::Status;
use crate::door::Door;
use crate::exit;
use crate::told::{self, Told};

/// Tells how connections stand.
pub(crate) async fn run(args: Status) -> ExitCode {
    let messages = Messages::of_command_line(args.place.language.into());
    let told = match tell(&args, &messages).await {
        Ok(told) => told,
        Err(error) => return exit::unknown(&error, args.json, &messages),
    };
    let exit = told.first().map_or(3, Told::exit);
    let mut out = io::stdout().lock();
    let written =
        if args.json { json(&mut out, exit, &told, &messages) } else { text(&mut out, exit, &told, &messages) };
    match written {
        Ok(()) => ExitCode::from(exit),
        Err(error) => exit::could_not_run(&error.to_string()),
    }
}

/// Returns what is to be told, the worst first.
async fn tell(args: &Status, messages: &Messages) -> anyhow::Result<Vec<Told>> {
    let door = Door::open(&args.place, messages).await?;
    let named = args.of.as_deref();
    if args.look {
        for view in door.connections(named).await? {
            look(&door, &view.connection.id).await?;
        }
    }
    let settings = door.connector.monitor_settings().await?;
    let mut told = Vec::new();
    for view in door.connections(named).await? {
        let history = door.connector.history(&view.connection.id, Span::Day).await?;
        told.push(Told::of(view, &settings, &history, door.clock.now()));
    }
    told.sort_by_key(Told::rank);
    Ok(told)
}

/// Takes the look that is due, and a small one when none is. Another process that looks meanwhile saves us ours.
async fn look(door: &Door, id: &ConnectionId) -> anyhow::Result<()> {
    let tier = door.connector.due(id).await?.unwrap_or(ProbeKind::Heartbeat);
    door.connector.look_now(id, tier, Audience::Nobody, &CancellationToken::new()).await?;
    Ok(())
}

fn text(out: &mut impl Write, exit: u8, told: &[Told], messages: &Messages) -> io::Result<()> {
    let Some(worst) = told.first() else {
        return writeln!(out, "{} - {}", told::word(exit), messages.text(keys::CLI_NO_CONNECTION, &[]));
    };
    let alone = told.len() == 1;
    let count = if alone { String::new() } else { format!(" (1/{})", told.len()) };
    let performance: Vec<String> = told.iter().flat_map(|one| one.performance(alone)).collect();
    let bar = if performance.is_empty() { "" } else { " | " };
    let (name, said) = (told::name(&worst.view), told::plain(&worst.sentence(messages)));
    let age = worst.age(messages);
    writeln!(out, "{} - {name}: {said}, {age}{count}{bar}{}", told::word(exit), performance.join(" "))?;
    told.iter().try_for_each(|one| long_text(out, one, messages))
}

fn long_text(out: &mut impl Write, one: &Told, messages: &Messages) -> io::Result<()> {
    let at = one.view.okta_url.as_ref().map(|url| format!(" ({})", told::plain(url))).unwrap_or_default();
    let said = told::plain(&one.sentence(messages));
    writeln!(out, "{} {}{at}: {said}, {}", told::word(one.exit()), told::name(&one.view), one.age(messages))?;
    if let Some(problem) = &one.view.status.problem {
        let said = messages.code(problem.code, &problem.args);
        for line in [said.meaning, said.remedy] {
            writeln!(out, "  {}", told::plain(&line))?;
        }
    }
    Ok(())
}

fn json(out: &mut impl Write, exit: u8, told: &[Told], messages: &Messages) -> io::Result<()> {
    let connections: Vec<_> = told.iter().map(|one| one.json(messages)).collect();
    writeln!(out, "{}", json!({"exit": exit, "word": told::word(exit), "connections": connections}))
}
