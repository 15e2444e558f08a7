//! Secrets from files and from standard input: for a run that is not attended from a systemd credential or a file that only this
//! account can read, for a single command from any file.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use connector::{FileSecret, ProvidedToken, SecretFileError, SecretSource};
use messages::{Key, Messages, keys};
use model::connection_view::ConnectionView;
use secrecy::SecretString;

use crate::connection_status::display_name;
use crate::session::Session;
use crate::text_files;

/// Longest input that is read as a token, in bytes; Okta's tokens have 42 characters.
const MAX_TOKEN_BYTES: u64 = 16 * 1024;

/// A file that was named for the token of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NamedFile<'a> {
    /// The name or id of the connection; `None` for the only one.
    connection: Option<&'a str>,
    path: &'a Path,
}

/// Reads a secret from a file that only this account can read, or from a systemd credential.
///
/// # Errors
/// A sentence that names the file, what is wrong with it and the cure.
pub(crate) fn read(path: &Path, messages: &Messages) -> anyhow::Result<FileSecret> {
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let source = SecretSource::File(path.to_owned());
    match source.read(credentials.as_deref()) {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(refusal(path, &SecretFileError::Missing, messages)),
        Err(error) => Err(refusal(path, &error, messages)),
    }
}

/// Reads a secret from a file, whoever can read it.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn read_any(path: &Path, messages: &Messages) -> anyhow::Result<SecretString> {
    let name = path.display().to_string();
    from_reader(text_files::open(path, messages)?, &name, messages)
}

/// Reads a secret from standard input.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn read_stdin(messages: &Messages) -> anyhow::Result<SecretString> {
    from_reader(io::stdin().lock(), &messages.text(keys::CLI_FILE_STDIN, &[]), messages)
}

/// Provides the tokens of these files, each `FILE` or `NAME=FILE`, for this run.
///
/// # Errors
/// Why a file is not read, which connection has no such name or is not monitored, and what is wrong with a token.
pub(crate) async fn provide(session: &Session, token: ProvidedToken, files: &[String]) -> anyhow::Result<()> {
    for file in files {
        let named = NamedFile::parse(file);
        let view = connection(session, named.connection).await?;
        let secret = read(named.path, &session.messages)?;
        session.connector.tokens().provide(&view.connection.id, token, &secret).await?;
    }
    Ok(())
}

impl<'a> NamedFile<'a> {
    /// Splits `NAME=FILE`. A text that begins as a path does is one as a whole.
    fn parse(text: &'a str) -> Self {
        match text.split_once('=') {
            Some((name, path)) if !text.starts_with(['/', '.']) => {
                Self { connection: Some(name), path: Path::new(path) }
            }
            Some(_) | None => Self { connection: None, path: Path::new(text) },
        }
    }
}

/// Returns the connection that a file is for.
async fn connection(session: &Session, name: Option<&str>) -> anyhow::Result<ConnectionView> {
    let messages = &session.messages;
    let view = if let Some(name) = name {
        session.connection(name).await?
    } else {
        let mut all = session.connections(None).await?;
        anyhow::ensure!(!all.is_empty(), messages.text(keys::CLI_NO_CONNECTION, &[]));
        anyhow::ensure!(all.len() == 1, messages.text(keys::CLI_SECRET_FILE_NAME_NEEDED, &[]));
        all.remove(0)
    };
    let is_monitored = view.connection.is_monitored(view.setup.finished.is_some());
    let named = display_name(&view);
    anyhow::ensure!(is_monitored, messages.text(keys::CLI_SECRET_FILE_NOT_MONITORED, &[("name", &named)]));
    Ok(view)
}

fn from_reader(from: impl Read, name: &str, messages: &Messages) -> anyhow::Result<SecretString> {
    let bytes = text_files::read_bytes(from, MAX_TOKEN_BYTES, name, messages)?;
    Ok(SecretString::from(text_files::text(&bytes, name, messages)?))
}

