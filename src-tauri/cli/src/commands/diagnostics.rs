//! `connectorctl diagnostics`: writes the diagnostics bundle, one JSON object without secrets and with pseudonyms.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use connector::place;
use messages::Messages;
use model::diagnostics::{RedactionOptions, RuntimeInfo};

use crate::args::Diagnostics;
use crate::exit_code;
use crate::session::Session;

/// Writes the bundle.
pub(crate) async fn run(args: Diagnostics) -> ExitCode {
    let messages = Messages::load_for_command_line(args.place.language.into());
    match write(&args, &messages).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit_code::failed(&error, &messages),
    }
}

async fn write(args: &Diagnostics, messages: &Messages) -> anyhow::Result<()> {
    let session = Session::open(&args.place, messages).await?;
    // The window's log does not belong to another data folder.
    let default_place = args.place.data_dir.is_none() && args.place.practice_card.is_none();
    let folder = args.log_dir.clone().or_else(|| place::log_dir().filter(|_| default_place));
    let runtime = RuntimeInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        os: format!("{} ({} {})", whoami::distro(), std::env::consts::OS, std::env::consts::ARCH),
        web_view: None,
        log: folder.map(|folder| place::newest_log(&folder)).unwrap_or_default(),
    };
    let redact = RedactionOptions { people: !args.keep_people, addresses: !args.keep_addresses, orgs: !args.keep_orgs };
    let bundle = session.connector.diagnostics(&runtime, redact).await?;
    match &args.file {
        Some(file) => place::write_private(file, &bundle).with_context(|| file.display().to_string()),
        None => Ok(io::stdout().write_all(bundle.as_bytes())?),
    }
}
