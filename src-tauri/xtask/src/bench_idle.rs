//! `cargo xtask bench idle`: measures agent and window beside a bare Tauri app of the same versions (Linux).
//!
//! All are release builds of one profile, started alternately on one private desktop with a tray. The agent has one or a hundred
//! finished connections with the default monitoring settings, and one whose token is gone, so that a notification waits to be
//! clicked. The first probes run before the measurement and find no network, because the proxy does not respond; they are
//! repeated once within a minute, also before the measurement. Memory is PSS over every process of the app, comparable only while no other web view shares its pages.
//! Measured are: the agent alone, with its context switches and processor time; memory with the window open; the time from
//! closing the window until only the agent is left; the times from a start, and from *Open* in the tray, to the window's first
//! text. The last line is JSON with ratios of medians.

mod summary;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value, json};

use crate::first_paint::Screen;
use crate::prerequisites::{self, Purpose};
use crate::process_usage::ProcessGroup;
use crate::{frontend, paths, private_desktop, process, run_app};

/// The binary of the bare app, and the feature that builds it.
const BARE: &str = "bare";
/// The programs of the real app: window and agent.
const OURS: &[&str] = &[run_app::APP, run_app::AGENT_PROGRAM];
/// The time between a change of the window and the measurement of memory.
const SETTLE: Duration = Duration::from_secs(8);
/// The same after the start of the agent: its first probes find no network and are repeated once within a minute.
const SETTLE_AGENT: Duration = Duration::from_secs(90);
/// How long the tray alone is measured.
const TRAY_TIME: Duration = Duration::from_secs(60);
/// How often the start of each app is measured, and the pause before and after its end.
const STARTS: usize = 15;
const PAUSE: Duration = Duration::from_millis(1_500);
/// How long the agent, a notification, or the end of a closed window may take.
const LIMIT: Duration = Duration::from_secs(30);
/// The numbers of connections the agent is measured with, each with the name of its figures.
const CONNECTIONS: [(&str, usize); 2] = [("agent", 1), ("agent_100", 100)];
/// The address of a proxy that does not respond, so that no request leaves the computer.
const NO_PROXY: &str = "http://127.0.0.1:9";

/// Measures on a private desktop; the last line is JSON.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn measure(runs: usize) -> Result<ExitCode> {
    if let Some(desktop) = private_desktop::folder() {
        return measure_on_desktop(&desktop, runs);
    }
    prerequisites::ensure(Purpose::BareApp)?;
    frontend::build()?;
    run_app::build_agent(false)?;
    let build = ["build", "--release", "--package", run_app::APP, "--features", BARE];
    process::run(process::command("cargo", &build, &paths::root()))?;
    let this = std::env::current_exe()?;
    let words = [&this.to_string_lossy(), "bench", "idle", "--runs", &runs.to_string()];
    let mut command = private_desktop::command(&words);
    command.env(private_desktop::SCREEN, "file");
    process::exit_code(command)
}

fn measure_on_desktop(desktop: &Path, runs: usize) -> Result<ExitCode> {
    // The first start of each program fills the disk's cache; the agent's also creates the database.
    for (app, name, args) in
        [(run_app::APP, "warm-agent", &["--hidden"][..]), (run_app::APP, "warm", &[]), (BARE, "warm-bare", &[])]
    {
        let mut warm = start(app, name, args)?;
        std::thread::sleep(SETTLE);
        ensure!(warm.is_running(), "{app} ended by itself");
        drop(warm);
    }
    let starts = start_times(desktop)?;
    println!("starts: {}", json!(starts));
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for run in 1..=runs {
        let measured = measure_ours(desktop, run)?;
        println!("run {run}: {} {measured}", run_app::APP);
        ours.push(measured);
        let measured = measure_bare(run)?;
        println!("run {run}: {BARE} {measured}");
        bare.push(measured);
    }
    println!("{}", summary::summary(&ours, &bare, &starts));
    Ok(ExitCode::SUCCESS)
}

