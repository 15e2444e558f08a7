//! Reads secrets and documents, and writes documents: every failure is a sentence that names the file.

use std::io::{self, ErrorKind, Read};
use std::path::Path;

use connector::owner_only_files::write_private;
use messages::{Messages, keys};
use secrecy::SecretString;
use zeroize::Zeroizing;

/// Longest input that is read as a token, in bytes; Okta's tokens have 42 characters.
const MAX_TOKEN_BYTES: u64 = 16 * 1024;

/// Reads a secret from a file.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn secret_file(path: &Path, messages: &Messages) -> anyhow::Result<SecretString> {
    let name = path.display().to_string();
    secret(open(path, messages)?, &name, messages)
}

/// Reads a secret from standard input.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn secret_stdin(messages: &Messages) -> anyhow::Result<SecretString> {
    secret(io::stdin().lock(), &messages.text(keys::CLI_FILE_STDIN, &[]), messages)
}

/// Reads a text file of at most `max` bytes.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn document(path: &Path, max: u64, messages: &Messages) -> anyhow::Result<String> {
    let name = path.display().to_string();
    let bytes = bytes(open(path, messages)?, max, &name, messages)?;
    Ok(text(&bytes, &name, messages)?.to_owned())
}

/// Returns the file to write to; `None` for standard output, which `-` means too.
pub(crate) fn output_file(file: Option<&Path>) -> Option<&Path> {
    file.filter(|file| *file != Path::new("-"))
}

/// Writes a document that only its owner can read.
///
/// # Errors
/// Why it cannot be written.
pub(crate) fn write_document(path: &Path, text: &str, messages: &Messages) -> anyhow::Result<()> {
    write_private(path, text).map_err(|error| {
        let key = if error.kind() == ErrorKind::NotFound { keys::CLI_FILE_NO_FOLDER } else { key_of(&error) };
        sentence(key, &path.display().to_string(), &error.to_string(), messages)
    })
}

fn open(path: &Path, messages: &Messages) -> anyhow::Result<std::fs::File> {
    let failed = |error: io::Error| sentence(key_of(&error), &path.display().to_string(), &error.to_string(), messages);
    let file = std::fs::File::open(path).map_err(failed)?;
    if file.metadata().is_ok_and(|meta| meta.is_dir()) {
        return Err(failed(ErrorKind::IsADirectory.into()));
    }
    Ok(file)
}

fn secret(from: impl Read, name: &str, messages: &Messages) -> anyhow::Result<SecretString> {
    let bytes = bytes(from, MAX_TOKEN_BYTES, name, messages)?;
    Ok(SecretString::from(text(&bytes, name, messages)?))
}

/// Reads at most `max` bytes into memory that is wiped.
fn bytes(from: impl Read, max: u64, name: &str, messages: &Messages) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let capacity = usize::try_from(max.min(MAX_TOKEN_BYTES)).unwrap_or_default();
    // A buffer that grows would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity + 1));
    let read = from.take(max + 1).read_to_end(&mut bytes);
    read.map_err(|error| sentence(key_of(&error), name, &error.to_string(), messages))?;
    if bytes.len() as u64 > max {
        return Err(sentence(keys::CLI_FILE_TOO_LONG, name, &max.to_string(), messages));
    }
    Ok(bytes)
}

fn text<'a>(bytes: &'a [u8], name: &str, messages: &Messages) -> anyhow::Result<&'a str> {
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

    fn refused(bytes: &[u8]) -> String {
        let messages = Messages::load(Language::En);
        secret(bytes, "token.txt", &messages).map(|_| String::new()).unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn a_file_that_is_no_text_is_refused_with_a_sentence() {
        assert_eq!(refused(b"00abc\n"), "");
        for utf16 in [&b"\xff\xfe0\x000\x00"[..], b"\xfe\xff\x000\x000", b"0\x000\x00"] {
            let text = refused(utf16);
            assert!(text.contains("token.txt") && text.contains("UTF-16"), "{text}");
        }
        let latin = refused(b"gr\xfcn");
        assert!(latin.contains("token.txt") && latin.contains("UTF-8"), "{latin}");
        let long = refused(&[b'a'; 20_000]);
        assert!(long.contains("16384"), "{long}");
    }

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
        let missing = text(document(&folder.path().join("none.json"), 10, &messages));
        assert!(missing.contains("none.json") && missing.contains("does not exist"), "{missing}");
        let is_folder = text(document(folder.path(), 10, &messages));
        assert!(is_folder.contains("folder"), "{is_folder}");
        let nowhere = folder.path().join("no/such/file.json");
        let unwritten = text(write_document(&nowhere, "x", &messages).map(|()| String::new()));
        assert!(unwritten.contains("file.json") && !unwritten.contains("os error"), "{unwritten}");
    }
}
