//! A process that is measured: processor time, memory over its progress, duration (Linux).

use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Pause between two looks at the process.
const PAUSE: Duration = Duration::from_millis(20);
/// Memory samples that are kept over the whole run.
const SAMPLES: u64 = 40;
/// Ticks per second of the times in `/proc` (`USER_HZ` is 100 on every Linux).
const TICKS: f64 = 100.0;

/// What a process used.
#[derive(Debug, Clone, Default)]
pub(crate) struct Usage {
    pub(crate) seconds: f64,
    pub(crate) cpu_seconds: f64,
    pub(crate) peak_rss_mb: f64,
    /// Resident memory (MB) whenever another part of the events was done.
    pub(crate) rss_mb: Vec<f64>,
    /// Whether all was done before the time limit.
    pub(crate) is_done: bool,
}

/// Runs a process until `progress` reaches `end`, the process ends by itself or the time is over; then it is killed.
///
/// The processor time of other children of this process that end meanwhile would be counted too.
pub(crate) fn measure(mut command: Command, progress: impl Fn() -> u64, end: u64, limit: Duration) -> Usage {
    let (start, before) = (Instant::now(), children_seconds());
    let mut child = command.spawn().expect("the process starts");
    let mut usage = Usage::default();
    let mut next_sample = 0;
    while start.elapsed() < limit && !has_ended(&mut child) {
        let done = progress();
        usage.peak_rss_mb = memory_mb(child.id(), "VmHWM:").unwrap_or(usage.peak_rss_mb);
        if done >= next_sample {
            usage.rss_mb.extend(memory_mb(child.id(), "VmRSS:"));
            next_sample = done + (end / SAMPLES).max(1);
        }
        if done >= end {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    usage.seconds = start.elapsed().as_secs_f64();
    usage.is_done = progress() >= end;
    crate::kill_process::kill(&mut child);
    usage.cpu_seconds = children_seconds() - before;
    usage
}

fn has_ended(child: &mut Child) -> bool {
    child.try_wait().is_ok_and(|status| status.is_some())
}

fn memory_mb(process: u32, field: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kb| kb / 1024.0)
}

/// Returns the processor time of all children that ended: fields 16 and 17 of `/proc/self/stat`, whose second may contain blanks.
fn children_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(13).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
}
