//! Measures a program and every process it started: memory, processor time and context switches, read from `/proc`.
//!
//! The processes are found by a mark in their environment, which they keep even when a process of a web view gets another parent
//! or a program replaces itself by another. A program that two starts share, as the windows share their agent, is found by its
//! name on the private desktop.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Command, Stdio};

use anyhow::Result;
use serde_json::{Value, json};

use crate::private_desktop;

/// The environment variable that marks the processes of a group.
const MARK: &str = "BENCH_GROUP";
/// The tick of the processor time in `/proc/<id>/stat`, in milliseconds (`USER_HZ` is 100 on every Linux).
const TICK_MS: u64 = 10;

/// A program that was started, its descendants, and the processes of its programs on this private desktop. They end when this
/// value is dropped.
pub(crate) struct ProcessGroup {
    first: Child,
    mark: String,
    desktop: Option<String>,
    programs: &'static [&'static str],
}

/// The context switches by thread and the processor time that a group has used.
#[derive(Default)]
pub(crate) struct Usage {
    switches: BTreeMap<(u32, u32), u64>,
    cpu_ms: u64,
}

impl ProcessGroup {
    /// Starts a program under a unique name. Every process of `programs` on this private desktop belongs to the group,
    /// whoever started it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(mut command: Command, name: &str, programs: &'static [&'static str]) -> Result<Self> {
        let desktop = private_desktop::folder().map(|folder| private_desktop::mark(&folder));
        let first = command.env(MARK, name).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        Ok(Self { first, mark: format!("{MARK}={name}"), desktop, programs })
    }

    /// Returns whether the program itself still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.first.try_wait(), Ok(None))
    }

    /// Returns whether a program of this name runs in the group, and nothing else.
    pub(crate) fn is_only(&self, program: &str) -> bool {
        let ids = self.ids();
        !ids.is_empty() && ids.iter().all(|id| program_name(*id) == program)
    }

    /// Returns whether a program of this name runs in the group.
    pub(crate) fn has_program(&self, program: &str) -> bool {
        self.ids().iter().any(|id| program_name(*id) == program)
    }

    /// Returns the number of processes with a name; `/proc` cuts names to 15 characters.
    pub(crate) fn count_named(&self, name: &str) -> usize {
        let ids = self.ids();
        ids.iter().filter(|id| read(**id, "comm").trim_end().starts_with(name)).count()
    }

    /// Returns the memory of the group: its share of every page (PSS), and the pages it does not share.
    pub(crate) fn memory(&self) -> Value {
        let rollups: Vec<String> = self.ids().iter().map(|id| read(*id, "smaps_rollup")).collect();
        let sum = |name: &str| rollups.iter().filter_map(|text| number(text, name)).sum::<u64>();
        let own = sum("Private_Clean:") + sum("Private_Dirty:");
        let (pss, processes) = (mb(sum("Pss:")), rollups.len());
        json!({ "pss_mb": pss, "own_mb": mb(own), "processes": processes, "other_web_views": self.other_web_views() })
    }

    /// Returns the memory (PSS) of the group without its processes of one name, in MB.
    pub(crate) fn pss_mb_without(&self, program: &str) -> Value {
        let others = self.ids().into_iter().filter(|id| program_name(*id) != program);
        json!(mb(others.filter_map(|id| number(&read(id, "smaps_rollup"), "Pss:")).sum()))
    }

    /// Counts other processes that use the web view's library: they reduce this group's share of its pages.
    fn other_web_views(&self) -> usize {
        let own = self.ids();
        let others = ids().filter(|id| !own.contains(id));
        others.filter(|id| read(*id, "maps").contains("libwebkit2gtk")).count()
    }

    /// Returns the usage until now.
    pub(crate) fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        for id in self.ids() {
            usage.cpu_ms += cpu_ticks(&read(id, "stat")) * TICK_MS;
            for thread in threads(id) {
                let status = read(id, &format!("task/{thread}/status"));
                usage.switches.insert((id, thread), number(&status, "voluntary_ctxt_switches:").unwrap_or(0));
            }
        }
        usage
    }

    fn ids(&self) -> Vec<u32> {
        ids().filter(|id| self.contains(*id)).collect()
    }

    fn contains(&self, id: u32) -> bool {
        let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        let is_here = || self.desktop.as_ref().is_some_and(|mark| has_mark(&environment, mark));
        has_mark(&environment, &self.mark) || (is_here() && self.programs.contains(&program_name(id).as_str()))
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        drop(self.first.kill());
        drop(self.first.wait());
        for _ in 0..100 {
            let left = self.ids();
            if left.is_empty() {
                return;
            }
            // The others of the programs do not end with the first; the web view's processes do.
            for id in left.into_iter().filter(|id| self.programs.contains(&program_name(*id).as_str())) {
                drop(Command::new("kill").args(["-KILL", &id.to_string()]).stderr(Stdio::null()).status());
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}

impl Usage {
    /// Returns the voluntary context switches since an earlier moment. A thread that started and ended in between does not count.
    pub(crate) fn switches_since(&self, before: &Self) -> u64 {
        let since = |(thread, now): (&(u32, u32), &u64)| {
            now.saturating_sub(before.switches.get(thread).copied().unwrap_or_default())
        };
        self.switches.iter().map(since).sum()
    }

    /// Returns the processor time since an earlier moment, in milliseconds, without that of ended processes.
    pub(crate) fn cpu_ms_since(&self, before: &Self) -> u64 {
        self.cpu_ms.saturating_sub(before.cpu_ms)
    }
}

/// Returns the id of every process.
fn ids() -> impl Iterator<Item = u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn read(id: u32, file: &str) -> String {
    fs::read_to_string(format!("/proc/{id}/{file}")).unwrap_or_default()
}

/// Returns the file name of the program that a process runs, also after that file was replaced.
fn program_name(id: u32) -> String {
    let path = fs::read_link(format!("/proc/{id}/exe")).unwrap_or_default();
    let name = path.file_name().map(std::ffi::OsStr::to_string_lossy).unwrap_or_default();
    name.strip_suffix(" (deleted)").unwrap_or(&name).to_owned()
}

fn threads(id: u32) -> Vec<u32> {
    let all = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn has_mark(environment: &[u8], mark: &str) -> bool {
    environment.split(|byte| *byte == 0).any(|one| one == mark.as_bytes())
}

/// Returns user and system time of a process in ticks: fields 14 and 15 of `/proc/<id>/stat`, whose second may contain blanks.
fn cpu_ticks(stat: &str) -> u64 {
    let Some((_, rest)) = stat.rsplit_once(')') else { return 0 };
    rest.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

fn number(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// Converts kilobytes of 1,024 bytes to megabytes of a million, with one decimal.
#[expect(clippy::cast_precision_loss, reason = "a computer's memory in kilobytes is far below 2^52")]
fn mb(kb: u64) -> f64 {
    (kb as f64 * 1.024 / 100.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_proc_is_found_by_its_whole_name() {
        let text = "Name:\tx\nnonvoluntary_ctxt_switches:\t7\nvoluntary_ctxt_switches:\t41\nPss:    120 kB\n";
        assert_eq!(number(text, "voluntary_ctxt_switches:"), Some(41));
        assert_eq!(number(text, "Pss:"), Some(120));
        assert_eq!(number(text, "Rss:"), None);
    }

    #[test]
    fn processor_time_is_parsed_after_any_name() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194304 100 0 0 0 25 17 3 4 20 0 3 0 100 1 1";
        assert_eq!(cpu_ticks(stat), 42);
        assert_eq!(cpu_ticks(""), 0);
    }

    #[test]
    fn switches_are_counted_by_thread_and_a_new_thread_counts_from_zero() {
        let usage = |switches: &[((u32, u32), u64)]| Usage { switches: switches.iter().copied().collect(), cpu_ms: 0 };
        let (before, after) = (usage(&[((1, 1), 10), ((1, 2), 5)]), usage(&[((1, 1), 13), ((1, 3), 4)]));
        assert_eq!(after.switches_since(&before), 7);
    }

    #[test]
    fn memory_is_given_in_millions_of_bytes() {
        assert_eq!(mb(1_000).to_string(), "1");
        assert_eq!(mb(54_700).to_string(), "56");
    }

    #[test]
    fn a_descendant_belongs_to_the_group_and_another_process_does_not() {
        assert!(has_mark(b"A=1\0BENCH_GROUP=x\0", "BENCH_GROUP=x"));
        assert!(!has_mark(b"BENCH_GROUP=xy\0", "BENCH_GROUP=x"));
        if !cfg!(target_os = "linux") {
            return;
        }
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 5; true"]);
        let group = ProcessGroup::start(command, &format!("test-{}", std::process::id()), &[]);
        assert!(group.is_ok());
        let Ok(mut group) = group else { return };
        let found = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            group.count_named("sleep") == 1
        });
        assert!(found && group.is_running());
        assert!(group.has_program("sleep") && !group.is_only("sleep"));
    }
}
