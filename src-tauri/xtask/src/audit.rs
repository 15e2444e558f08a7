//! `cargo xtask audit`: asks the public databases about the dependencies: known vulnerabilities and unmaintained crates, and
//! the signatures of the npm packages.
//!
//! It belongs neither to lint nor to CI, because its result depends on the day and on the network. Exit codes: 0 nothing found,
//! 1 something found, 3 a database cannot be reached and nothing was found in the others.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::cargo_tools::CARGO_DENY;
use crate::process::{self, Show};
use crate::{frontend, run_summary::RunSummary};

const UNREACHABLE: u8 = 3;
/// What npm prints when it cannot reach a server: error codes of Node, and the status of a registry that lacks the service.
const UNREACHABLE_SIGNS: [&str; 9] = [
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "405 Method Not Allowed",
    "E405",
];

/// The result of one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Clean,
    Found,
    Unreachable,
}

/// Asks every database, also after one was not reached.
///
/// # Errors
/// When a tool cannot be installed or started.
pub(crate) fn audit() -> Result<ExitCode> {
    let mut summary = RunSummary::default();
    CARGO_DENY.ensure()?;
    let advisories = advisories(&mut summary)?;
    frontend::install_packages()?;
    let signatures = signatures(&mut summary)?;
    let found = summary.finish();
    Ok(match exit_code(&[advisories, signatures]) {
        Some(code) => ExitCode::from(code),
        None => found,
    })
}

/// Returns the exit code that the summary does not have.
fn exit_code(answers: &[Answer]) -> Option<u8> {
    let is_clean = !answers.contains(&Answer::Found);
    (is_clean && answers.contains(&Answer::Unreachable)).then_some(UNREACHABLE)
}

/// Checks the crates; `.deny.toml` lists the accepted advisories, each with its reason.
fn advisories(summary: &mut RunSummary) -> Result<Answer> {
    let (fetched, _) = process::run_captured(CARGO_DENY.command(&["fetch", "db", "index"]), Show::AsItComes)?;
    if !fetched.success() {
        summary.skip("advisories", "the advisory database cannot be reached");
        return Ok(Answer::Unreachable);
    }
    // What was fetched is all that the check needs; offline it cannot fail for the network.
    let check = CARGO_DENY.command(&["--offline", "check", "advisories"]);
    Ok(if summary.step("advisories", || process::run(check)) { Answer::Clean } else { Answer::Found })
}

/// Checks that the npm registry signed the installed packages, and where they were built.
fn signatures(summary: &mut RunSummary) -> Result<Answer> {
    let answer = ask(frontend::npm(&["audit", "signatures"]))?;
    match answer {
        Answer::Unreachable => summary.skip("npm signatures", "the registry's keys cannot be reached"),
        Answer::Clean | Answer::Found => {
            summary.step("npm signatures", || match answer {
                Answer::Found => anyhow::bail!("npm audit signatures failed"),
                Answer::Clean | Answer::Unreachable => Ok(()),
            });
        }
    }
    Ok(answer)
}

fn ask(command: Command) -> Result<Answer> {
    let (status, output) = process::run_captured(command, Show::AsItComes)?;
    Ok(evaluate(status.success(), &output))
}

fn evaluate(success: bool, output: &str) -> Answer {
    match (success, UNREACHABLE_SIGNS.iter().any(|sign| output.contains(sign))) {
        (true, _) => Answer::Clean,
        (false, true) => Answer::Unreachable,
        (false, false) => Answer::Found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths;

    #[test]
    fn an_unreachable_server_is_no_finding_and_no_success() {
        let dns =
            "npm error code ENOTFOUND\nnpm error network request to https://tuf-repo-cdn.example/15.root.json failed";
        assert_eq!(evaluate(false, dns), Answer::Unreachable);
        assert_eq!(evaluate(false, "1 package has an invalid registry signature:"), Answer::Found);
        assert_eq!(evaluate(false, ""), Answer::Found);
        assert_eq!(evaluate(true, "audited 300 packages in 2s"), Answer::Clean);
    }

    #[test]
    fn a_finding_counts_more_than_an_unreachable_database() {
        assert_eq!(exit_code(&[Answer::Clean, Answer::Clean]), None);
        assert_eq!(exit_code(&[Answer::Unreachable, Answer::Clean]), Some(3));
        assert_eq!(exit_code(&[Answer::Unreachable, Answer::Unreachable]), Some(3));
        assert_eq!(exit_code(&[Answer::Unreachable, Answer::Found]), None);
    }

    #[test]
    fn every_accepted_advisory_has_a_reason_and_a_locked_crate() -> Result<()> {
        let rules = std::fs::read_to_string(paths::root().join(".deny.toml"))?;
        let lock = std::fs::read_to_string(paths::root().join("Cargo.lock"))?.replace("\r\n", "\n");
        let accepted: Vec<&str> = rules.lines().filter(|line| line.contains("id = \"RUSTSEC-")).collect();
        assert!(accepted.len() >= 3, "{accepted:?}");
        for line in accepted {
            let reason = line.split("reason = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            let name = reason.split(':').next().unwrap_or_default();
            assert!(reason.len() > 40, "{line}");
            assert!(lock.contains(&format!("name = \"{name}\"\n")), "{name} is not locked: remove its advisory");
        }
        Ok(())
    }
}
