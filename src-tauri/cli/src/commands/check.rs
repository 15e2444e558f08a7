//! `connectorctl check`: runs every check once and prints each row as soon as it is complete.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;

use connector::{ConnectorConfig, OneOffCheck, recognize_org, run_one_off_check};
use messages::{Messages, keys};
use model::check::{CheckProgress, CheckReport, CheckRow};
use model::radiant_search_settings::RadiantSearch;
use tokio_util::sync::CancellationToken;

use crate::args::Check;
use crate::check_output::RowsInOrder;
use crate::{check_output, exit_code, print, secret_files};

/// Runs the checks and prints them.
pub(crate) async fn run(args: Check, messages: &Messages) -> ExitCode {
    let json = args.json;
    match run_or_refuse(args, messages).await {
        Ok(report) => ExitCode::from(exit_code::for_report(&report)),
        Err(error) => exit_code::refused(&error, json, messages),
    }
}

/// Recognizes the org, runs the checks and prints each row.
async fn run_or_refuse(args: Check, messages: &Messages) -> anyhow::Result<CheckReport> {
    let check = one_off_check(&args, messages)?;
    if check.is_practice {
        exit_code::report_practice(messages);
    } else if let Some(reading) = check_output::domain_reading(&args.domain, messages) {
        print::error_line(&reading);
    }
    let (json, texts) = (args.json, messages.clone());
    let work = async {
        let (origin, found) = recognize_org(&check).await?;
        let url = origin.url();
        if let Some(host) = found.and_then(|found| found.through) {
            print::error_line(&messages.text(keys::CLI_DOMAIN_THROUGH, &[("host", &host), ("url", &url)]));
        }
        let (sender, rows) = mpsc::channel();
        let printer = std::thread::spawn(move || {
            let mut order = RowsInOrder::default();
            for row in rows {
                // Programs get each row at once; for people the rows have one order.
                let ready = if json { vec![row] } else { order.push(row) };
                if ready.iter().try_for_each(|row| print_row(row, json, &texts)).is_err() {
                    return;
                }
            }
            drop(order.rest().try_for_each(|row| print_row(&row, json, &texts)));
        });
        let on_progress = move |progress| {
            if let CheckProgress::Answered(row) = progress {
                // A closed pipe ends the printer; the exit code still follows the report.
                drop(sender.send(row));
            }
        };
        let report = run_one_off_check(check, origin, &CancellationToken::new(), &on_progress).await;
        drop(on_progress);
        drop(printer.join());
        report.map(|report| (url, report))
    };
    let (url, report) = tokio::select! {
        done = work => done?,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
    };
    // As with the rows, a closed pipe leaves the exit code.
    drop(if json {
        print::json(&check_output::summary_json(&url, &report))
    } else {
        let mut lines = check_output::capabilities_text(&report.capabilities, messages);
        lines.push(check_output::summary_text(&report, exit_code::for_report(&report), messages));
        lines.iter().try_for_each(|line| print::line(line))
    });
    Ok(report)
}

fn print_row(row: &CheckRow, json: bool, messages: &Messages) -> io::Result<()> {
    if json {
        print::json(&check_output::row_json(row, messages))
    } else {
        check_output::row_text(row, messages).iter().try_for_each(|line| print::line(line))
    }
}

fn one_off_check(args: &Check, messages: &Messages) -> anyhow::Result<OneOffCheck> {
    let token = match &args.token_file {
        Some(path) => secret_files::read_any(path, messages)?,
        None => secret_files::read_stdin(messages)?,
    };
    let search_token = args.radiant_search_token_file.as_deref();
    let radiant = RadiantSearch::default();
    // A check stores nothing, so its configuration needs no data folder.
    let config = ConnectorConfig::for_this_computer(PathBuf::new());
    let watch = config.clock.stopwatch();
    Ok(OneOffCheck {
        domain: args.domain.clone(),
        is_practice: args.practice,
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
        radiant_token: search_token.map(|path| secret_files::read_any(path, messages)).transpose()?,
        inspection_accepted: args.accept_tls_inspection,
        keychain: config.keychain,
        http: config.http,
        clock: config.clock,
        time_limit: Duration::from_secs(args.timeout.into()),
        watch,
    })
}
