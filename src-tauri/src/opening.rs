//! Opening a file: the system's own dialog. The window names no path and is given none.

use std::path::Path;

use connector::place;
use messages::{Messages, keys};
use model::code::Code;
use model::problem::Problem;
use tauri::{AppHandle, Runtime};
use tauri_plugin_dialog::DialogExt as _;
use tokio::sync::oneshot;

/// Asks which file, and reads it as far as a document of connections may be long. `None` when none was chosen.
///
/// # Errors
/// [`Code::FileNotRead`] with the system's reason; [`Code::ImportGarbled`] when it is no text.
pub(crate) async fn document<R: Runtime>(app: &AppHandle<R>, messages: &Messages) -> Result<Option<String>, Problem> {
    let (chosen, answer) = oneshot::channel();
    app.dialog()
        .file()
        .set_title(messages.text(keys::CONNECTIONS_IMPORT, &[]))
        .add_filter("JSON", &["json"])
        .pick_file(move |path| drop(chosen.send(path)));
    let Some(path) = answer.await.ok().flatten() else { return Ok(None) };
    let path = path.into_path().map_err(|error| Problem::new(Code::FileNotRead).detail(error.to_string()))?;
    read(&path).map(Some)
}

fn read(path: &Path) -> Result<String, Problem> {
    let bytes = place::read_at_most(path, place::LONGEST_DOCUMENT).map_err(|error| {
        Problem::new(Code::FileNotRead).arg("path", path.display().to_string()).detail(error.to_string())
    })?;
    String::from_utf8(bytes).map_err(|_| Problem::new(Code::ImportGarbled))
}

#[cfg(test)]
mod tests {
    use model::code::Code;

    use super::read;

    #[test]
    fn a_file_that_cannot_be_read_and_one_that_is_no_text_have_a_code_each() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        assert_eq!(read(&file).unwrap_err().code, Code::FileNotRead);
        std::fs::write(&file, [0xff, 0xfe, b'{']).unwrap();
        assert_eq!(read(&file).unwrap_err().code, Code::ImportGarbled);
        std::fs::write(&file, "{}").unwrap();
        assert_eq!(read(&file).unwrap(), "{}");
    }
}
