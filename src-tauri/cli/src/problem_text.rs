//! The text of a problem in one line.

use std::collections::BTreeMap;

use messages::Messages;
use model::problem::Problem;

/// Returns a problem as one line: title, remedy, what was given and asked, code.
pub(crate) fn problem(problem: &Problem, messages: &Messages) -> String {
    let text = messages.code(problem.code, &problem.args);
    let mut parts = vec![text.title, text.remedy];
    parts.extend(typed_and_asked(&problem.args, messages));
    format!("{} [{}]", parts.join(" "), problem.code)
}

/// Returns what was given and what was asked, where a failure names it.
pub(crate) fn typed_and_asked(args: &BTreeMap<String, String>, messages: &Messages) -> Vec<String> {
    let asked = match (args.contains_key("asked"), args.contains_key("index")) {
        (true, true) => Some("cli.asked_index"),
        (true, false) => Some("cli.asked"),
        (false, _) => None,
    };
    let typed = args.contains_key("typed").then_some("cli.typed");
    [typed, asked].into_iter().flatten().map(|key| messages.by_name(key, args)).collect()
}
