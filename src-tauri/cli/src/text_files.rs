//! Reads and writes text files: every failure is a sentence that names the file.

use std::io::{self, ErrorKind, Read};
use std::path::Path;

use connector::owner_only_files::write_private;
use messages::{Messages, keys};
use zeroize::Zeroizing;

/// Most bytes of a buffer before anything is read.
const MAX_CAPACITY: u64 = 16 * 1024;

/// Reads a text file of at most `max` bytes; `-` means standard input.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn read(path: &Path, max: u64, messages: &Messages) -> anyhow::Result<String> {
    let name = path.display().to_string();
    let bytes = if path == Path::new("-") {
        read_bytes(io::stdin().lock(), max, &name, messages)?
    } else {
        read_bytes(open(path, messages)?, max, &name, messages)?
    };
    Ok(text(&bytes, &name, messages)?.to_owned())
}

/// Returns the file to write to; `None` for standard output, which `-` means too.
pub(crate) fn output_file(file: Option<&Path>) -> Option<&Path> {
    file.filter(|file| *file != Path::new("-"))
}

/// Writes a text file that only its owner can read.
///
/// # Errors
/// Why it cannot be written.
pub(crate) fn write(path: &Path, text: &str, messages: &Messages) -> anyhow::Result<()> {
    write_private(path, text).map_err(|error| {
        let key = if error.kind() == ErrorKind::NotFound { keys::CLI_FILE_NO_FOLDER } else { key_of(&error) };
        sentence(key, &path.display().to_string(), &error.to_string(), messages)
    })
}

/// Opens a file to read it.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn open(path: &Path, messages: &Messages) -> anyhow::Result<std::fs::File> {
    let failed = |error: io::Error| sentence(key_of(&error), &path.display().to_string(), &error.to_string(), messages);
    let file = std::fs::File::open(path).map_err(failed)?;
    if file.metadata().is_ok_and(|meta| meta.is_dir()) {
        return Err(failed(ErrorKind::IsADirectory.into()));
    }
    Ok(file)
}

/// Reads at most `max` bytes into memory that is wiped.
///
/// # Errors
/// Why they cannot be read, or that there are more.
pub(crate) fn read_bytes(
    from: impl Read,
    max: u64,
    name: &str,
    messages: &Messages,
) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let capacity = usize::try_from(max.min(MAX_CAPACITY)).unwrap_or_default();
    // A buffer that grows would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity + 1));
    let read = from.take(max + 1).read_to_end(&mut bytes);
    read.map_err(|error| sentence(key_of(&error), name, &error.to_string(), messages))?;
    if bytes.len() as u64 > max {
        return Err(sentence(keys::CLI_FILE_TOO_LONG, name, &max.to_string(), messages));
    }
    Ok(bytes)
}

/// Returns the text of bytes that were read.
///
/// # Errors
/// That they are no UTF-8.
pub(crate) fn text<'a>(bytes: &'a [u8], name: &str, messages: &Messages) -> anyhow::Result<&'a str> {
    let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || bytes.contains(&0);
    match std::str::from_utf8(bytes) {
        _ if is_utf16 => Err(sentence(keys::CLI_FILE_UTF16, name, "", messages)),
        Ok(text) => Ok(text),
        Err(_) => Err(sentence(keys::CLI_FILE_NOT_TEXT, name, "", messages)),
    }
}

fn key_of(error: &io::Error) -> messages::Key {
    let table = [
        (ErrorKind::NotFound, keys::CLI_FILE_MISSING),
        (ErrorKind::PermissionDenied, keys::CLI_FILE_DENIED),
        (ErrorKind::IsADirectory, keys::CLI_FILE_FOLDER),
        (ErrorKind::NotADirectory, keys::CLI_FILE_NO_FOLDER),
        (ErrorKind::StorageFull, keys::CLI_FILE_FULL),
        (ErrorKind::ReadOnlyFilesystem, keys::CLI_FILE_READ_ONLY),
    ];
    table.iter().find(|(kind, _)| *kind == error.kind()).map_or(keys::CLI_FILE_FAILED, |(_, key)| *key)
}

fn sentence(key: messages::Key, name: &str, more: &str, messages: &Messages) -> anyhow::Error {
    anyhow::Error::msg(messages.text(key, &[("file", name), ("error", more), ("max", more)]))
}

#[cfg(test)]
mod tests {
    use model::preferences::Language;

    use super::*;

    #[test]
    fn a_hyphen_and_no_file_are_standard_output() {
        assert_eq!((output_file(None), output_file(Some(Path::new("-")))), (None, None));
        assert_eq!(output_file(Some(Path::new("./-"))), Some(Path::new("./-")));
    }

    #[test]
    fn a_file_that_cannot_be_opened_or_written_is_named_with_the_reason() {
        let messages = Messages::load(Language::En);
        let folder = tempfile::tempdir().unwrap();
        let text = |result: anyhow::Result<String>| result.unwrap_err().to_string();
        let missing = text(read(&folder.path().join("none.json"), 10, &messages));
        assert!(missing.contains("none.json") && missing.contains("does not exist"), "{missing}");
        let is_folder = text(read(folder.path(), 10, &messages));
        assert!(is_folder.contains("folder"), "{is_folder}");
        let nowhere = folder.path().join("no/such/file.json");
        let unwritten = text(write(&nowhere, "x", &messages).map(|()| String::new()));
        assert!(unwritten.contains("file.json") && !unwritten.contains("os error"), "{unwritten}");
    }
}
