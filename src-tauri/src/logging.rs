//! The log: a file a day in the app's log folder, the last seven kept.
//!
//! Only the app's own targets are written, whatever `RUST_LOG` says: the HTTP libraries would log addresses and headers.
//! Fields, never formatted values; no token, header, body or query string is ever handed to a log line.

use std::path::Path;

use connector::place::LOG_FILES;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::hardening::private_folder;

/// The targets that may write.
const OWN: [&str; 3] = ["shell", "connector", "practice"];

/// Begins to log into `folder`. A log that cannot be written is no reason not to start.
pub(crate) fn start(folder: &Path, wanted: Option<&str>) {
    let file = private_folder(folder).ok().and_then(|()| {
        RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix("okta-connector")
            .filename_suffix("log")
            .max_log_files(LOG_FILES)
            .build(folder)
            .ok()
    });
    let Some(file) = file else { return };
    let lines = tracing_subscriber::fmt::layer().json().with_writer(file);
    let started = tracing_subscriber::registry().with(targets(wanted)).with(lines).try_init();
    if started.is_ok() {
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "started");
    }
}

/// Returns what is logged: our targets at `info`, or as `RUST_LOG` says of them. Nothing of anything else.
fn targets(wanted: Option<&str>) -> Targets {
    let wanted: Targets = wanted.and_then(|text| text.parse().ok()).unwrap_or_default();
    let level = |own: &str| {
        let named = wanted.iter().find(|(target, _)| *target == own).map(|(_, level)| level);
        named.or(wanted.default_level()).unwrap_or(LevelFilter::INFO)
    };
    OWN.into_iter().fold(Targets::new(), |targets, own| targets.with_target(own, level(own)))
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::targets;

    #[test]
    fn other_libraries_never_write_whatever_is_asked_for() {
        for wanted in [None, Some("trace"), Some("hyper=trace,reqwest=trace"), Some("shell=debug"), Some("???=")] {
            let targets = targets(wanted);
            for other in ["hyper", "reqwest::connect", "h2", "rustls", "zbus"] {
                assert!(!targets.would_enable(other, &Level::ERROR), "{other} with {wanted:?}");
            }
        }
    }

    #[test]
    fn our_own_targets_follow_the_wish_and_are_at_info_without_one() {
        assert!(targets(None).would_enable("okta", &Level::INFO));
        assert!(!targets(None).would_enable("okta", &Level::DEBUG));
        assert!(targets(Some("connector=trace")).would_enable("okta", &Level::TRACE));
        assert!(!targets(Some("connector=trace")).would_enable("shell", &Level::DEBUG));
        assert!(targets(Some("debug")).would_enable("shell::doors", &Level::DEBUG));
        assert!(!targets(Some("off")).would_enable("shell", &Level::ERROR));
    }
}