/// Starts both apps alternately and returns their start times: the real app's, then the bare app's.
fn start_times(desktop: &Path) -> Result<[Vec<Value>; 2]> {
    let mut screen = Screen::open(desktop)?;
    let mut starts = [Vec::new(), Vec::new()];
    for turn in 0..STARTS {
        for (app, into) in [run_app::APP, BARE].into_iter().zip(&mut starts) {
            ensure!(screen.is_black()?, "something is on the screen already");
            let since = Instant::now();
            let group = start(app, &format!("start-{app}-{turn}"), &[])?;
            let shown = screen.wait_for_text(since).with_context(|| format!("start {turn} of {app}"))?;
            std::thread::sleep(PAUSE);
            drop(group);
            std::thread::sleep(PAUSE);
            into.push(json!({ "mapped_ms": ms(shown.mapped), "painted_ms": ms(shown.painted) }));
        }
    }
    Ok(starts)
}

/// Measures the agent alone with each number of connections, the window, and the window that the tray opens.
fn measure_ours(desktop: &Path, run: usize) -> Result<Value> {
    let mut measured = Map::new();
    for (name, connections) in CONNECTIONS {
        measured.insert(name.to_owned(), measure_agent(desktop, connections, run)?);
    }
    add_connections(1)?;
    measured.extend(measure_window(run_app::APP, run)?);
    measured.insert("opened".to_owned(), measure_open(desktop, run)?);
    Ok(measured.into())
}

fn measure_bare(run: usize) -> Result<Value> {
    let mut measured = measure_window(BARE, run)?;
    let group = start(BARE, &format!("tray-{BARE}-{run}"), &["--hidden"])?;
    std::thread::sleep(SETTLE);
    measured.insert("tray".to_owned(), measure_idle(group, BARE)?.into());
    Ok(measured.into())
}

/// Measures the agent with connections that were probed and a notification that waits.
fn measure_agent(desktop: &Path, connections: usize, run: usize) -> Result<Value> {
    add_connections(connections)?;
    let before = notifications(desktop)?;
    let group = start(run_app::APP, &format!("agent-{connections}-{run}"), &["--hidden"])?;
    wait_for("a notification", || Ok(notifications(desktop)? > before))?;
    std::thread::sleep(SETTLE_AGENT);
    ensure!(group.is_only(run_app::AGENT_PROGRAM), "something else than the agent runs after a hidden start");
    let mut figures = measure_idle(group, run_app::AGENT_PROGRAM)?;
    figures.insert("notifications".to_owned(), json!(notifications(desktop)? - before));
    let probed = add_connections(1)?;
    ensure!(probed > connections, "{probed} of {} connections were probed", connections + 1);
    Ok(figures.into())
}

/// Measures a program that waits in the tray, and ends it.
fn measure_idle(mut group: ProcessGroup, program: &str) -> Result<Map<String, Value>> {
    let mut figures = memory(&group);
    let before = group.usage();
    std::thread::sleep(TRAY_TIME);
    let after = group.usage();
    figures.insert("wakeups_per_s".to_owned(), per_second(after.switches_since(&before), TRAY_TIME));
    figures.insert("cpu_ms".to_owned(), json!(after.cpu_ms_since(&before)));
    ensure!(group.is_running(), "{program} ended by itself");
    Ok(figures)
}

/// Measures an app with its window, and what is left once the window was closed.
fn measure_window(app: &str, run: usize) -> Result<Map<String, Value>> {
    let is_ours = app == run_app::APP;
    let mut group = start(app, &format!("window-{app}-{run}"), &[])?;
    std::thread::sleep(SETTLE);
    if is_ours {
        wait_for("the agent", || Ok(group.has_program(run_app::AGENT_PROGRAM)))?;
        std::thread::sleep(SETTLE);
    }
    let mut open = memory(&group);
    if is_ours {
        open.insert("pss_mb_without_agent".to_owned(), group.pss_mb_without(run_app::AGENT_PROGRAM));
    }
    close_window()?;
    let mut closed = Map::new();
    if is_ours {
        let time = wait_for("the window to end", || Ok(group.is_only(run_app::AGENT_PROGRAM)))?;
        closed.insert("seconds".to_owned(), json!(seconds(time)));
    } else {
        ensure!(group.is_running(), "{app} ended when its window was closed");
    }
    std::thread::sleep(SETTLE);
    closed.extend(memory(&group));
    closed.insert("web_processes".to_owned(), json!(group.count_named("WebKit")));
    Ok([("window", open), ("closed", closed)].map(|(name, part)| (name.to_owned(), part.into())).into_iter().collect())
}

