//! What the administrator was shown before it is saved or taken in: the diagnostics bundle, a document of connections.
//!
//! It stays on this side of the window, so that what was seen is byte for byte what is written or read, and no page can
//! hand in another text. Nothing here is a secret; it lasts no longer than the run.

use std::sync::{Mutex, MutexGuard, PoisonError};

use connector::Connector;
use model::code::Code;
use model::problem::Problem;
use model::transfer::{ImportOutcome, ImportPreview};

/// What is held, one of each.
#[derive(Debug, Default)]
pub(crate) struct Held {
    bundle: Mutex<Option<String>>,
    document: Mutex<Option<String>>,
}

impl Held {
    /// Keeps a bundle that is about to be shown, in the place of an older one.
    pub(crate) fn show(&self, bundle: String) -> String {
        *lock(&self.bundle) = Some(bundle.clone());
        bundle
    }

    /// Returns the bundle that was shown last.
    ///
    /// # Errors
    /// [`Code::Internal`] when none was.
    pub(crate) fn shown(&self) -> Result<String, Problem> {
        lock(&self.bundle).clone().ok_or_else(|| nothing("no bundle was shown"))
    }

    /// Says what a chosen document would bring, and keeps it. `None` when none was chosen.
    ///
    /// # Errors
    /// As `Connector::look_at_import`; the document is not kept then.
    pub(crate) async fn look(
        &self,
        door: &Connector,
        chosen: Option<String>,
    ) -> Result<Option<ImportPreview>, Problem> {
        *lock(&self.document) = None;
        let Some(text) = chosen else { return Ok(None) };
        let preview = door.look_at_import(&text).await?;
        *lock(&self.document) = Some(text);
        Ok(Some(preview))
    }

    /// Takes in the document that was looked at, once.
    ///
    /// # Errors
    /// [`Code::Internal`] when there is none; as `Connector::import`.
    pub(crate) async fn take_in(&self, door: &Connector) -> Result<ImportOutcome, Problem> {
        let text = lock(&self.document).take();
        door.import(&text.ok_or_else(|| nothing("no document was looked at"))?).await
    }
}

fn lock(held: &Mutex<Option<String>>) -> MutexGuard<'_, Option<String>> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

fn nothing(what: &str) -> Problem {
    Problem::new(Code::Internal).detail(what)
}
