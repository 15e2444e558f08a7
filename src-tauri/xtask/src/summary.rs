//! The parts of a long chore: each is run whatever became of the others, and one table says how they went.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::counts::{self, Counts};
use crate::step;

/// How one part went.
struct Part {
    name: &'static str,
    took: Duration,
    outcome: Outcome,
}

enum Outcome {
    Ran(Counts),
    Skipped(&'static str),
}

/// What has been run so far.
#[derive(Default)]
pub(crate) struct Summary {
    parts: Vec<Part>,
}

impl Summary {
    /// Runs a part that counts as one: it passes or it fails.
    pub(crate) fn one(&mut self, name: &'static str, part: impl FnOnce() -> Result<()>) -> bool {
        self.part(name, || part().map(|()| Counts { passed: 1, failed: 0 }))
    }

    /// Runs a test runner and counts its tests as it reports them.
    ///
    /// A runner that fails without a failed test counts as one failure.
    pub(crate) fn tests(
        &mut self,
        name: &'static str,
        command: impl FnOnce() -> Result<std::process::Command>,
    ) -> bool {
        self.part(name, || {
            let (status, output) = step::heard(command()?)?;
            Ok(judged(status.success(), counts::read(&output)))
        })
    }

    /// Notes a part that was not run, and why.
    pub(crate) fn skipped(&mut self, name: &'static str, why: &'static str) {
        println!("\n== {name}: skipped, {why}");
        self.parts.push(Part { name, took: Duration::ZERO, outcome: Outcome::Skipped(why) });
    }

    fn part(&mut self, name: &'static str, part: impl FnOnce() -> Result<Counts>) -> bool {
        println!("\n== {name}");
        let start = Instant::now();
        let counts = part().unwrap_or_else(|error| {
            println!("{name}: {error:#}");
            Counts { passed: 0, failed: 1 }
        });
        self.parts.push(Part { name, took: start.elapsed(), outcome: Outcome::Ran(counts) });
        counts.failed == 0
    }

    fn total(&self) -> Counts {
        self.parts.iter().fold(Counts::default(), |all, part| match part.outcome {
            Outcome::Ran(counts) => Counts { passed: all.passed + counts.passed, failed: all.failed + counts.failed },
            Outcome::Skipped(_) => all,
        })
    }

    /// Prints the table and the last line, `N passed, N failed`; the exit code is 1 when anything failed.
    pub(crate) fn close(self) -> ExitCode {
        println!("\n{:<34} {:>8} {:>8} {:>8}", "part", "passed", "failed", "seconds");
        for part in &self.parts {
            let seconds = part.took.as_secs_f64();
            match part.outcome {
                Outcome::Ran(Counts { passed, failed }) => {
                    println!("{:<34} {passed:>8} {failed:>8} {seconds:>8.1}", part.name);
                }
                Outcome::Skipped(why) => println!("{:<34} skipped: {why}", part.name),
            }
        }
        let Counts { passed, failed } = self.total();
        println!("{passed} passed, {failed} failed");
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn judged(success: bool, counts: Option<Counts>) -> Counts {
    match (success, counts) {
        (true, counts) => counts.unwrap_or(Counts { passed: 1, failed: 0 }),
        (false, Some(counts)) if counts.failed > 0 => counts,
        (false, counts) => Counts { failed: 1, ..counts.unwrap_or_default() },
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_failed_part_does_not_keep_the_next_from_running() {
        let mut summary = Summary::default();
        assert!(!summary.one("first", || bail!("no")));
        assert!(summary.one("second", || Ok(())));
        assert_eq!(summary.total(), Counts { passed: 1, failed: 1 });
    }

    #[test]
    fn a_runner_that_fails_without_a_failed_test_is_a_failure() {
        assert_eq!(judged(false, Some(Counts { passed: 3, failed: 0 })).failed, 1);
        assert_eq!(judged(false, None).failed, 1);
        assert_eq!(judged(true, None), Counts { passed: 1, failed: 0 });
    }

    #[test]
    fn a_skipped_part_counts_neither_way() {
        let mut summary = Summary::default();
        summary.skipped("window", "no Linux");
        assert_eq!(summary.total(), Counts::default());
    }
}
