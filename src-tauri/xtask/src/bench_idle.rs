//! `cargo xtask bench idle`: measures the idle app beside a bare Tauri app of the same versions (Linux).
//!
//! Both are release builds of one profile, started alternately on one private desktop. The app has one finished connection and
//! the default monitoring settings. Its first probe runs before the measurement and finds no network, because its proxy does
//! not respond; the next is due ten minutes later. Measured are: memory (PSS over every process of the app, comparable only
//! while no other web view shares its pages), context switches and processor time in the tray alone; memory with the window
//! open and after it was closed; the time from the start to the window and to its first text. The last line is JSON with ratios
//! of medians.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value, json};

use crate::prerequisites::{self, Purpose};
use crate::process_group::ProcessGroup;
use crate::xvfb_screen::Screen;
use crate::{frontend, paths, private_desktop, process, run_app};

/// The binary of the bare app, and the feature that builds it.
const BARE: &str = "bare";
const GOAL: f64 = 1.25;
/// The time between a change of the window and the measurement of memory.
const SETTLE: Duration = Duration::from_secs(8);
/// How long the tray alone is measured.
const TRAY_TIME: Duration = Duration::from_secs(60);
/// How often the start of each app is measured, and the pause before and after its end.
const STARTS: usize = 15;
const PAUSE: Duration = Duration::from_millis(1_500);
/// How long the app may take to restart without its window; it does so up to a minute after the window was closed.
const RESTART_LIMIT: Duration = Duration::from_secs(90);
/// The address of a proxy that does not respond, so that no request leaves the computer.
const NO_PROXY: &str = "http://127.0.0.1:9";

/// The figures that become ratios: their names, and their JSON pointers in a run.
const RATIOS: [(&str, &str); 3] = [
    ("memory_ratio", "/tray/pss_mb"),
    ("wakeups_ratio", "/tray/wakeups_per_s"),
    ("window_memory_ratio", "/window/pss_mb"),
];

/// Measures on a private desktop; the last line is JSON.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn measure(runs: usize) -> Result<ExitCode> {
    if let Some(desktop) = private_desktop::folder() {
        return measure_on_desktop(&desktop, runs);
    }
    prerequisites::ensure(Purpose::Desktop)?;
    frontend::build()?;
    let build = ["build", "--release", "--package", run_app::APP, "--features", BARE];
    process::run(process::command("cargo", &build, &paths::root()))?;
    let this = std::env::current_exe()?;
    let words = [&this.to_string_lossy(), "bench", "idle", "--runs", &runs.to_string()];
    let mut command = private_desktop::command(&words);
    command.env(private_desktop::SCREEN, "file");
    process::exit_code(command)
}

fn measure_on_desktop(desktop: &Path, runs: usize) -> Result<ExitCode> {
    // The first start of each app fills the disk's cache; the real one also creates its database.
    for (app, name) in [(run_app::APP, "warm-ours"), (BARE, "warm-bare")] {
        let warm = start(app, name, &["--hidden"])?;
        std::thread::sleep(SETTLE);
        drop(warm);
    }
    let starts = start_times(desktop)?;
    println!("starts: {}", json!(starts));
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for run in 1..=runs {
        for (app, into) in [(run_app::APP, &mut ours), (BARE, &mut bare)] {
            let measured = measure_app(app, run)?;
            println!("run {run}: {app} {measured}");
            into.push(measured);
        }
    }
    println!("{}", summary(&ours, &bare, &starts));
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
            let shown = screen.wait_for_text(since)?;
            std::thread::sleep(PAUSE);
            drop(group);
            std::thread::sleep(PAUSE);
            into.push(json!({ "mapped_ms": ms(shown.mapped), "painted_ms": ms(shown.painted) }));
        }
    }
    Ok(starts)
}

/// Measures an app once with a window and once in the tray alone.
fn measure_app(app: &str, run: usize) -> Result<Value> {
    let is_ours = app == run_app::APP;
    let mut measured = measure_window(app, &format!("window-{app}-{run}"))?;
    if is_ours {
        add_connection()?;
    }
    let mut group = start(app, &format!("tray-{app}-{run}"), &["--hidden"])?;
    std::thread::sleep(SETTLE);
    let mut tray = memory(&group);
    let before = group.usage();
    std::thread::sleep(TRAY_TIME);
    let after = group.usage();
    tray.insert("wakeups_per_s".to_owned(), per_second(after.switches_since(&before), TRAY_TIME));
    tray.insert("cpu_ms".to_owned(), json!(after.cpu_ms_since(&before)));
    ensure!(group.is_running(), "{app} ended by itself");
    drop(group);
    if is_ours {
        ensure!(add_connection()? > 0, "the connection was not probed");
    }
    measured.insert("tray".to_owned(), tray.into());
    Ok(measured.into())
}

fn measure_window(app: &str, name: &str) -> Result<Map<String, Value>> {
    if app == run_app::APP {
        add_connection()?;
    }
    let mut group = start(app, name, &[])?;
    std::thread::sleep(SETTLE);
    let open = memory(&group);
    close_window()?;
    std::thread::sleep(SETTLE);
    let mut closed = memory(&group);
    closed.insert("web_processes".to_owned(), json!(group.count_named("WebKitWebProces")));
    closed.insert("network_processes".to_owned(), json!(group.count_named("WebKitNetworkPr")));
    let restarted = if app == run_app::APP { wait_for_restart(&group)? } else { Value::Null };
    ensure!(group.is_running(), "{app} ended when its window was closed");
    let parts = [("window", open.into()), ("closed", closed.into()), ("started_over", restarted)];
    Ok(parts.into_iter().map(|(name, part)| (name.to_owned(), part)).collect())
}

