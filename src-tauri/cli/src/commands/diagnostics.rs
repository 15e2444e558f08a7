//! `connectorctl diagnostics`: writes the diagnostics bundle, one JSON object without secrets and with pseudonyms.

use std::process::ExitCode;

use connector::log_files::newest_log;
use connector::paths;
use messages::Messages;
use model::diagnostics_options::{RedactionOptions, RuntimeInfo};

use crate::args::Diagnostics;
use crate::session::Session;
use crate::{exit_code, print, text_files};

/// Writes the bundle.
pub(crate) async fn run(args: Diagnostics, messages: &Messages) -> ExitCode {
    match write(&args, messages).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit_code::failed(&error, messages),
    }
}

async fn write(args: &Diagnostics, messages: &Messages) -> anyhow::Result<()> {
    let session = Session::open(&args.place, messages).await?;
    // The window's log does not belong to another data folder.
    let default_place = args.place.data_dir.is_none() && args.place.practice_card.is_none();
    let folder = args.log_dir.clone().or_else(|| paths::log_dir().filter(|_| default_place));
    let runtime = RuntimeInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        os: format!("{} ({} {})", whoami::distro(), std::env::consts::OS, std::env::consts::ARCH),
        web_view: None,
        log: folder.map(|folder| newest_log(&folder)).unwrap_or_default(),
    };
    let redact = RedactionOptions { people: !args.keep_people, addresses: !args.keep_addresses, orgs: !args.keep_orgs };
    let bundle = session.connector.reports().diagnostics(&runtime, redact).await?;
    match text_files::output_file(args.file.as_deref()) {
        Some(file) => text_files::write(file, &bundle, messages),
        None => Ok(print::json(&bundle)?),
    }
}
