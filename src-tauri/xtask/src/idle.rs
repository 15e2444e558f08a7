//! `cargo xtask bench idle`: what the app costs while nobody uses it, beside a bare Tauri app of the same versions (Linux).
//!
//! Both are release builds of one profile, started by turns on one desk. Ours is as a user has it: the real app with one
//! finished connection and monitoring at its default times. Its first look is taken before anything is measured and finds no
//! network, because its proxy does not answer; the next is due ten minutes later. What is measured: memory (PSS over every
//! process of the app, comparable only while no other web view shares its pages), context switches and processor time in the
//! tray alone; memory with the window open and after it was closed; the time from the start to the window and to its first
//! text. The last line is JSON, ratios of medians.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value, json};

use crate::family::Family;
use crate::needs::{self, For};
use crate::screen::Screen;
use crate::{desk, front, place, step, window};

/// The bare app's binary and the feature that builds it.
const BARE: &str = "bare";
const GOAL: f64 = 1.25;
/// How long after a change of the window memory is measured.
const SETTLE: Duration = Duration::from_secs(8);
/// How long the tray alone is watched.
const WATCH: Duration = Duration::from_secs(60);
/// How often each is only started, by turns, to see how long that takes; and the pause before and after its end.
const STARTS: usize = 15;
const PAUSE: Duration = Duration::from_millis(1_500);
/// How long the app may take to start over without its window; it begins to a minute after that was closed.
const OVER: Duration = Duration::from_secs(90);
/// An address at which no proxy answers, so that nothing leaves the computer.
const NO_PROXY: &str = "http://127.0.0.1:9";

/// The measured figures that become ratios: what they are called, and where they stand in a run.
const RATIOS: [(&str, &str); 3] = [
    ("memory_ratio", "/tray/pss_mb"),
    ("wakeups_ratio", "/tray/wakeups_per_s"),
    ("window_memory_ratio", "/window/pss_mb"),
];

/// Measures inside a desk and prints one JSON line last.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn measure(runs: usize) -> Result<ExitCode> {
    if std::env::var_os("DESK").is_some() {
        return inside(runs);
    }
    needs::ready(For::Desk)?;
    front::built()?;
    let build = ["build", "--release", "--package", window::APP, "--features", BARE];
    step::must(step::command("cargo", &build, &place::root()))?;
    let this = std::env::current_exe()?;
    let words = [&this.to_string_lossy(), "bench", "idle", "--runs", &runs.to_string()];
    let mut command = desk::inside(&words);
    command.env("DESK_SCREEN", "file");
    let status = step::status(command)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn inside(runs: usize) -> Result<ExitCode> {
    // The first start of each warms the disk's cache; ours also makes its database.
    for (app, name) in [(window::APP, "warm-ours"), (BARE, "warm-bare")] {
        let warm = start(app, name, &["--hidden"])?;
        std::thread::sleep(SETTLE);
        drop(warm);
    }
    let starts = starts()?;
    println!("starts: {}", json!(starts));
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for run in 1..=runs {
        for (app, into) in [(window::APP, &mut ours), (BARE, &mut bare)] {
            let measured = one(app, run)?;
            println!("run {run}: {app} {measured}");
            into.push(measured);
        }
    }
    println!("{}", told(&ours, &bare, &starts));
    Ok(ExitCode::SUCCESS)
}

/// Starts both by turns and returns how long each took: ours, then the bare app.
fn starts() -> Result<[Vec<Value>; 2]> {
    let dir = std::env::var_os("DESK").context("no desk")?;
    let mut screen = Screen::of(Path::new(&dir))?;
    let mut starts = [Vec::new(), Vec::new()];
    for turn in 0..STARTS {
        for (app, into) in [window::APP, BARE].into_iter().zip(&mut starts) {
            ensure!(screen.is_black()?, "something is on the screen already");
            let since = Instant::now();
            let family = start(app, &format!("start-{app}-{turn}"), &[])?;
            let seen = screen.watch(since)?;
            std::thread::sleep(PAUSE);
            drop(family);
            std::thread::sleep(PAUSE);
            into.push(json!({ "mapped_ms": ms(seen.mapped), "painted_ms": ms(seen.painted) }));
        }
    }
    Ok(starts)
}

/// One life with a window and one in the tray alone.
fn one(app: &str, run: usize) -> Result<Value> {
    let ours = app == window::APP;
    let mut measured = with_window(app, &format!("window-{app}-{run}"))?;
    if ours {
        connection()?;
    }
    let mut family = start(app, &format!("tray-{app}-{run}"), &["--hidden"])?;
    std::thread::sleep(SETTLE);
    let mut tray = memory(&family);
    let before = family.work();
    std::thread::sleep(WATCH);
    let after = family.work();
    tray.insert("wakeups_per_s".to_owned(), per_second(after.switches_since(&before), WATCH));
    tray.insert("cpu_ms".to_owned(), json!(after.cpu_ms_since(&before)));
    ensure!(family.is_alive(), "{app} ended by itself");
    drop(family);
    if ours {
        ensure!(connection()? > 0, "the connection was not looked at");
    }
    measured.insert("tray".to_owned(), tray.into());
    Ok(measured.into())
}

