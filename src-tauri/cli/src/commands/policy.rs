//! `connectorctl policy`: shows the policy of this computer, or tests a policy file before it is deployed.

use std::io;
use std::process::ExitCode;

use connector::paths::{self, PolicyPlace};
use connector::policy;
use messages::{Messages, keys};
use model::policy::{PolicyFinding, PolicyFindingKind, PolicyState, PolicyView};
use serde_json::{Map, Value, json};

use crate::args::Policy;
use crate::{connection_status, exit_code, print, serialized_name};

/// Prints the policy. Returns 0 without findings, 1 with findings, 2 when the policy is not trusted.
pub(crate) fn run(args: &Policy, messages: &Messages) -> ExitCode {
    // A file that is only tested may be anywhere.
    let tested = args.check.clone().map(|file| PolicyPlace { file, owner: None });
    let view = tested.or_else(paths::policy).map(|place| policy::read(&place)).unwrap_or_default();
    if args.check.is_some() && view.standing == PolicyState::Absent {
        return exit_code::could_not_run(&messages.text(keys::POLICY_ABSENT, &[("place", &place_of(&view))]));
    }
    let written = if args.json { json(&view, messages) } else { text(&view, messages) };
    match (written, view.standing) {
        (Err(error), _) => exit_code::could_not_run(&error.to_string()),
        (Ok(()), PolicyState::NotBelieved) => ExitCode::from(2),
        (Ok(()), _) if view.remarks.iter().any(counts) => ExitCode::from(1),
        (Ok(()), _) => ExitCode::SUCCESS,
    }
}

/// Tells whether a finding counts. An unchecked owner says nothing about the content of the file.
fn counts(finding: &PolicyFinding) -> bool {
    finding.what != PolicyFindingKind::WriterNotChecked
}

fn place_of(view: &PolicyView) -> String {
    view.place.as_deref().map_or_else(|| "-".to_owned(), connection_status::single_line)
}

fn text(view: &PolicyView, messages: &Messages) -> io::Result<()> {
    let standing = match view.standing {
        PolicyState::Absent => keys::POLICY_ABSENT,
        PolicyState::Believed => keys::POLICY_BELIEVED,
        PolicyState::NotBelieved => keys::POLICY_NOT_BELIEVED,
    };
    print::line(&messages.text(standing, &[("place", &place_of(view))]))?;
    if let Some(problem) = &view.problem {
        let text = messages.code(problem.code, &problem.args);
        let title = format!("{} [{}]", text.title, problem.code);
        for line in
            [Some(&title), Some(&text.meaning), Some(&text.remedy), problem.detail.as_ref()].into_iter().flatten()
        {
            print::line(&format!("  {}", connection_status::single_line(line)))?;
        }
    }
    for finding in sentences(view, messages) {
        print::line(&format!("  ! {}", connection_status::single_line(&finding)))?;
    }
    for (key, value) in fixed(view) {
        print::line(&format!("  {key:<20} {value}"))?;
    }
    Ok(())
}

fn json(view: &PolicyView, messages: &Messages) -> io::Result<()> {
    let problem = view.problem.as_ref().map(|problem| {
        let text = messages.code(problem.code, &problem.args);
        let (title, meaning, remedy) = (text.title, text.meaning, text.remedy);
        json!({"code": problem.code, "title": title, "meaning": meaning, "remedy": remedy, "detail": problem.detail})
    });
    let remarks: Vec<Value> = view
        .remarks
        .iter()
        .zip(sentences(view, messages))
        .map(|(one, text)| json!({"what": one.what, "args": one.args, "line": one.line, "text": text}))
        .collect();
    let (place, standing, fixed) = (&view.place, view.standing, fixed(view));
    print::json(&json!({"place": place, "standing": standing, "fixed": fixed, "remarks": remarks, "problem": problem}))
}

/// Returns the settings that the policy fixes, under the keys of the file.
fn fixed(view: &PolicyView) -> Map<String, Value> {
    let Value::Object(members) = json!(view.fixed) else { return Map::new() };
    members.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

fn sentences(view: &PolicyView, messages: &Messages) -> Vec<String> {
    let sentence = |finding: &PolicyFinding| {
        let what =
            messages.by_name(&format!("policy.remark.{}", serialized_name::as_str(&finding.what)), &finding.args);
        match finding.line {
            Some(line) => messages.text(keys::POLICY_AT_LINE, &[("line", &line.to_string()), ("what", &what)]),
            None => what,
        }
    };
    view.remarks.iter().map(sentence).collect()
}
