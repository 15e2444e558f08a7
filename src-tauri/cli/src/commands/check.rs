//! `connectorctl check`: runs every check once and prints each row as soon as it is complete.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;

use connector::{ConnectorConfig, OneOffCheck, run_one_off_check};
use messages::Messages;
use model::check::CheckProgress;
use model::radiant::RadiantSearch;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::args::Check;
use crate::{exit_code, output};

/// Longest input that is read as a token, in bytes; Okta's tokens have 42 characters.
const MAX_TOKEN_BYTES: u64 = 16 * 1024;

/// Runs the checks and prints them.
pub(crate) async fn run(args: Check) -> ExitCode {
    let messages = Messages::load_for_command_line(args.language.into());
    let check = match one_off_check(&args) {
        Ok(check) => check,
        Err(error) => return exit_code::could_not_run(&error.to_string()),
    };
    if check.is_practice() {
        exit_code::report_practice(&messages);
    }
    let (sender, rows) = mpsc::channel();
    let (json, texts) = (args.json, messages.clone());
    let printer = std::thread::spawn(move || {
        let mut out = io::stdout().lock();
        for row in rows {
            let written =
                if json { output::row_json(&mut out, &row, &texts) } else { output::row_text(&mut out, &row, &texts) };
            if written.is_err() {
                return;
            }
        }
    });
    let cancel = CancellationToken::new();
    let on_progress = move |progress| {
        if let CheckProgress::Answered(row) = progress {
            // A closed pipe ends the printer; the exit code still follows the report.
            drop(sender.send(row));
        }
    };
    let report = tokio::select! {
        report = run_one_off_check(check, &cancel, &on_progress) => report,
        _ = tokio::signal::ctrl_c() => return exit_code::could_not_run("interrupted"),
    };
    drop(on_progress);
    drop(printer.join());
    match report {
        Ok(report) => {
            let mut out = io::stdout().lock();
            drop(if args.json {
                output::summary_json(&mut out, &report)
            } else {
                output::capabilities_text(&mut out, &report.capabilities, &messages)
            });
            exit_code::for_report(&report)
        }
        Err(problem) => exit_code::could_not_run(&output::problem(&problem, &messages)),
    }
}

fn one_off_check(args: &Check) -> anyhow::Result<OneOffCheck> {
    let token = match &args.token_file {
        Some(path) => read_secret_file(path)?,
        None => read_secret(io::stdin().lock())?,
    };
    let radiant = RadiantSearch::default();
    // A check stores nothing, so its configuration needs no data folder.
    let config = ConnectorConfig::for_this_computer(PathBuf::new());
    Ok(OneOffCheck {
        domain: args.domain.clone(),
        token,
        profile: args.profile.into(),
        radiant: RadiantSearch {
            url: args.radiant_url.clone().unwrap_or(radiant.url),
            index: args.radiant_index.clone(),
            connector_type: args.radiant_connector_type.clone(),
            timestamp_field: args.radiant_timestamp_field.clone(),
            byob: args.radiant_byob,
            confirmed_host: args.radiant_confirm_host.clone(),
        },
        radiant_token: args.radiant_search_token_file.as_deref().map(read_secret_file).transpose()?,
        inspection_accepted: args.accept_tls_inspection,
        keychain: config.keychain,
        http: config.http,
        clock: config.clock,
        time_limit: Duration::from_secs(args.timeout.into()),
    })
}

fn read_secret_file(path: &Path) -> anyhow::Result<SecretString> {
    let file = std::fs::File::open(path).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    read_secret(file)
}

fn read_secret(from: impl io::Read) -> anyhow::Result<SecretString> {
    let mut text = String::new();
    from.take(MAX_TOKEN_BYTES).read_to_string(&mut text)?;
    Ok(SecretString::from(text))
}
