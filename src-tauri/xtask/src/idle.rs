//! `cargo xtask bench idle`: what the app costs while nobody uses it (Linux).
//!
//! Proportional set size (PSS) of the app and all its web processes from `/proc`, and voluntary context switches per second
//! as wake-ups, over ten seconds, with the window open and started straight to the tray. The last line is JSON. Ratios
//! against a bare app of the same versions are not measured here.

use std::fs;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use crate::needs::{self, For};
use crate::{desk, place, step, window};

const SETTLE: Duration = Duration::from_secs(8);
const WATCH: Duration = Duration::from_secs(10);

/// Measures inside a desk and prints one JSON line last.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn measure() -> Result<ExitCode> {
    if std::env::var_os("DESK").is_some() {
        return inside();
    }
    needs::ready(For::Desk)?;
    window::build()?;
    let this = std::env::current_exe()?;
    let status = step::status(desk::inside(&[&this.to_string_lossy(), "bench", "idle"]))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn inside() -> Result<ExitCode> {
    let open = cost(&["--practice"])?;
    let tray = cost(&["--practice", "--hidden"])?;
    println!("{}", json!({"bench": "idle", "build": "debug", "window": open, "tray": tray}));
    Ok(ExitCode::SUCCESS)
}

fn cost(args: &[&str]) -> Result<Value> {
    let mut app = Command::new(place::debug_binary(window::APP))
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    std::thread::sleep(SETTLE);
    let before: u64 = family(app.id()).iter().map(|id| wakeups(*id)).sum();
    std::thread::sleep(WATCH);
    let processes = family(app.id());
    let after: u64 = processes.iter().map(|id| wakeups(*id)).sum();
    let pss: u64 = processes.iter().map(|id| pss_kb(*id)).sum();
    let alive = app.try_wait()?.is_none();
    end(&mut app);
    Ok(json!({
        "alive": alive, "pss_mb": pss / 1000, "processes": processes.len(),
        "wakeups_per_s": after.saturating_sub(before) / WATCH.as_secs(),
    }))
}

fn end(app: &mut Child) {
    drop(app.kill());
    drop(app.wait());
}

/// The process and everything below it.
fn family(root: u32) -> Vec<u32> {
    let mut all = vec![root];
    let pairs: Vec<(u32, u32)> = fs::read_dir("/proc")
        .map(|dir| dir.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect::<Vec<u32>>())
        .unwrap_or_default()
        .into_iter()
        .filter_map(|id| Some((id, field(id, "status", "PPid:")?.try_into().ok()?)))
        .collect();
    let mut next = 0;
    while next < all.len() {
        let this = all[next];
        all.extend(pairs.iter().filter(|(_, parent)| *parent == this).map(|(id, _)| *id));
        next += 1;
    }
    all
}

fn pss_kb(id: u32) -> u64 {
    field(id, "smaps_rollup", "Pss:").unwrap_or(0)
}

/// Voluntary context switches of all the process's threads.
fn wakeups(id: u32) -> u64 {
    let threads = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    threads
        .filter_map(|thread| {
            number(&fs::read_to_string(thread.path().join("status")).ok()?, "voluntary_ctxt_switches:")
        })
        .sum()
}

fn field(id: u32, file: &str, name: &str) -> Option<u64> {
    number(&fs::read_to_string(format!("/proc/{id}/{file}")).ok()?, name)
}

fn number(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_proc_is_read_by_its_whole_name() {
        let text = "Name:\tx\nnonvoluntary_ctxt_switches:\t7\nvoluntary_ctxt_switches:\t41\nPss:    120 kB\n";
        assert_eq!(number(text, "voluntary_ctxt_switches:"), Some(41));
        assert_eq!(number(text, "Pss:"), Some(120));
        assert_eq!(number(text, "Rss:"), None);
    }

    #[test]
    fn a_child_belongs_to_the_family() {
        let child = Command::new("sleep").arg("5").spawn();
        assert!(child.is_ok());
        let Ok(mut child) = child else { return };
        assert!(!cfg!(target_os = "linux") || family(std::process::id()).contains(&child.id()));
        end(&mut child);
    }
}
