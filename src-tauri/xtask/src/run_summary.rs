//! Runs the parts of a long command and prints one table of the results. A part that fails does not keep the next from running.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process::{self, Show};
use crate::test_output::{self, TestCounts};

/// The result of one part.
struct Part {
    name: &'static str,
    duration: Duration,
    outcome: Outcome,
}

enum Outcome {
    Finished(TestCounts),
    Skipped(&'static str),
}

/// The parts that have been run so far.
pub(crate) struct RunSummary {
    parts: Vec<Part>,
    show: Show,
}

impl Default for RunSummary {
    fn default() -> Self {
        Self { parts: Vec::new(), show: Show::AsItComes }
    }
}

impl RunSummary {
    /// Runs a part that counts as one test: it passes or it fails.
    pub(crate) fn step(&mut self, name: &'static str, part: impl FnOnce() -> Result<()>) -> bool {
        self.part(name, || part().map(|()| TestCounts { passed: 1, failed: 0 }))
    }

    /// Runs a command and counts the tests that it reports; a command that reports none counts as one test.
    pub(crate) fn command(&mut self, name: &'static str, command: Command) -> bool {
        let show = self.show;
        self.part(name, || {
            let (status, output) = process::run_captured(command, show)?;
            Ok(evaluate(status.success(), test_output::parse(&output)))
        })
    }

    /// Records a part that was not run, and why.
    pub(crate) fn skip(&mut self, name: &'static str, why: &'static str) {
        println!("\n== {name}: skipped, {why}");
        self.parts.push(Part { name, duration: Duration::ZERO, outcome: Outcome::Skipped(why) });
    }

    /// Runs some parts in the background while others run. The output of a command in the background is shown at its end.
    pub(crate) fn side_by_side(
        &mut self,
        background: impl FnOnce(&mut Self) + Send,
        foreground: impl FnOnce(&mut Self),
    ) {
        let mut beside = Self { parts: Vec::new(), show: Show::AtTheEnd };
        std::thread::scope(|scope| {
            scope.spawn(|| background(&mut beside));
            foreground(self);
        });
        self.parts.append(&mut beside.parts);
    }

    fn part(&mut self, name: &'static str, part: impl FnOnce() -> Result<TestCounts>) -> bool {
        println!("\n== {name}");
        let start = Instant::now();
        let counts = part().unwrap_or_else(|error| {
            println!("{name}: {error:#}");
            TestCounts { passed: 0, failed: 1 }
        });
        self.parts.push(Part { name, duration: start.elapsed(), outcome: Outcome::Finished(counts) });
        counts.failed == 0
    }

    fn total(&self) -> TestCounts {
        self.parts.iter().fold(TestCounts::default(), |all, part| match part.outcome {
            Outcome::Finished(counts) => {
                TestCounts { passed: all.passed + counts.passed, failed: all.failed + counts.failed }
            }
            Outcome::Skipped(_) => all,
        })
    }

    /// Prints the table and the last line, `N passed, N failed`; the exit code is 1 when anything failed.
    pub(crate) fn finish(self) -> ExitCode {
        println!("\n{:<34} {:>8} {:>8} {:>8}", "part", "passed", "failed", "seconds");
        for part in &self.parts {
            let seconds = part.duration.as_secs_f64();
            match part.outcome {
                Outcome::Finished(TestCounts { passed, failed }) => {
                    println!("{:<34} {passed:>8} {failed:>8} {seconds:>8.1}", part.name);
                }
                Outcome::Skipped(why) => println!("{:<34} skipped: {why}", part.name),
            }
        }
        let TestCounts { passed, failed } = self.total();
        println!("{passed} passed, {failed} failed");
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// A command that fails without a failed test counts as one failure.
fn evaluate(success: bool, counts: Option<TestCounts>) -> TestCounts {
    match (success, counts) {
        (true, counts) => counts.unwrap_or(TestCounts { passed: 1, failed: 0 }),
        (false, Some(counts)) if counts.failed > 0 => counts,
        (false, counts) => TestCounts { failed: 1, ..counts.unwrap_or_default() },
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_failed_part_does_not_keep_the_next_from_running() {
        let mut summary = RunSummary::default();
        assert!(!summary.step("first", || bail!("no")));
        assert!(summary.step("second", || Ok(())));
        assert_eq!(summary.total(), TestCounts { passed: 1, failed: 1 });
    }

    #[test]
    fn parts_that_run_side_by_side_all_count() {
        let mut summary = RunSummary::default();
        summary.side_by_side(
            |summary| assert!(!summary.step("background", || bail!("no"))),
            |summary| assert!(summary.step("foreground", || Ok(()))),
        );
        assert_eq!(summary.total(), TestCounts { passed: 1, failed: 1 });
    }

    #[test]
    fn a_runner_that_fails_without_a_failed_test_is_a_failure() {
        assert_eq!(evaluate(false, Some(TestCounts { passed: 3, failed: 0 })).failed, 1);
        assert_eq!(evaluate(false, None).failed, 1);
        assert_eq!(evaluate(true, None), TestCounts { passed: 1, failed: 0 });
    }

    #[test]
    fn a_skipped_part_counts_neither_way() {
        let mut summary = RunSummary::default();
        summary.skip("window", "no Linux");
        assert_eq!(summary.total(), TestCounts::default());
    }
}
