//! The system's dialog for opening a file. The window neither passes a path nor receives one.

use std::path::Path;

use connector::owner_only_files::read_at_most;
use connector::paths::MAX_EXPORT_LENGTH;
use messages::{Messages, keys};
use model::code::Code;
use model::problem::Problem;
use tauri::{AppHandle, Runtime};
use tauri_plugin_dialog::DialogExt as _;
use tokio::sync::oneshot;

/// Lets the person choose an export file and reads it, up to the size limit of such files. `None` when none was chosen.
///
/// # Errors
/// [`Code::FileNotRead`] with the system's reason; [`Code::ImportGarbled`] when the file is not text.
pub(crate) async fn read_export_file<R: Runtime>(
    app: &AppHandle<R>,
    messages: &Messages,
) -> Result<Option<String>, Problem> {
    let (chosen, path) = oneshot::channel();
    app.dialog()
        .file()
        .set_title(messages.text(keys::CONNECTIONS_IMPORT, &[]))
        .add_filter("JSON", &["json"])
        .pick_file(move |path| drop(chosen.send(path)));
    let Some(path) = path.await.ok().flatten() else { return Ok(None) };
    let path = path.into_path().map_err(|error| Problem::new(Code::FileNotRead).detail(error.to_string()))?;
    read(&path).map(Some)
}

fn read(path: &Path) -> Result<String, Problem> {
    let bytes = read_at_most(path, MAX_EXPORT_LENGTH).map_err(|error| {
        Problem::new(Code::FileNotRead).arg("path", path.display().to_string()).detail(error.to_string())
    })?;
    String::from_utf8(bytes).map_err(|_| Problem::new(Code::ImportGarbled))
}

#[cfg(test)]
mod tests {
    use model::code::Code;

    use super::read;

    #[test]
    fn an_unreadable_file_and_one_that_is_not_text_have_different_codes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        assert_eq!(read(&file).unwrap_err().code, Code::FileNotRead);
        std::fs::write(&file, [0xff, 0xfe, b'{']).unwrap();
        assert_eq!(read(&file).unwrap_err().code, Code::ImportGarbled);
        std::fs::write(&file, "{}").unwrap();
        assert_eq!(read(&file).unwrap(), "{}");
    }
}
