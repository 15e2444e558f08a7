//! What a person reads: no sentence may be left with a gap.

use std::collections::BTreeMap;

use messages::Messages;
use model::check::CheckReport;
use model::code::Code;
use model::preferences::Language;

/// Fails when a placeholder of the code's sentences has no value.
pub(crate) fn whole(code: Code, args: &BTreeMap<String, String>) {
    for language in [Language::En, Language::De] {
        let said = Messages::of(language).code(code, args);
        for part in [said.title, said.meaning, said.remedy] {
            assert!(!part.contains('{'), "{code}: {part}");
        }
    }
}

/// The same for every row of a report.
pub(crate) fn all_whole(report: &CheckReport) {
    for row in &report.rows {
        row.code.iter().for_each(|code| whole(*code, &row.args));
    }
}