fn refusal(path: &Path, error: &SecretFileError, messages: &Messages) -> anyhow::Error {
    let file = path.display().to_string();
    let sentence = |key: Key, args: &[(&str, &str)]| {
        let args: Vec<_> = std::iter::once(("file", file.as_str())).chain(args.iter().copied()).collect();
        messages.text(key, &args)
    };
    anyhow::Error::msg(match error {
        SecretFileError::Missing => sentence(keys::CLI_FILE_MISSING, &[]),
        SecretFileError::Denied => sentence(keys::CLI_FILE_DENIED, &[]),
        SecretFileError::NotText => sentence(keys::CLI_FILE_NOT_TEXT, &[]),
        SecretFileError::Failed(error) => sentence(keys::CLI_FILE_FAILED, &[("error", error)]),
        SecretFileError::TooLong => {
            sentence(keys::CLI_FILE_TOO_LONG, &[("max", &connector::MAX_SECRET_FILE_BYTES.to_string())])
        }
        SecretFileError::Link => sentence(keys::CLI_SECRET_FILE_LINK, &[]),
        SecretFileError::NotRegular => sentence(keys::CLI_SECRET_FILE_NOT_REGULAR, &[]),
        SecretFileError::Empty => sentence(keys::CLI_SECRET_FILE_EMPTY, &[]),
        SecretFileError::Uncheckable => sentence(keys::CLI_SECRET_FILE_UNCHECKABLE, &[]),
        SecretFileError::OtherOwner { owner, account } => sentence(
            keys::CLI_SECRET_FILE_OTHER_OWNER,
            &[("owner", &owner.to_string()), ("account", &account.to_string())],
        ),
        SecretFileError::OpenToOthers { mode } => {
            sentence(keys::CLI_SECRET_FILE_OPEN_TO_OTHERS, &[("mode", &format!("{mode:04o}"))])
        }
        SecretFileError::DirectoryOpenToOthers { mode, owner } => sentence(
            keys::CLI_SECRET_FILE_DIRECTORY_OPEN_TO_OTHERS,
            &[("mode", &format!("{mode:04o}")), ("owner", &owner.to_string())],
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::preferences::Language;

    fn refused(bytes: &[u8]) -> String {
        let messages = Messages::load(Language::En);
        from_reader(bytes, "token.txt", &messages).map(|_| String::new()).unwrap_or_else(|error| error.to_string())
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
    fn a_name_before_the_file_is_split_off_unless_the_text_begins_as_a_path() {
        let split = |text: &'static str| {
            let named = NamedFile::parse(text);
            (named.connection, named.path.display().to_string())
        };
        assert_eq!(split("token"), (None, "token".to_owned()));
        assert_eq!(split("acme=/run/token"), (Some("acme"), "/run/token".to_owned()));
        assert_eq!(split("acme=a=b"), (Some("acme"), "a=b".to_owned()));
        assert_eq!(split("/run/a=b"), (None, "/run/a=b".to_owned()));
        assert_eq!(split("./a=b"), (None, "./a=b".to_owned()));
    }

    #[test]
    fn a_refusal_names_the_file_what_was_found_and_the_cure() {
        for language in [Language::En, Language::De] {
            let text = |error| refusal(Path::new("/run/token"), &error, &Messages::load(language)).to_string();
            let open = text(SecretFileError::OpenToOthers { mode: 0o640 });
            assert!(["/run/token", "0640", "chmod 600 /run/token"].iter().all(|part| open.contains(part)), "{open}");
            let owner = text(SecretFileError::OtherOwner { owner: 1000, account: 0 });
            assert!(["/run/token", "1000", "chown 0 /run/token"].iter().all(|part| owner.contains(part)), "{owner}");
            for error in [SecretFileError::Link, SecretFileError::Empty, SecretFileError::Uncheckable] {
                assert!(text(error).contains("/run/token"));
            }
        }
    }
}
