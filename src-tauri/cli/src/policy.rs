//! `connectorctl policy`: what the organisation fixes on this computer, or what a file would fix before it is handed out.

use std::io::{self, Write};
use std::process::ExitCode;

use connector::place::{self, PolicyPlace};
use connector::policy_at;
use messages::{Messages, keys};
use model::policy::{PolicyFinding, PolicyFindingKind, PolicyState, PolicyView};
use serde_json::{Map, Value, json};

use crate::args::Policy;
use crate::{exit, print, told};

/// Tells it: 0 when nothing is to be said against it, 1 when there are remarks, 2 when it is not believed.
pub(crate) fn run(args: &Policy) -> ExitCode {
    let messages = Messages::of_command_line(args.language.into());
    // A file that is only tried out may lie anywhere.
    let tried = args.check.clone().map(|file| PolicyPlace { file, owner: None });
    let view = tried.or_else(place::policy).map(|place| policy_at(&place)).unwrap_or_default();
    if args.check.is_some() && view.standing == PolicyState::Absent {
        return exit::could_not_run(&messages.text(keys::POLICY_ABSENT, &[("place", &place_of(&view))]));
    }
    let mut out = io::stdout().lock();
    let written = if args.json { json(&mut out, &view, &messages) } else { text(&mut out, &view, &messages) };
    match (written, view.standing) {
        (Err(error), _) => exit::could_not_run(&error.to_string()),
        (Ok(()), PolicyState::NotBelieved) => ExitCode::from(2),
        (Ok(()), _) if view.remarks.iter().any(is_against_it) => ExitCode::from(1),
        (Ok(()), _) => ExitCode::SUCCESS,
    }
}

/// That nobody looked who can write the file says nothing against what stands in it.
fn is_against_it(remark: &PolicyFinding) -> bool {
    remark.what != PolicyFindingKind::WriterNotChecked
}

fn place_of(view: &PolicyView) -> String {
    view.place.as_deref().map_or_else(|| "-".to_owned(), told::plain)
}

fn text(out: &mut impl Write, view: &PolicyView, messages: &Messages) -> io::Result<()> {
    let said = match view.standing {
        PolicyState::Absent => keys::POLICY_ABSENT,
        PolicyState::Believed => keys::POLICY_BELIEVED,
        PolicyState::NotBelieved => keys::POLICY_NOT_BELIEVED,
    };
    writeln!(out, "{}", messages.text(said, &[("place", &place_of(view))]))?;
    if let Some(problem) = &view.problem {
        let said = messages.code(problem.code, &problem.args);
        let title = format!("{} [{}]", said.title, problem.code);
        for line in
            [Some(&title), Some(&said.meaning), Some(&said.remedy), problem.detail.as_ref()].into_iter().flatten()
        {
            writeln!(out, "  {}", told::plain(line))?;
        }
    }
    for remark in sentences(view, messages) {
        writeln!(out, "  ! {}", told::plain(&remark))?;
    }
    for (key, value) in fixed(view) {
        writeln!(out, "  {key:<20} {value}")?;
    }
    Ok(())
}

fn json(out: &mut impl Write, view: &PolicyView, messages: &Messages) -> io::Result<()> {
    let problem = view.problem.as_ref().map(|problem| {
        let said = messages.code(problem.code, &problem.args);
        let (title, meaning, remedy) = (said.title, said.meaning, said.remedy);
        json!({"code": problem.code, "title": title, "meaning": meaning, "remedy": remedy, "detail": problem.detail})
    });
    let remarks: Vec<Value> = view
        .remarks
        .iter()
        .zip(sentences(view, messages))
        .map(|(remark, text)| json!({"what": remark.what, "args": remark.args, "line": remark.line, "text": text}))
        .collect();
    let (place, standing, fixed) = (&view.place, view.standing, fixed(view));
    let told = json!({"place": place, "standing": standing, "fixed": fixed, "remarks": remarks, "problem": problem});
    writeln!(out, "{told}")
}

/// What is fixed, under the keys of the file.
fn fixed(view: &PolicyView) -> Map<String, Value> {
    let Value::Object(members) = json!(view.fixed) else { return Map::new() };
    members.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

fn sentences(view: &PolicyView, messages: &Messages) -> Vec<String> {
    let said = |remark: &PolicyFinding| {
        let what = messages.named(&format!("policy.remark.{}", print::word(&remark.what)), &remark.args);
        match remark.line {
            Some(line) => messages.text(keys::POLICY_AT_LINE, &[("line", &line.to_string()), ("what", &what)]),
            None => what,
        }
    };
    view.remarks.iter().map(said).collect()
}
