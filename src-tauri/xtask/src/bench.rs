//! `cargo xtask bench checks`: how long all checks take when every answer takes 100 ms.
//!
//! `latency_multiple` is the median over five runs of the whole report's time divided by the latency: independent checks
//! run side by side, so the goal is the longest chain of questions (at most 4) and not their number. It is measured on a
//! release build, which is what people run.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::needs::{self, For};
use crate::{desk, place, step};

const LATENCY_MS: u64 = 100;
const RUNS: usize = 5;
const GOAL: f64 = 4.0;

/// Measures inside a desk (the checks ask a real keychain) and prints one JSON line last.
///
/// # Errors
/// When something is missing, does not build, or a run gives no report.
pub(crate) fn checks() -> Result<ExitCode> {
    if std::env::var_os("DESK").is_some() {
        return measure();
    }
    needs::ready(For::Desk)?;
    step::must(step::command("cargo", &["build", "--release", "--package", "connectorctl"], &place::root()))?;
    let this = std::env::current_exe()?;
    let status = step::status(desk::inside(&[&this.to_string_lossy(), "bench", "checks"]))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn measure() -> Result<ExitCode> {
    let program = place::release_binary("connectorctl");
    let practice = Practice::start(&program)?;
    let dir = std::env::var_os("DESK").context("no desk")?;
    let search = Path::new(&dir).join("radiant-search-token");
    std::fs::write(&search, practice.text("/radiant_search_token")?)?;
    practice.give_radiant_the_token()?;
    std::thread::sleep(Duration::from_secs(4));
    let mut runs = Vec::new();
    for run in 1..=RUNS {
        let ms = one(&program, &practice, &search)?;
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

/// One whole report; its own account of its time, so that starting the process does not count.
fn one(program: &Path, practice: &Practice, search: &Path) -> Result<u64> {
    let okta = practice.text("/okta")?;
    let radiant = practice.text("/radiant/search")?;
    let mut child = Command::new(program)
        .args(["check", "--json", "--token-stdin", "--domain", &okta, "--radiant-url", &radiant])
        .args(["--radiant-index", "raw-events", "--radiant-connector-type", "okta_system_log"])
        .args(["--radiant-timestamp-field", "timestamp"])
        .arg("--radiant-search-token-file")
        .arg(search)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let token = practice.text("/tokens/super_admin")?;
    child.stdin.take().context("no standard input")?.write_all(token.as_bytes())?;
    let output = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last: Value = text.lines().last().map(serde_json::from_str).transpose()?.unwrap_or_default();
    last["ms"].as_u64().with_context(|| format!("no report came: {text}"))
}

/// A practice organisation in a process of its own; ends with this value.
struct Practice {
    child: Child,
    card: Value,
}

impl Practice {
    fn start(program: &Path) -> Result<Self> {
        let latency = LATENCY_MS.to_string();
        let mut child = Command::new(program)
            .args(["practice", "--latency-ms", &latency])
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no standard output")?).read_line(&mut line)?;
        let card = serde_json::from_str(&line).with_context(|| format!("not a card: {line}"))?;
        Ok(Self { child, card })
    }

    fn text(&self, pointer: &str) -> Result<String> {
        self.card.pointer(pointer).and_then(Value::as_str).map(str::to_owned).with_context(|| pointer.to_owned())
    }

    /// Tells the practice Radiant to poll with the administrator's token, so that there is an event to find.
    fn give_radiant_the_token(&self) -> Result<()> {
        let (url, secret) = (self.text("/control/url")?, self.text("/control/secret")?);
        let body = json!({"token": self.text("/tokens/super_admin")?}).to_string();
        let script = "fetch(process.argv[1] + '/credential', { method: 'POST', body: process.argv[3], headers: \
                      { authorization: 'Bearer ' + process.argv[2], 'content-type': 'application/json' } })\
                      .then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))";
        let status = Command::new("node").args(["-e", script, &url, &secret, &body]).status()?;
        if !status.success() {
            bail!("the practice organisation's control did not take the credential");
        }
        Ok(())
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
