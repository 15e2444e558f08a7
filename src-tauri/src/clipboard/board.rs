//! The system's clipboard through `arboard`, and what may be said of it on this desktop.
//!
//! On X11 the copying app owns the text until another takes over. On Wayland the data-control protocol is used where the
//! compositor speaks it, and XWayland else; whether that works is found out by reading back, never assumed.

use model::code::Code;
use model::problem::Problem;
use model::token_format::strip_token;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// SHA-256 of a secret: enough to find it again, useless for anything else (a token has over 200 bits of chance).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// Digests a text.
    pub(crate) fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }
}

/// What is on the clipboard, compared with what we put there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// What we put there.
    Ours,
    /// Something else, or nothing.
    Other,
    /// The system does not let us look.
    Unreadable,
}

/// The clipboard, opened when first needed and opened anew after it failed.
#[derive(Default)]
pub(crate) struct Board(Option<arboard::Clipboard>);

impl Board {
    /// Puts a text there; a secret with the mark that asks clipboard histories to leave it out.
    ///
    /// # Errors
    /// [`Code::ClipboardUnavailable`].
    pub(crate) fn put(&mut self, text: &str, secret: bool) -> Result<(), Problem> {
        let text = text.to_owned();
        self.with(|board| marked(board.set(), secret).text(text)).map_err(unavailable)
    }

    /// Empties it.
    ///
    /// # Errors
    /// [`Code::ClipboardNotClearable`].
    pub(crate) fn clear(&mut self) -> Result<(), Problem> {
        self.with(arboard::Clipboard::clear)
            .map_err(|error| Problem::new(Code::ClipboardNotClearable).detail(error.to_string()))
    }

    /// Compares what is there with a secret.
    pub(crate) fn held(&mut self, secret: Digest) -> Held {
        match self.read() {
            Ok(text) if Digest::of(&text) == secret => Held::Ours,
            Ok(_) | Err(arboard::Error::ContentNotAvailable) => Held::Other,
            Err(_) => Held::Unreadable,
        }
    }

    /// Tells whether what is there is one of these secrets, perhaps with the wrapping people copy along.
    pub(crate) fn holds_any(&mut self, secrets: &[Digest]) -> bool {
        self.read().is_ok_and(|text| secrets.contains(&Digest::of(strip_token(&text))))
    }

    fn read(&mut self) -> Result<Zeroizing<String>, arboard::Error> {
        self.with(|board| board.get_text().map(Zeroizing::new))
    }

    fn with<T>(
        &mut self,
        act: impl FnOnce(&mut arboard::Clipboard) -> Result<T, arboard::Error>,
    ) -> Result<T, arboard::Error> {
        let board = match &mut self.0 {
            Some(board) => board,
            empty @ None => empty.insert(arboard::Clipboard::new()?),
        };
        act(board)
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

/// Tells whether the mark is honoured here: by Windows' own history, and by KDE's. macOS has no history of its own before
/// version 26 and third-party ones are free to ignore it; GNOME has none, and its extensions are free to ignore it.
pub(crate) fn history_excluded(desktop: Option<&str>) -> bool {
    cfg!(target_os = "windows")
        || desktop.is_some_and(|names| names.split(':').any(|name| name.eq_ignore_ascii_case("KDE")))
}

#[cfg(test)]
mod tests {
    use super::{Digest, history_excluded};

    #[test]
    fn a_digest_tells_texts_apart_and_shows_nothing_of_them() {
        let secret = "00canaryCanaryCanaryCanaryCanaryCanaryCana";
        assert_eq!(Digest::of(secret), Digest::of(secret));
        assert_ne!(Digest::of(secret), Digest::of("00canary"));
        assert!(!format!("{:?}", Digest::of(secret)).contains("anary"));
    }

    #[test]
    fn only_a_desktop_known_to_honour_the_mark_is_said_to() {
        assert!(history_excluded(Some("KDE")));
        assert!(history_excluded(Some("ubuntu:KDE")));
        let windows = cfg!(target_os = "windows");
        assert_eq!((history_excluded(Some("GNOME")), history_excluded(None)), (windows, windows));
    }
}