/// Waits until the app has restarted without its window, and returns its memory.
fn wait_for_restart(group: &ProcessGroup) -> Result<Value> {
    let since = Instant::now();
    while group.count_named("WebKit") > 0 {
        ensure!(since.elapsed() < RESTART_LIMIT, "the app did not restart after its window was closed");
        std::thread::sleep(Duration::from_millis(200));
    }
    std::thread::sleep(SETTLE);
    Ok(memory(group).into())
}

fn start(app: &str, name: &str, args: &[&str]) -> Result<ProcessGroup> {
    let mut command = Command::new(paths::release_binary(app));
    command.args(args).env("HTTPS_PROXY", NO_PROXY).env("HTTP_PROXY", NO_PROXY);
    ProcessGroup::start(command, name).with_context(|| format!("cannot start {app}"))
}

/// Adds the finished connection, not probed yet; returns how many probes there were before.
fn add_connection() -> Result<u64> {
    let data = std::env::var_os("XDG_DATA_HOME").context("not on a private desktop")?;
    let database = Path::new(&data).join("ai.radiantsecurity.okta-connector/connector.db");
    let output = private_desktop::python("finished_connection.py").arg(database).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}

fn close_window() -> Result<()> {
    let status = private_desktop::python("close_window.py").arg("Okta Connector for Radiant").status()?;
    ensure!(status.success(), "the window was not closed");
    Ok(())
}

fn memory(group: &ProcessGroup) -> Map<String, Value> {
    group.memory().as_object().cloned().unwrap_or_default()
}

/// Summarizes all runs: medians, their ratios, and the figures they come from.
fn summary(ours: &[Value], bare: &[Value], starts: &[Vec<Value>; 2]) -> Value {
    let mut line = json!({ "bench": "idle", "build": "release", "goal": GOAL });
    let [start_of_ours, start_of_bare] = starts;
    let painted = "/painted_ms";
    line["start_ratio"] = ratio(median(start_of_ours, painted), median(start_of_bare, painted));
    for (name, figure) in RATIOS {
        line[name] = ratio(median(ours, figure), median(bare, figure));
    }
    line["web_processes_after_close"] = json!(maximum(ours, "/closed/web_processes"));
    let shared = ["tray", "window", "closed"].map(|part| format!("/{part}/other_web_views"));
    let shared = shared.iter().flat_map(|pointer| [maximum(ours, pointer), maximum(bare, pointer)]).flatten();
    line["other_web_views"] = json!(shared.max_by(f64::total_cmp));
    line["after_close_memory_ratio"] = ratio(median(ours, "/started_over/pss_mb"), median(bare, "/closed/pss_mb"));
    for (name, runs, starts) in [("ours", ours, start_of_ours), ("bare", bare, start_of_bare)] {
        line[name] = medians(runs);
        line[name]["start"] =
            json!({ "mapped_ms": median(starts, "/mapped_ms"), "painted_ms": median(starts, painted) });
    }
    line["runs"] = json!(ours.len());
    line
}

/// Returns the medians of every figure of a run, under the same names.
fn medians(runs: &[Value]) -> Value {
    let mut all = runs.first().cloned().unwrap_or_default();
    for (part, figures) in all.as_object_mut().into_iter().flatten() {
        for (name, figure) in figures.as_object_mut().into_iter().flatten() {
            *figure = json!(median(runs, &format!("/{part}/{name}")));
        }
    }
    all
}

fn figures(runs: &[Value], pointer: &str) -> Vec<f64> {
    runs.iter().filter_map(|run| run.pointer(pointer)?.as_f64()).collect()
}

fn median(runs: &[Value], pointer: &str) -> Option<f64> {
    let mut figures = figures(runs, pointer);
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

fn maximum(runs: &[Value], pointer: &str) -> Option<f64> {
    figures(runs, pointer).into_iter().max_by(f64::total_cmp)
}

/// Returns a ratio to two decimals; null where there is nothing to compare with.
fn ratio(ours: Option<f64>, bare: Option<f64>) -> Value {
    match (ours, bare) {
        (Some(ours), Some(bare)) if bare > 0.0 => json!((ours / bare * 100.0).round() / 100.0),
        _ => Value::Null,
    }
}

#[expect(clippy::cast_precision_loss, reason = "switches in a minute are far below 2^52")]
fn per_second(count: u64, time: Duration) -> Value {
    json!((count as f64 / time.as_secs_f64() * 100.0).round() / 100.0)
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(tray: f64) -> Value {
        json!({ "tray": { "pss_mb": tray }, "started_over": null })
    }

    fn start(painted: u64) -> Value {
        json!({ "mapped_ms": 100, "painted_ms": painted })
    }

    #[test]
    fn the_summary_holds_ratios_of_medians_and_null_where_nothing_can_be_compared() {
        let (ours, bare) = ([run(90.0), run(60.0), run(70.0)], [run(50.0), run(56.0)]);
        let starts = [vec![start(300), start(900), start(500)], vec![start(400), start(250)]];
        let line = summary(&ours, &bare, &starts);
        assert_eq!(line["memory_ratio"], json!(1.25));
        assert_eq!(line["start_ratio"], json!(1.25));
        assert_eq!(line["wakeups_ratio"], Value::Null);
        assert_eq!(line["ours"]["start"]["painted_ms"], json!(500.0));
        assert_eq!(line["ours"]["tray"]["pss_mb"], json!(70.0));
        assert_eq!(line["ours"]["started_over"], Value::Null);
    }

    #[test]
    fn nothing_is_divided_by_zero() {
        assert_eq!(ratio(Some(1.0), Some(0.0)), Value::Null);
        assert_eq!(ratio(None, Some(1.0)), Value::Null);
        assert_eq!(ratio(Some(1.0), Some(3.0)), json!(0.33));
    }
}
