//! Documents that the administrator reviews before they are used: a diagnostics bundle to save, an export file to import.
//!
//! They stay in Rust, so that exactly the reviewed bytes are written or imported and no page can pass another text. They
//! hold no secret and last no longer than the run.

use std::sync::{Mutex, MutexGuard, PoisonError};

use connector::Connector;
use model::code::Code;
use model::connection_import::{ImportOutcome, ImportPreview};
use model::problem::Problem;

/// The document reviewed last, of each kind.
#[derive(Debug, Default)]
pub(crate) struct ReviewedDocuments {
    bundle: Mutex<Option<String>>,
    import: Mutex<Option<String>>,
}

impl ReviewedDocuments {
    /// Stores a bundle that is about to be shown, in place of an older one, and returns it.
    pub(crate) fn keep_bundle(&self, bundle: String) -> String {
        *lock(&self.bundle) = Some(bundle.clone());
        bundle
    }

    /// Returns the bundle that was shown last.
    ///
    /// # Errors
    /// [`Code::Internal`] when none was shown.
    pub(crate) fn bundle(&self) -> Result<String, Problem> {
        lock(&self.bundle).clone().ok_or_else(|| missing("no bundle was shown"))
    }

    /// Returns a preview of a chosen export file, and stores the file. `None` when none was chosen.
    ///
    /// # Errors
    /// As `Connections::preview_import`; the file is not stored then.
    pub(crate) async fn preview_import(
        &self,
        connector: &Connector,
        chosen: Option<String>,
    ) -> Result<Option<ImportPreview>, Problem> {
        *lock(&self.import) = None;
        let Some(text) = chosen else { return Ok(None) };
        let preview = connector.connections().preview_import(&text).await?;
        *lock(&self.import) = Some(text);
        Ok(Some(preview))
    }

    /// Imports the export file that was previewed, once.
    ///
    /// # Errors
    /// [`Code::Internal`] when none was previewed; otherwise as `Connector::import`.
    pub(crate) async fn import(&self, connector: &Connector) -> Result<ImportOutcome, Problem> {
        let text = lock(&self.import).take();
        connector.connections().import(&text.ok_or_else(|| missing("no export file was previewed"))?).await
    }
}

fn lock(document: &Mutex<Option<String>>) -> MutexGuard<'_, Option<String>> {
    document.lock().unwrap_or_else(PoisonError::into_inner)
}

fn missing(what: &str) -> Problem {
    Problem::new(Code::Internal).detail(what)
}
