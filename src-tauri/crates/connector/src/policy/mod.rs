//! The organisation's policy file, read afresh each time it is asked for, so that a change holds without a restart.
//!
//! Promises: a file that is not there is no policy; one that is there and cannot be read, or that somebody else than an
//! administrator can change, is not believed, and that is told. Never: a write, or a wait for something that is no file.

#[cfg(unix)]
mod writers;

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use crate::place::PolicyPlace;
use model::code::Code;
use model::policy::{Policy, PolicyFinding, PolicyFindingKind, PolicyView, UntrustedReason};
use model::problem::Problem;

/// Longest file read, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Reads the policy at a place.
#[must_use]
pub fn read(at: &PolicyPlace) -> PolicyView {
    let place = at.file.display().to_string();
    tracing::trace!("the policy file is read");
    match text(at) {
        Ok(None) => PolicyView::absent(place),
        Ok(Some(text)) => PolicyView::from_result(place, said(at, &text)),
        Err(problem) => PolicyView::from_result(place, Err(problem.into())),
    }
}

fn said(at: &PolicyPlace, text: &str) -> Result<(Policy, Vec<PolicyFinding>), UntrustedReason> {
    let (policy, mut remarks) = Policy::parse(text)?;
    if at.owner.is_some() {
        return Ok((policy, remarks));
    }
    remarks.push(PolicyFinding::new(PolicyFindingKind::WriterNotChecked));
    Ok((policy.without_relaxations(), remarks))
}

/// Returns the file's text; `None` when it is not there.
fn text(at: &PolicyPlace) -> Result<Option<String>, Problem> {
    if !is_there(&at.file).map_err(unreadable)? {
        return Ok(None);
    }
    #[cfg(unix)]
    if let Some(owner) = at.owner
        && let Some(open) = writers::beyond(&at.file, owner).map_err(unreadable)?
    {
        return Err(Problem::new(Code::PolicyUntrusted).arg("path", open.display().to_string()));
    }
    let bytes = bytes(&at.file).map_err(unreadable)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LONGEST) {
        return Err(Problem::new(Code::PolicyGarbled).detail(format!("longer than {LONGEST} bytes")));
    }
    String::from_utf8(bytes).map(Some).map_err(|error| Problem::new(Code::PolicyGarbled).detail(error.to_string()))
}

/// Tells whether there is a file, or a link that ought to lead to one.
fn is_there(file: &Path) -> io::Result<bool> {
    let found = |path: &Path| match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    };
    let folder = file.parent().map(found).transpose()?.flatten();
    let broken =
        folder.is_some_and(|folder| folder.is_symlink()) && file.parent().is_some_and(|folder| !folder.exists());
    Ok(broken || found(file)?.is_some())
}

fn bytes(file: &Path) -> io::Result<Vec<u8>> {
    // ProbeResult at before it is opened: opening a pipe waits for somebody to write into it.
    if !fs::metadata(file)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut bytes = Vec::new();
    File::open(file)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(error: io::Error) -> Problem {
    Problem::new(Code::PolicyUnreadable).detail(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::policy::PolicyState;

    fn at(file: &Path) -> PolicyPlace {
        PolicyPlace { file: file.to_owned(), owner: None }
    }

    fn code(view: &PolicyView) -> Option<Code> {
        view.problem.as_ref().map(|problem| problem.code)
    }

    #[test]
    fn a_file_that_is_not_there_is_no_policy_and_a_change_is_seen_at_the_next_reading() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("none/policy.json");
        assert_eq!(read(&at(&file)), PolicyView::absent(file.display().to_string()));
        fs::create_dir(file.parent().unwrap()).unwrap();
        assert_eq!(read(&at(&file)).standing, PolicyState::Absent);
        fs::write(&file, r#"{"format": 1, "heartbeat_s": 900}"#).unwrap();
        assert_eq!(read(&at(&file)).fixed.heartbeat_s, Some(900));
        fs::write(&file, r#"{"format": 1, "heartbeat_s": 300}"#).unwrap();
        assert_eq!(read(&at(&file)).fixed.heartbeat_s, Some(300));
        fs::remove_file(&file).unwrap();
        assert_eq!(read(&at(&file)).fixed, Policy::default());
    }

    #[test]
    fn what_cannot_be_read_is_told_and_the_safe_side_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy.json");
        let long = format!("{{\"format\": 1{}}}", " ".repeat(64 * 1024));
        for (bytes, expected) in [
            (b"{\"format\": 1, \"contact\": \"\xff\"}".to_vec(), Code::PolicyGarbled),
            (long.into_bytes(), Code::PolicyGarbled),
            (b"{\"format\": 2}".to_vec(), Code::PolicyNewer),
        ] {
            fs::write(&file, bytes).unwrap();
            let view = read(&at(&file));
            assert_eq!((code(&view), view.fixed), (Some(expected), Policy::fail_safe()));
        }
        let a_folder = read(&at(folder.path()));
        assert_eq!((code(&a_folder), a_folder.standing), (Some(Code::PolicyUnreadable), PolicyState::NotBelieved));
    }

    #[test]
    #[cfg(unix)]
    fn a_link_that_leads_nowhere_is_no_missing_policy() {
        let folder = tempfile::tempdir().unwrap();
        let (link, nowhere) = (folder.path().join("link"), folder.path().join("nowhere"));
        std::os::unix::fs::symlink(&nowhere, &link).unwrap();
        assert_eq!(code(&read(&at(&link))), Some(Code::PolicyUnreadable), "the file");
        assert_eq!(code(&read(&at(&link.join("policy.json")))), Some(Code::PolicyUnreadable), "its folder");
    }

    #[test]
    fn where_nobody_looked_who_can_change_the_file_this_is_said_and_it_switches_no_protection_off() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy.json");
        let fixed = |asks: bool, notices: bool| {
            let text =
                serde_json::json!({"format": 1, "ask_before_copying": asks, "notices": notices, "full_s": 7_200});
            fs::write(&file, text.to_string()).unwrap();
            let view = read(&at(&file));
            let told: Vec<_> = view.remarks.iter().map(|remark| remark.what).collect();
            assert_eq!(told, [PolicyFindingKind::WriterNotChecked]);
            (view.fixed.ask_before_copying, view.fixed.notices, view.fixed.full_s)
        };
        assert_eq!(fixed(true, true), (Some(true), Some(true), Some(7_200)));
        assert_eq!(fixed(false, false), (None, None, Some(7_200)));
    }
}
