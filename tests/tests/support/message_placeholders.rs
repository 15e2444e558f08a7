//! Asserts that every text shown to a person has its placeholders filled.

use std::collections::BTreeMap;

use messages::Messages;
use model::check::CheckReport;
use model::code::Code;
use model::preferences::Language;

/// Asserts that every placeholder in the texts of a code has a value.
pub(crate) fn assert_filled(code: Code, args: &BTreeMap<String, String>) {
    for language in [Language::En, Language::De] {
        let said = Messages::load(language).code(code, args);
        for part in [said.title, said.meaning, said.remedy] {
            assert!(!part.contains('{'), "{code}: {part}");
        }
    }
}

/// Asserts the same for every row of a report.
pub(crate) fn assert_filled_in_report(report: &CheckReport) {
    for row in &report.rows {
        row.code.iter().for_each(|code| assert_filled(*code, &row.args));
    }
}
