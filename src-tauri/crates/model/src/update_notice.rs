//! The notice of a newer version: what its signed text says, and when it is refused. Pure.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;
use url::Url;

use crate::code::Code;
use crate::problem::Problem;

/// Longest link that is accepted, in bytes.
const MAX_LINK: usize = 500;

/// A version of the app that is available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct UpdateNotice {
    /// The version, for example `1.4.0`.
    pub version: String,
    /// The day of its release.
    pub date: NaiveDate,
    /// The https address of its page. The app shows it and never opens or downloads it by itself.
    pub link: String,
}

/// What is known about newer versions, as the settings show it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct UpdateView {
    /// The host that is asked; `None` when neither the package nor the policy names an address and a key.
    pub host: Option<String>,
    /// The newest version whose signature was valid, if it is newer than this one.
    pub newer: Option<UpdateNotice>,
    /// When the file was asked for last.
    pub checked: Option<DateTime<Utc>>,
    /// Why the newest attempt failed.
    pub problem: Option<Problem>,
}

impl UpdateNotice {
    /// Parses the signed text: JSON with `version`, `date` and `link`.
    ///
    /// # Errors
    /// [`Code::UpdateUnreadable`].
    pub fn parse(text: &[u8]) -> Result<Self, Code> {
        let notice: Self = serde_json::from_slice(text).map_err(|_| Code::UpdateUnreadable)?;
        let is_link = notice.link.len() <= MAX_LINK
            && !notice.link.chars().any(|c| c.is_whitespace() || c.is_control())
            && Url::parse(&notice.link).is_ok_and(|url| url.scheme() == "https" && url.has_host());
        if is_link && version(&notice.version).is_some() { Ok(notice) } else { Err(Code::UpdateUnreadable) }
    }

    /// Returns whether this version is newer than another.
    #[must_use]
    pub fn is_newer_than(&self, other: &str) -> bool {
        version(&self.version) > version(other)
    }

    /// Returns whether it is not older, by version and by date, than one that was accepted before. A file that was replaced by
    /// an old one would otherwise hide a newer version.
    #[must_use]
    pub fn follows(&self, before: &Self) -> bool {
        version(&self.version) >= version(&before.version) && self.date >= before.date
    }
}

/// Returns the three numbers of a version; `None` for any other text.
fn version(text: &str) -> Option<[u32; 3]> {
    let mut numbers = text.split('.').map(|part| {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { part.parse().ok() } else { None }
    });
    let version = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(version: &str, date: &str) -> UpdateNotice {
        let text = format!(r#"{{"version": "{version}", "date": "{date}", "link": "https://example.com/download"}}"#);
        UpdateNotice::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn versions_are_compared_by_number() {
        for (newer, older) in [("0.10.0", "0.9.9"), ("1.0.0", "0.99.99"), ("0.1.1", "0.1.0")] {
            assert!(notice(newer, "2026-01-01").is_newer_than(older), "{newer}");
            assert!(!notice(older, "2026-01-01").is_newer_than(newer), "{older}");
        }
        assert!(!notice("0.1.0", "2026-01-01").is_newer_than("0.1.0"));
    }

    #[test]
    fn an_older_version_or_date_does_not_follow() {
        let before = notice("1.2.0", "2026-03-10");
        assert!(before.follows(&before));
        assert!(notice("1.3.0", "2026-03-11").follows(&before));
        assert!(!notice("1.1.9", "2026-03-11").follows(&before));
        assert!(!notice("1.3.0", "2026-03-09").follows(&before));
    }

    #[test]
    fn a_text_that_is_not_a_notice_is_unreadable() {
        let with = |version: &str, date: &str, link: &str| {
            format!(r#"{{"version": "{version}", "date": "{date}", "link": "{link}"}}"#)
        };
        let long = format!("https://example.com/{}", "a".repeat(MAX_LINK));
        for text in [
            String::new(),
            "{}".to_owned(),
            "\u{0}\u{1}".to_owned(),
            with("1.2", "2026-01-01", "https://example.com"),
            with("1.2.3-beta", "2026-01-01", "https://example.com"),
            with("1.2.3.4", "2026-01-01", "https://example.com"),
            with("+1.2.3", "2026-01-01", "https://example.com"),
            with("1.2.99999999999", "2026-01-01", "https://example.com"),
            with("1.2.3", "soon", "https://example.com"),
            with("1.2.3", "2026-01-01", "http://example.com"),
            with("1.2.3", "2026-01-01", "javascript:alert(1)"),
            with("1.2.3", "2026-01-01", &long),
        ] {
            assert_eq!(UpdateNotice::parse(text.as_bytes()), Err(Code::UpdateUnreadable), "{text}");
        }
        let more = r#"{"version": "1.2.3", "date": "2026-01-01", "link": "https://example.com", "notes": "x"}"#;
        assert!(UpdateNotice::parse(more.as_bytes()).is_ok(), "a later version of the file may say more");
    }
}
