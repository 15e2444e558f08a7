//! `cargo xtask bench checks`: measures the duration of all checks when every response takes 100 ms.
//!
//! `latency_multiple` is the median duration of five runs divided by the latency. Independent checks run side by side, so the
//! goal is the length of the longest chain of requests (at most 4) and not their number. A release build is measured, because
//! that is what people run.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::prerequisites::{self, Purpose};
use crate::{paths, private_desktop, process, run_app};

const LATENCY_MS: u64 = 100;
const RUNS: usize = 5;
const GOAL: f64 = 4.0;

/// Measures on a private desktop (the checks use a real keychain); the last line is JSON.
///
/// # Errors
/// When something is missing or does not build, or a run gives no report.
pub(crate) fn measure() -> Result<ExitCode> {
    if let Some(desktop) = private_desktop::folder() {
        return measure_on_desktop(&desktop);
    }
    prerequisites::ensure(Purpose::Desktop)?;
    let build = ["build", "--release", "--package", run_app::COMMAND_LINE];
    process::run(process::command("cargo", &build, &paths::root()))?;
    let this = std::env::current_exe()?;
    process::exit_code(private_desktop::command(&[&this.to_string_lossy(), "bench", "checks"]))
}

fn measure_on_desktop(desktop: &Path) -> Result<ExitCode> {
    let program = paths::release_binary(run_app::COMMAND_LINE);
    let practice = PracticeOrg::start(&program)?;
    let search_token = desktop.join("radiant-search-token");
    std::fs::write(&search_token, practice.text("/radiant_search_token")?)?;
    practice.connect_radiant()?;
    std::thread::sleep(Duration::from_secs(4));
    let mut runs = Vec::new();
    for run in 1..=RUNS {
        let ms = run_checks(&program, &practice, &search_token)?;
        println!("run {run}: {ms} ms");
        runs.push(ms);
    }
    runs.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of one report are far below 2^52")]
    let multiple = runs[RUNS / 2] as f64 / LATENCY_MS as f64;
    let line = json!({
        "bench": "checks", "latency_ms": LATENCY_MS, "runs_ms": runs, "latency_multiple": multiple, "goal": GOAL,
    });
    println!("{line}");
    Ok(if multiple <= GOAL { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs all checks and returns the duration that the report gives, so that the start of the process does not count.
fn run_checks(program: &Path, practice: &PracticeOrg, search_token: &Path) -> Result<u64> {
    let okta = practice.text("/okta")?;
    let radiant = practice.text("/radiant/search")?;
    let mut child = Command::new(program)
        .args(["check", "--json", "--token-stdin", "--practice", "--domain", &okta, "--radiant-url", &radiant])
        .args(["--radiant-index", "raw-events", "--radiant-connector-type", "okta_system_log"])
        .args(["--radiant-timestamp-field", "timestamp"])
        .arg("--radiant-search-token-file")
        .arg(search_token)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let token = practice.text("/tokens/super_admin")?;
    child.stdin.take().context("no standard input")?.write_all(token.as_bytes())?;
    let output = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last: Value = text.lines().last().map(serde_json::from_str).transpose()?.unwrap_or_default();
    last["ms"].as_u64().with_context(|| format!("no report: {text}"))
}

/// A practice organization in its own process, which ends when this value is dropped.
struct PracticeOrg {
    child: Child,
    card: Value,
}

impl PracticeOrg {
    fn start(program: &Path) -> Result<Self> {
        let latency = LATENCY_MS.to_string();
        let mut child = Command::new(program)
            .args(["practice", "--latency-ms", &latency])
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no standard output")?).read_line(&mut line)?;
        let card = serde_json::from_str(&line)
            .with_context(|| format!("not a description of the practice organization: {line}"))?;
        Ok(Self { child, card })
    }

    fn text(&self, pointer: &str) -> Result<String> {
        self.card.pointer(pointer).and_then(Value::as_str).map(str::to_owned).with_context(|| pointer.to_owned())
    }

    /// Lets the practice Radiant poll with the administrator's token, so that there is an event to find.
    fn connect_radiant(&self) -> Result<()> {
        let (url, secret) = (self.text("/control/url")?, self.text("/control/secret")?);
        let body = json!({"token": self.text("/tokens/super_admin")?}).to_string();
        let script = "fetch(process.argv[1] + '/credential', { method: 'POST', body: process.argv[3], headers: \
                      { authorization: 'Bearer ' + process.argv[2], 'content-type': 'application/json' } })\
                      .then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))";
        let status = Command::new("node").args(["-e", script, &url, &secret, &body]).status()?;
        if !status.success() {
            bail!("the practice organization did not accept the credential");
        }
        Ok(())
    }
}

impl Drop for PracticeOrg {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