fn with_window(app: &str, name: &str) -> Result<Map<String, Value>> {
    if app == window::APP {
        connection()?;
    }
    let mut family = start(app, name, &[])?;
    std::thread::sleep(SETTLE);
    let open = memory(&family);
    close_window()?;
    std::thread::sleep(SETTLE);
    let mut closed = memory(&family);
    closed.insert("web_processes".to_owned(), json!(family.named("WebKitWebProces")));
    closed.insert("network_processes".to_owned(), json!(family.named("WebKitNetworkPr")));
    let over = if app == window::APP { started_over(&family)? } else { Value::Null };
    ensure!(family.is_alive(), "{app} ended when its window was closed");
    let parts = [("window", open.into()), ("closed", closed.into()), ("started_over", over)];
    Ok(parts.into_iter().map(|(name, part)| (name.to_owned(), part)).collect())
}

/// Waits until the app has started over without its window.
fn started_over(family: &Family) -> Result<Value> {
    let since = Instant::now();
    while family.named("WebKit") > 0 {
        ensure!(since.elapsed() < OVER, "the app did not start over after its window was closed");
        std::thread::sleep(Duration::from_millis(200));
    }
    std::thread::sleep(SETTLE);
    Ok(memory(family).into())
}

fn start(app: &str, name: &str, args: &[&str]) -> Result<Family> {
    let mut command = Command::new(place::release_binary(app));
    command.args(args).env("HTTPS_PROXY", NO_PROXY).env("HTTP_PROXY", NO_PROXY);
    Family::start(command, name).with_context(|| format!("cannot start {app}"))
}

/// Puts the finished connection there, not looked at yet; returns how many looks there had been.
fn connection() -> Result<u64> {
    let data = std::env::var_os("XDG_DATA_HOME").context("no desk")?;
    let database = Path::new(&data).join("ai.radiantsecurity.okta-connector/connector.db");
    let script = place::root().join("tests/desk/finished_connection.py");
    let output = Command::new("/usr/bin/python3").arg(script).arg(database).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}

fn close_window() -> Result<()> {
    let mut command = Command::new("/usr/bin/python3");
    command.arg(place::root().join("tests/desk/close_window.py")).arg("Okta Connector for Radiant");
    ensure!(command.status()?.success(), "the window was not closed");
    Ok(())
}

fn memory(family: &Family) -> Map<String, Value> {
    family.memory().as_object().cloned().unwrap_or_default()
}

/// All runs as one line: medians, ratios of them, and the figures they come from.
fn told(ours: &[Value], bare: &[Value], starts: &[Vec<Value>; 2]) -> Value {
    let mut line = json!({ "bench": "idle", "build": "release", "goal": GOAL });
    let [start_of_ours, start_of_bare] = starts;
    let painted = "/painted_ms";
    line["start_ratio"] = ratio(median(start_of_ours, painted), median(start_of_bare, painted));
    for (name, figure) in RATIOS {
        line[name] = ratio(median(ours, figure), median(bare, figure));
    }
    line["web_processes_after_close"] = json!(most(ours, "/closed/web_processes"));
    let shared = ["tray", "window", "closed"].map(|part| format!("/{part}/other_web_views"));
    let shared = shared.iter().flat_map(|pointer| [most(ours, pointer), most(bare, pointer)]).flatten();
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

/// The medians of every figure of a run, under the same names.
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

fn most(runs: &[Value], pointer: &str) -> Option<f64> {
    figures(runs, pointer).into_iter().max_by(f64::total_cmp)
}

/// A ratio to two places; none where there is nothing to compare with.
fn ratio(ours: Option<f64>, bare: Option<f64>) -> Value {
    match (ours, bare) {
        (Some(ours), Some(bare)) if bare > 0.0 => json!((ours / bare * 100.0).round() / 100.0),
        _ => Value::Null,
    }
}

#[expect(clippy::cast_precision_loss, reason = "switches of a minute are far below 2^52")]
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
    fn the_line_tells_ratios_of_medians_and_null_where_nothing_can_be_compared() {
        let (ours, bare) = ([run(90.0), run(60.0), run(70.0)], [run(50.0), run(56.0)]);
        let starts = [vec![start(300), start(900), start(500)], vec![start(400), start(250)]];
        let line = told(&ours, &bare, &starts);
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
