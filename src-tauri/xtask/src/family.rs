//! A program and every process it started, found by a mark in their environment, and what they cost, read from `/proc`.
//!
//! Processes of a web view may be handed to another parent, and a program may put another in its place; what is in their
//! environment they keep.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Command, Stdio};

use anyhow::Result;
use serde_json::{Value, json};

/// Names the mark.
const MARK: &str = "BENCH_FAMILY";
/// Ticks of the processor time in `/proc/<id>/stat`, in milliseconds (`USER_HZ` is 100 on every Linux).
const TICK_MS: u64 = 10;

/// A program that was started, and its descendants. They end with this value.
pub(crate) struct Family {
    first: Child,
    mark: String,
}

/// What a family did until now: context switches by thread, and processor time.
#[derive(Default)]
pub(crate) struct Work {
    switches: BTreeMap<(u32, u32), u64>,
    cpu_ms: u64,
}

impl Family {
    /// Starts a program under a name nobody else has.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(mut command: Command, name: &str) -> Result<Self> {
        let first = command.env(MARK, name).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        Ok(Self { first, mark: format!("{MARK}={name}") })
    }

    /// Tells whether the program itself still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.first.try_wait(), Ok(None))
    }

    /// Returns how many processes bear a name; `/proc` cuts names to 15 characters.
    pub(crate) fn named(&self, name: &str) -> usize {
        let ids = self.ids();
        ids.iter().filter(|id| read(**id, "comm").trim_end().starts_with(name)).count()
    }

    /// Returns what the family holds in memory: its share of every page (PSS), and what it has for itself alone.
    pub(crate) fn memory(&self) -> Value {
        let rollups: Vec<String> = self.ids().iter().map(|id| read(*id, "smaps_rollup")).collect();
        let sum = |name: &str| rollups.iter().filter_map(|text| number(text, name)).sum::<u64>();
        let own = sum("Private_Clean:") + sum("Private_Dirty:");
        let (pss, processes) = (mb(sum("Pss:")), rollups.len());
        json!({ "pss_mb": pss, "own_mb": mb(own), "processes": processes, "other_web_views": self.other_web_views() })
    }

    /// Counts processes of others that use the web view's library: they take a part of its pages off this family's share.
    fn other_web_views(&self) -> usize {
        let own = self.ids();
        let others = ids().filter(|id| !own.contains(id));
        others.filter(|id| read(*id, "maps").contains("libwebkit2gtk")).count()
    }

    /// Returns what the family did until now.
    pub(crate) fn work(&self) -> Work {
        let mut work = Work::default();
        for id in self.ids() {
            work.cpu_ms += cpu_ticks(&read(id, "stat")) * TICK_MS;
            for thread in threads(id) {
                let status = read(id, &format!("task/{thread}/status"));
                work.switches.insert((id, thread), number(&status, "voluntary_ctxt_switches:").unwrap_or(0));
            }
        }
        work
    }

    fn ids(&self) -> Vec<u32> {
        ids().filter(|id| has_mark(&fs::read(format!("/proc/{id}/environ")).unwrap_or_default(), &self.mark)).collect()
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        // The others notice that it is gone and end by themselves.
        drop(self.first.kill());
        drop(self.first.wait());
        for _ in 0..100 {
            if self.ids().is_empty() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}

impl Work {
    /// Returns the voluntary context switches since an earlier moment. A thread that came and went in between is not seen.
    pub(crate) fn switches_since(&self, before: &Self) -> u64 {
        let since = |(thread, now): (&(u32, u32), &u64)| {
            now.saturating_sub(before.switches.get(thread).copied().unwrap_or_default())
        };
        self.switches.iter().map(since).sum()
    }

    /// Returns the processor time since an earlier moment, in milliseconds; that of ended processes is lost.
    pub(crate) fn cpu_ms_since(&self, before: &Self) -> u64 {
        self.cpu_ms.saturating_sub(before.cpu_ms)
    }
}

/// Every process.
fn ids() -> impl Iterator<Item = u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn read(id: u32, file: &str) -> String {
    fs::read_to_string(format!("/proc/{id}/{file}")).unwrap_or_default()
}

fn threads(id: u32) -> Vec<u32> {
    let all = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn has_mark(environment: &[u8], mark: &str) -> bool {
    environment.split(|byte| *byte == 0).any(|one| one == mark.as_bytes())
}

/// User and system time of a process, in ticks: the 14th and 15th field of `/proc/<id>/stat`, whose second may hold blanks.
fn cpu_ticks(stat: &str) -> u64 {
    let Some((_, rest)) = stat.rsplit_once(')') else { return 0 };
    rest.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

fn number(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// Kilobytes of 1,024 bytes as megabytes of a million, to a tenth.
#[expect(clippy::cast_precision_loss, reason = "a computer's memory in kilobytes is far below 2^52")]
fn mb(kb: u64) -> f64 {
    (kb as f64 * 1.024 / 100.0).round() / 10.0
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
    fn processor_time_is_found_behind_any_name() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194304 100 0 0 0 25 17 3 4 20 0 3 0 100 1 1";
        assert_eq!(cpu_ticks(stat), 42);
        assert_eq!(cpu_ticks(""), 0);
    }

    #[test]
    fn switches_are_counted_by_thread_and_a_new_thread_counts_from_zero() {
        let work = |switches: &[((u32, u32), u64)]| Work { switches: switches.iter().copied().collect(), cpu_ms: 0 };
        let (before, after) = (work(&[((1, 1), 10), ((1, 2), 5)]), work(&[((1, 1), 13), ((1, 3), 4)]));
        assert_eq!(after.switches_since(&before), 7);
    }

    #[test]
    fn memory_is_told_in_millions_of_bytes() {
        assert_eq!(mb(1_000).to_string(), "1");
        assert_eq!(mb(54_700).to_string(), "56");
    }

    #[test]
    fn a_grandchild_belongs_to_the_family_and_a_stranger_does_not() {
        assert!(has_mark(b"A=1\0BENCH_FAMILY=x\0", "BENCH_FAMILY=x"));
        assert!(!has_mark(b"BENCH_FAMILY=xy\0", "BENCH_FAMILY=x"));
        if !cfg!(target_os = "linux") {
            return;
        }
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 5; true"]);
        let family = Family::start(command, &format!("test-{}", std::process::id()));
        assert!(family.is_ok());
        let Ok(mut family) = family else { return };
        let found = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            family.named("sleep") == 1
        });
        assert!(found && family.is_alive());
    }
}
