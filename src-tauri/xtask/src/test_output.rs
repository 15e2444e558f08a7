//! Parses the output of test runners: how many tests passed and how many failed.

/// Numbers of tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TestCounts {
    /// Passed.
    pub(crate) passed: u32,
    /// Failed.
    pub(crate) failed: u32,
}

/// Parses the output of cargo-nextest, cargo test (summed over its binaries), vitest, Playwright, or our own last line.
///
/// Returns nothing when the output has no summary.
pub(crate) fn parse(output: &str) -> Option<TestCounts> {
    let lines: Vec<String> = output.lines().map(without_colors).collect();
    let sum = |mark: &str| {
        let mut found = lines.iter().filter(|line| line.trim_start().starts_with(mark)).peekable();
        found.peek().is_some().then(|| {
            found.fold(TestCounts::default(), |all, line| TestCounts {
                passed: all.passed + number_before(line, "passed"),
                failed: all.failed + number_before(line, "failed") + number_before(line, "timed out"),
            })
        })
    };
    let last = || {
        let line = lines.iter().rev().find(|line| line.contains(" passed"))?;
        Some(TestCounts { passed: number_before(line, "passed"), failed: number_before(line, "failed") })
    };
    sum("Summary [").or_else(|| sum("test result:")).or_else(|| sum("Tests ")).or_else(last)
}

/// Returns the number before a word, as in `12 passed` or `12 tests passed`; zero where there is none.
fn number_before(line: &str, word: &str) -> u32 {
    let Some((head, _)) = line.split_once(word) else { return 0 };
    head.split_whitespace()
        .rev()
        .take(2)
        .find_map(|part| part.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok())
        .unwrap_or(0)
}

/// Removes terminal colors from a line.
fn without_colors(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            chars.by_ref().find(|c| c.is_ascii_alphabetic());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u32, failed: u32) -> Option<TestCounts> {
        Some(TestCounts { passed, failed })
    }

    #[test]
    fn nextest_is_parsed() {
        let text =
            "     Summary [   0.4s] 12 tests run: 10 passed (1 slow), 2 failed, 3 skipped\n error: test run failed";
        assert_eq!(parse(text), counts(10, 2));
    }

    #[test]
    fn nextest_timeouts_count_as_failed() {
        let text = "     Summary [   0.4s] 4 tests run: 3 passed, 1 timed out, 0 skipped";
        assert_eq!(parse(text), counts(3, 1));
    }

    #[test]
    fn cargo_test_is_summed_over_its_binaries() {
        let text =
            "test result: ok. 5 passed; 0 failed; 1 ignored\nx\ntest result: FAILED. 7 passed; 1 failed; 0 ignored";
        assert_eq!(parse(text), counts(12, 1));
    }

    #[test]
    fn vitest_is_parsed_despite_its_colors() {
        let text =
            "\u{1b}[2m Test Files \u{1b}[22m 2 passed (2)\n\u{1b}[2m      Tests \u{1b}[22m 1 failed | 41 passed (42)";
        assert_eq!(parse(text), counts(41, 1));
    }

    #[test]
    fn our_own_last_line_is_parsed() {
        assert_eq!(parse("ok one\n3 passed, 1 failed\n"), counts(3, 1));
    }

    #[test]
    fn playwright_is_parsed() {
        assert_eq!(parse("  17 passed (21.3s)\n"), counts(17, 0));
    }

    #[test]
    fn output_without_a_summary_gives_no_counts() {
        assert_eq!(parse("Compiling\nFinished\n"), None);
    }
}
