//! The collector Grove, measured with the same events: its own process, its own output to files or over https.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use practice::{Change, Options, Practice, Tls, VolumeLog};
use serde_json::{Value, json};

use crate::process_usage::{self, Usage};
use crate::redirecting_proxy::Proxy;

const OKTA: &str = "practice.okta.com";
const RADIANT: &str = "api.app.radiantsecurity.ai";
/// A run that has not ended after this time is a failure.
const LIMIT: Duration = Duration::from_secs(3_600);

/// Where Grove writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    Files,
    Https,
}

/// Lets Grove read this many events once and returns what it used.
pub(crate) async fn measure(environment: &Path, events: u64, output: Output) -> Value {
    let names = vec![OKTA.to_owned(), RADIANT.to_owned()];
    let options = Options {
        tls: Some(Tls { names, expired: false }),
        radiant_tls: true,
        rate_limit: 1_000_000,
        events_per_second: 0.0,
        ..Options::default()
    };
    let practice = Practice::start(options).await.unwrap();
    practice.control().set(Change::VolumeLog { log: Some(VolumeLog { events, ..VolumeLog::default() }) });
    let proxy = Proxy::start(&[(OKTA, practice.okta_addr()), (RADIANT, practice.radiant_addr())]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let command = command(environment, folder.path(), &practice, &proxy, output);
    let control = practice.control();
    let usage = tokio::task::spawn_blocking(move || process_usage::measure(command, || 0, 1, LIMIT)).await.unwrap();
    let requests = control.counters().requests.get("okta /api/v1/logs").copied().unwrap_or_default();
    // Grove ends at the first empty page, so the number of pages tells how much it read.
    let read = match output {
        Output::Files => (requests.saturating_sub(1) * 1_000).min(events),
        Output::Https => control.webhook().volume_events,
    };
    let log = std::fs::read_to_string(folder.path().join("grove.log")).unwrap_or_default();
    let problem = (read < events).then(|| log.lines().rev().take(5).collect::<Vec<_>>().join(" | "));
    result(output, events, read, &usage, problem)
}

fn result(output: Output, events: u64, read: u64, usage: &Usage, problem: Option<String>) -> Value {
    let output = if output == Output::Files { "files" } else { "https" };
    let events_read = u32::try_from(read).map_or(0.0, f64::from);
    json!({"collector": "grove 2.2.0", "output": output, "events": events, "read": read, "seconds": usage.seconds,
        "events_per_second": (events_read / usage.seconds).round(), "cpu_seconds_per_100k": usage.cpu_seconds * 100_000.0 / events_read.max(1.0),
        "events_per_cpu_second": (events_read / usage.cpu_seconds.max(0.01)).round(), "peak_rss_mb": usage.peak_rss_mb.round(), "problem": problem})
}

fn command(environment: &Path, folder: &Path, practice: &Practice, proxy: &Proxy, output: Output) -> Command {
    for name in ["connectors", "output"] {
        std::fs::create_dir_all(folder.join(name)).unwrap();
    }
    let connector = json!({"connector": "okta_system_log", "name": "okta", "identity": "practice",
        "key": practice.card().tokens.read_only});
    std::fs::write(folder.join("connectors/okta.json"), connector.to_string()).unwrap();
    let authority = folder.join("authority.pem");
    std::fs::write(&authority, practice.ca_pem().unwrap()).unwrap();
    let log = std::fs::File::create(folder.join("grove.log")).unwrap();
    let mut command = Command::new(environment.join("bin/grove"));
    command.current_dir(folder).stdout(log.try_clone().unwrap()).stderr(log);
    command.env("GROVE_CONFIG_LOCAL_FILE_PATH", folder.join("connectors"));
    match output {
        Output::Files => {
            command.env("GROVE_OUTPUT_HANDLER", "local_file");
            command.env("GROVE_OUTPUT_LOCAL_FILE_PATH", folder.join("output"));
        }
        Output::Https => {
            command.env("GROVE_OUTPUT_HANDLER", "remote_http");
            command.env("GROVE_OUTPUT_REMOTE_HTTP_URL", format!("https://{RADIANT}/events"));
            let header = format!("Authorization: {}", practice.card().radiant_events_token);
            command.env("GROVE_OUTPUT_REMOTE_HTTP_HEADERS", header);
        }
    }
    for name in ["ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy", "https_proxy", "NO_PROXY", "no_proxy"] {
        command.env_remove(name);
    }
    command.env("HTTPS_PROXY", proxy.url()).env("REQUESTS_CA_BUNDLE", &authority).env("SSL_CERT_FILE", &authority);
    command
}
