//! The system's clipboard, through `arboard`.
//!
//! On X11 the copying app owns the text until another app copies. On Wayland `arboard` uses the data-control protocol where
//! the compositor supports it, and XWayland elsewhere; whether that works is tested by reading back, never assumed.

use model::code::Code;
use model::problem::Problem;
use model::token_format::strip_token;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The SHA-256 of a text, which recognizes a secret without revealing it: a token has more than 200 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// Returns the digest of a text.
    pub(crate) fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }
}

/// The content of the clipboard, compared with the text that the app put there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClipboardContent {
    /// The text of the app.
    Ours,
    /// Another text, or none.
    Other,
    /// The system does not allow reading it.
    Unreadable,
}

/// The clipboard, opened when it is needed first.
#[derive(Default)]
pub(crate) struct SystemClipboard(Option<arboard::Clipboard>);

impl SystemClipboard {
    /// Puts a text on the clipboard; a secret is marked so that clipboard histories leave it out.
    ///
    /// # Errors
    /// [`Code::ClipboardUnavailable`].
    pub(crate) fn put(&mut self, text: &str, secret: bool) -> Result<(), Problem> {
        let text = text.to_owned();
        self.with(|clipboard| marked(clipboard.set(), secret).text(text)).map_err(unavailable)
    }

    /// Empties the clipboard.
    ///
    /// # Errors
    /// [`Code::ClipboardNotClearable`].
    pub(crate) fn clear(&mut self) -> Result<(), Problem> {
        self.with(arboard::Clipboard::clear)
            .map_err(|error| Problem::new(Code::ClipboardNotClearable).detail(error.to_string()))
    }

    /// Compares the content with a secret.
    pub(crate) fn compare(&mut self, secret: Digest) -> ClipboardContent {
        match self.read() {
            Ok(text) if Digest::of(&text) == secret => ClipboardContent::Ours,
            Ok(_) | Err(arboard::Error::ContentNotAvailable) => ClipboardContent::Other,
            Err(_) => ClipboardContent::Unreadable,
        }
    }

    /// Tells whether the content is one of these secrets, perhaps with surrounding text that was copied with it.
    pub(crate) fn holds_any(&mut self, secrets: &[Digest]) -> bool {
        self.read().is_ok_and(|text| secrets.contains(&Digest::of(strip_token(&text))))
    }

    fn read(&mut self) -> Result<Zeroizing<String>, arboard::Error> {
        self.with(|clipboard| clipboard.get_text().map(Zeroizing::new))
    }

    fn with<T>(
        &mut self,
        act: impl FnOnce(&mut arboard::Clipboard) -> Result<T, arboard::Error>,
    ) -> Result<T, arboard::Error> {
        let clipboard = match &mut self.0 {
            Some(clipboard) => clipboard,
            empty @ None => empty.insert(arboard::Clipboard::new()?),
        };
        act(clipboard)
    }
}

fn unavailable(error: arboard::Error) -> Problem {
    Problem::new(Code::ClipboardUnavailable).detail(error.to_string())
}

#[cfg(target_os = "linux")]
fn marked(set: arboard::Set<'_>, secret: bool) -> arboard::Set<'_> {
    use arboard::SetExtLinux as _;
    if secret { set.exclude_from_history() } else { set }
}

#[cfg(target_os = "macos")]
fn marked(set: arboard::Set<'_>, secret: bool) -> arboard::Set<'_> {
    use arboard::SetExtApple as _;
    if secret { set.exclude_from_history() } else { set }
}

#[cfg(target_os = "windows")]
fn marked(set: arboard::Set<'_>, secret: bool) -> arboard::Set<'_> {
    use arboard::SetExtWindows as _;
    if secret { set.exclude_from_monitoring() } else { set }
}

/// Tells whether this desktop is known to honor the mark: the histories of Windows and KDE do. macOS has no history before
/// version 26, GNOME has none, and third-party histories may ignore the mark.
pub(crate) fn history_excluded(desktop: Option<&str>) -> bool {
    cfg!(target_os = "windows")
        || desktop.is_some_and(|names| names.split(':').any(|name| name.eq_ignore_ascii_case("KDE")))
}

#[cfg(test)]
mod tests {
    use super::{Digest, history_excluded};

    #[test]
    fn a_digest_distinguishes_texts_and_reveals_nothing_of_them() {
        let secret = "00canaryCanaryCanaryCanaryCanaryCanaryCana";
        assert_eq!(Digest::of(secret), Digest::of(secret));
        assert_ne!(Digest::of(secret), Digest::of("00canary"));
        assert!(!format!("{:?}", Digest::of(secret)).contains("anary"));
    }

    #[test]
    fn only_desktops_known_to_honor_the_mark_are_reported() {
        assert!(history_excluded(Some("KDE")));
        assert!(history_excluded(Some("ubuntu:KDE")));
        let windows = cfg!(target_os = "windows");
        assert_eq!((history_excluded(Some("GNOME")), history_excluded(None)), (windows, windows));
    }
}
