//! The system's dialog for saving a file. Only its owner can read the file.

use connector::owner_only_files::write_private;
use messages::{Key, Messages, keys};
use model::action_audit::AuditFormat;
use model::code::Code;
use model::problem::Problem;
use model::report_format::ReportFormat;
use tauri::{AppHandle, Runtime};
use tauri_plugin_dialog::DialogExt as _;
use tokio::sync::oneshot;

/// Lets the person choose a path, writes the text there and returns the path. `None` when the dialog was canceled.
///
/// # Errors
/// [`Code::FileNotWritten`] with the system's reason.
pub(crate) async fn save<R: Runtime>(
    app: &AppHandle<R>,
    messages: &Messages,
    kind: FileKind,
    text: String,
) -> Result<Option<String>, Problem> {
    let (name, filter, extension) = kind.file();
    let (chosen, path) = oneshot::channel();
    app.dialog()
        .file()
        .set_title(messages.text(kind.title(), &[]))
        .set_file_name(name)
        .add_filter(filter, &[extension])
        .save_file(move |path| drop(chosen.send(path)));
    let Some(path) = path.await.ok().flatten() else { return Ok(None) };
    let path = path.into_path().map_err(|error| Problem::new(Code::FileNotWritten).detail(error.to_string()))?;
    write_private(&path, &text).map_err(|error| {
        Problem::new(Code::FileNotWritten).arg("path", path.display().to_string()).detail(error.to_string())
    })?;
    Ok(Some(path.display().to_string()))
}

/// A kind of file that the app saves.
#[derive(Debug, Clone, Copy)]
pub(crate) enum FileKind {
    /// The set-up report.
    Report(ReportFormat),
    /// A connection's history, hour by hour.
    History,
    /// A connection's changes of status.
    StatusChanges,
    /// An export of all connections, without secrets.
    Connections,
    /// The diagnostics bundle.
    Diagnostics,
    /// The audit of response actions.
    Audit(AuditFormat),
}

impl FileKind {
    /// Returns the suggested file name, the name of the format, and the extension.
    fn file(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Report(ReportFormat::Markdown) => ("okta-radiant-setup.md", "Markdown", "md"),
            Self::Report(ReportFormat::Json) => ("okta-radiant-setup.json", "JSON", "json"),
            Self::History => ("okta-radiant-history.csv", "CSV", "csv"),
            Self::StatusChanges => ("okta-radiant-changes.csv", "CSV", "csv"),
            Self::Connections => ("okta-radiant-connections.json", "JSON", "json"),
            Self::Diagnostics => ("okta-radiant-diagnostics.json", "JSON", "json"),
            Self::Audit(AuditFormat::Csv) => ("okta-actions-audit.csv", "CSV", "csv"),
            Self::Audit(AuditFormat::Json) => ("okta-actions-audit.json", "JSON", "json"),
            Self::Audit(AuditFormat::Report) => ("okta-actions-audit.md", "Markdown", "md"),
        }
    }

    fn title(self) -> Key {
        match self {
            Self::Report(_) => keys::REPORT_SAVE,
            Self::History => keys::HISTORY_SAVE,
            Self::StatusChanges => keys::HISTORY_SAVE_CHANGES,
            Self::Connections => keys::CONNECTIONS_EXPORT,
            Self::Diagnostics => keys::DIAGNOSTICS_SAVE,
            Self::Audit(_) => keys::ACTION_SAVE,
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(unix)]
    fn a_saved_report_is_readable_only_by_its_owner_even_if_it_replaces_an_older_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.md");
        std::fs::write(&path, "an older and much longer report").unwrap();
        super::write_private(&path, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let error = super::write_private(&folder.path().join("no/such/report.md"), "text").unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    }
}
