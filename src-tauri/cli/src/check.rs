//! `connectorctl check`: every check once, row by row as the answers come.

use std::io::{self, Read as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc;

use connector::{OneOffCheck, place, run_one_off_check};
use http_client::HttpClient;
use messages::Messages;
use model::check::CheckProgress;
use model::radiant::RadiantSearch;
use runtime::Clock;
use secrecy::SecretString;
use secrets::Keychain;
use tokio_util::sync::CancellationToken;

use crate::args::Check;
use crate::{exit, print};

/// Longest token that is read; Okta's have 42 characters.
const LONGEST: u64 = 16 * 1024;

/// Runs the checks and prints them.
pub(crate) async fn run(args: Check) -> ExitCode {
    let messages = Messages::of_command_line(args.language.into());
    let once = match once(&args) {
        Ok(once) => once,
        Err(error) => return exit::could_not_run(&error.to_string()),
    };
    if once.is_practice() {
        exit::say_practice(&messages);
    }
    let (tell, told) = mpsc::channel();
    let (json, said) = (args.json, messages.clone());
    let printer = std::thread::spawn(move || {
        let mut out = io::stdout().lock();
        for row in told {
            let written =
                if json { print::row_json(&mut out, &row, &said) } else { print::row_text(&mut out, &row, &said) };
            if written.is_err() {
                return;
            }
        }
    });
    let cancel = CancellationToken::new();
    let news = move |news| {
        if let CheckProgress::Answered(row) = news {
            // A closed pipe ends the printer; the report is returned all the same.
            drop(tell.send(row));
        }
    };
    let report = tokio::select! {
        report = run_one_off_check(once, &cancel, &news) => report,
        _ = tokio::signal::ctrl_c() => return exit::could_not_run("interrupted"),
    };
    drop(news);
    drop(printer.join());
    match report {
        Ok(report) => {
            let mut out = io::stdout().lock();
            drop(if args.json {
                print::summary_json(&mut out, &report)
            } else {
                print::capabilities_text(&mut out, &report.capabilities, &messages)
            });
            exit::of(&report)
        }
        Err(problem) => exit::could_not_run(&print::problem(&problem, &messages)),
    }
}

fn once(args: &Check) -> anyhow::Result<OneOffCheck> {
    let token = match &args.token_file {
        Some(path) => from_file(path)?,
        None => secret(io::stdin().lock())?,
    };
    let blank = RadiantSearch::default();
    Ok(OneOffCheck {
        domain: args.domain.clone(),
        token,
        profile: args.profile.into(),
        radiant: RadiantSearch {
            url: args.radiant_url.clone().unwrap_or(blank.url),
            index: args.radiant_index.clone(),
            connector_type: args.radiant_connector_type.clone(),
            timestamp_field: args.radiant_timestamp_field.clone(),
            byob: args.radiant_byob,
            confirmed_host: args.radiant_confirm_host.clone(),
        },
        radiant_token: args.radiant_search_token_file.as_deref().map(from_file).transpose()?,
        inspection_accepted: args.accept_tls_inspection,
        keychain: Keychain::system(place::KEYCHAIN),
        web: HttpClient::default(),
        clock: Clock::system(),
    })
}

fn from_file(path: &Path) -> anyhow::Result<SecretString> {
    let file = std::fs::File::open(path).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    secret(file)
}

fn secret(from: impl io::Read) -> anyhow::Result<SecretString> {
    let mut text = String::new();
    from.take(LONGEST).read_to_string(&mut text)?;
    Ok(SecretString::from(text))
}
