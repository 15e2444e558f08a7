//! The log of `connectorctl relay run` on standard error, where a service manager collects it: as text or as JSON lines.
//!
//! Only the product's own targets are written, because the HTTP libraries would log addresses and headers.

use std::io::{self, Write};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::print;
use crate::relay_args::LogFormat;

/// The targets that are logged: the product's own crates.
const OWN: [&str; 9] =
    ["connectorctl", "connector", "http_client", "messages", "okta", "radiant", "runtime", "secrets", "store"];

/// Starts the log. The command runs even if there is one already.
pub(crate) fn start(format: LogFormat) {
    let targets = OWN.into_iter().fold(Targets::new(), |targets, own| targets.with_target(own, LevelFilter::INFO));
    let registry = tracing_subscriber::registry().with(targets);
    let started = match format {
        LogFormat::Json => registry.with(tracing_subscriber::fmt::layer().json().with_writer(Lines(format))).try_init(),
        LogFormat::Text => {
            registry.with(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Lines(format))).try_init()
        }
    };
    if started.is_err() {
        print::error_line("connectorctl: the log was started before");
    }
}

/// Writes each event of the log as one line to standard error.
#[derive(Debug, Clone, Copy)]
struct Lines(LogFormat);

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        *self
    }
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        match self.0 {
            LogFormat::Json => print::error_json(&text),
            LogFormat::Text => print::error_line(text.trim_end_matches('\n')),
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