/// Measures the time from *Open* in the agent's tray menu to the first text of the window.
fn measure_open(desktop: &Path, run: usize) -> Result<Value> {
    let mut screen = Screen::open(desktop)?;
    let group = start(run_app::APP, &format!("open-{run}"), &["--hidden"])?;
    std::thread::sleep(SETTLE);
    ensure!(screen.is_black()?, "something is on the screen already");
    let label = tray_label()?;
    let mut command = private_desktop::python("tray_menu.py");
    let mut menu = command.arg(label).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(menu.stdout.take().context("no output")?).read_line(&mut line)?;
    ensure!(line.trim() == "ready", "the tray has no such entry");
    let since = Instant::now();
    menu.stdin.take().context("no input")?.write_all(b"\n")?;
    let shown = screen.wait_for_text(since).with_context(|| format!("Open in the tray, run {run}"))?;
    menu.wait()?;
    std::thread::sleep(PAUSE);
    drop(group);
    std::thread::sleep(PAUSE);
    Ok(json!({ "mapped_ms": ms(shown.mapped), "painted_ms": ms(shown.painted) }))
}

/// Returns the label of the tray's entry that opens the window. The desktop's language is English.
fn tray_label() -> Result<String> {
    let catalog: Value = serde_json::from_str(&std::fs::read_to_string(paths::ui().join("messages/en.json"))?)?;
    Ok(catalog["tray.open"].as_str().context("the catalog has no tray.open")?.to_owned())
}

fn start(app: &str, name: &str, args: &[&str]) -> Result<ProcessGroup> {
    let mut command = Command::new(paths::release_binary(app));
    command.args(args).env("HTTPS_PROXY", NO_PROXY).env("HTTP_PROXY", NO_PROXY);
    let programs = if app == run_app::APP { OURS } else { &[BARE] };
    ProcessGroup::start(command, name, programs).with_context(|| format!("cannot start {app}"))
}

/// Replaces the connections by finished ones that were not probed yet, and one whose token is gone. Returns how many had been
/// probed before.
fn add_connections(count: usize) -> Result<usize> {
    let data = std::env::var_os("XDG_DATA_HOME").context("not on a private desktop")?;
    let database = Path::new(&data).join("ai.radiantsecurity.okta-connector/connector.db");
    let mut command = private_desktop::python("finished_connection.py");
    let output = command.arg(database).args([&count.to_string(), "--one-without-token"]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}

/// Returns how many notifications the desktop has received.
fn notifications(desktop: &Path) -> Result<usize> {
    let log = std::fs::read_to_string(desktop.join("notifications.jsonl"))?;
    Ok(log.lines().filter(|line| line.contains("\"event\": \"notice\"")).count())
}

fn close_window() -> Result<()> {
    let status = private_desktop::python("close_window.py").arg("Okta Connector for Radiant").status()?;
    ensure!(status.success(), "the window was not closed");
    Ok(())
}

/// Waits until something is true, and returns how long that took.
fn wait_for(what: &str, mut is_true: impl FnMut() -> Result<bool>) -> Result<Duration> {
    let since = Instant::now();
    while !is_true()? {
        ensure!(since.elapsed() < LIMIT, "waited {} s for {what}", LIMIT.as_secs());
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(since.elapsed())
}

fn memory(group: &ProcessGroup) -> Map<String, Value> {
    group.memory().as_object().cloned().unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "switches in a minute are far below 2^52")]
fn per_second(count: u64, time: Duration) -> Value {
    json!(summary::round(count as f64 / time.as_secs_f64()))
}

fn seconds(time: Duration) -> f64 {
    summary::round(time.as_secs_f64())
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
