//! The log: one file a day in the app's log folder; the last seven are kept.
//!
//! Only the app's own targets are written, whatever `RUST_LOG` says, because the HTTP libraries would log addresses and
//! headers. Agent and window append to the same file, each line with one write. Log lines have structured fields and never
//! contain a token, header, body or query string.

use std::path::Path;
use std::sync::Mutex;

use runtime::Clock;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::daily_log::DailyLog;

/// The targets that are logged: the product's own crates.
const OWN: [&str; 11] =
    ["agent", "shell", "practice", DOMAIN, "http_client", "messages", "okta", "radiant", "runtime", "secrets", "store"];
/// The targets above the domain, which its level does not apply to.
const PROCESSES: [&str; 3] = ["agent", "shell", "practice"];
/// The target whose level also applies to the crates below it, unless the filter names them.
const DOMAIN: &str = "connector";

/// Starts logging into `folder`. The app starts even if the log cannot be written.
pub fn start(folder: &Path, filter: Option<&str>) {
    let Ok(log) = DailyLog::open(folder, Clock::system()) else { return };
    let lines = tracing_subscriber::fmt::layer().json().with_writer(Mutex::new(log));
    let started = tracing_subscriber::registry().with(targets(filter)).with(lines).try_init();
    if started.is_ok() {
        tracing::info!(version = env!("CARGO_PKG_VERSION"), pid = std::process::id(), "started");
    }
}

/// Returns the filter: the own targets at `info` or as `RUST_LOG` sets them, and no other target.
fn targets(filter: Option<&str>) -> Targets {
    let filter: Targets = filter.and_then(|text| text.parse().ok()).unwrap_or_default();
    let named = |name: &str| filter.iter().find(|(target, _)| *target == name).map(|(_, level)| level);
    let level = |own: &str| {
        let domain = if PROCESSES.contains(&own) { None } else { named(DOMAIN) };
        named(own).or(domain).or(filter.default_level()).unwrap_or(LevelFilter::INFO)
    };
    OWN.into_iter().fold(Targets::new(), |targets, own| targets.with_target(own, level(own)))
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::targets;

    #[test]
    fn other_libraries_are_never_logged_whatever_the_filter_says() {
        for filter in [None, Some("trace"), Some("hyper=trace,reqwest=trace"), Some("shell=debug"), Some("???=")] {
            let targets = targets(filter);
            for other in ["hyper", "reqwest::connect", "h2", "rustls", "zbus"] {
                assert!(!targets.would_enable(other, &Level::ERROR), "{other} with {filter:?}");
            }
        }
    }

    #[test]
    fn own_targets_follow_the_filter_and_are_at_info_without_one() {
        assert!(targets(None).would_enable("okta", &Level::INFO));
        assert!(!targets(None).would_enable("okta", &Level::DEBUG));
        assert!(targets(Some("connector=trace")).would_enable("okta", &Level::TRACE));
        for process in ["agent", "shell"] {
            assert!(targets(None).would_enable(process, &Level::INFO), "{process}");
            assert!(!targets(Some("connector=trace")).would_enable(process, &Level::DEBUG), "{process}");
        }
        assert!(targets(Some("debug")).would_enable("shell::connectors", &Level::DEBUG));
        assert!(!targets(Some("off")).would_enable("shell", &Level::ERROR));
    }
}
