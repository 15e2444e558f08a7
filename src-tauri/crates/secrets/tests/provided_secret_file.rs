//! Which files are read as a secret, and what a file that is provided for one run leaves alone.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests read back what was written")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use keyring_core::{CredentialStore, mock};
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::radiant_search_settings::RadiantSearch;
use model::secret_name::SecretName;
use runtime::Clock;
use secrecy::{ExposeSecret, SecretString};
use secrets::{FileSecret, Keychain, SecretFileError, SecretSource, Secrets, SecretsError};
use store::Store;
use tempfile::TempDir;

const ORIGIN: &str = "https://acme.okta.com";

/// Writes a file with a mode.
fn write(folder: &TempDir, name: &str, text: &[u8], mode: u32) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

fn read(path: &Path) -> Result<String, SecretFileError> {
    read_with(path, None)
}

fn read_with(path: &Path, credentials: Option<&Path>) -> Result<String, SecretFileError> {
    let found = SecretSource::File(path.to_owned()).read(credentials)?;
    Ok(found.unwrap().secret.expose_secret().to_owned())
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn a_private_file_is_read_without_the_line_break_at_its_end() {
    let folder = tempfile::tempdir().unwrap();
    for (text, mode) in [(&b"00abc"[..], 0o600), (b"00abc\n", 0o400), (b"00abc\r\n", 0o600), (b"00abc\n\n", 0o600)] {
        let path = write(&folder, &format!("{mode}-{}", text.len()), text, mode);
        assert_eq!(read(&path), Ok("00abc".to_owned()));
    }
    assert!(SecretSource::Keychain.read(None).unwrap().is_none());
}

#[test]
fn a_file_that_other_accounts_have_access_to_is_refused_with_its_mode() {
    let folder = tempfile::tempdir().unwrap();
    for mode in [0o640, 0o604, 0o660, 0o644, 0o620, 0o601] {
        let path = write(&folder, &format!("{mode:o}"), b"00abc", mode);
        assert_eq!(read(&path), Err(SecretFileError::OpenToOthers { mode }));
    }
}

#[test]
fn a_file_of_another_account_is_refused_for_root_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, "token", b"00abc", 0o600);
    if is_root() {
        chown(&path, Some(65_534), None).unwrap();
        assert_eq!(read(&path), Err(SecretFileError::OtherOwner { owner: 65_534, account: 0 }));
    } else {
        // A file of root that everybody can open; the owner is judged before the mode.
        let account = rustix::process::geteuid().as_raw();
        assert_eq!(read(Path::new("/etc/passwd")), Err(SecretFileError::OtherOwner { owner: 0, account }));
    }
}

#[test]
fn a_link_a_folder_a_pipe_and_a_device_are_refused_without_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let target = write(&folder, "token", b"00abc", 0o600);
    let link = folder.path().join("link");
    symlink(&target, &link).unwrap();
    assert_eq!(read(&link), Err(SecretFileError::Link));
    assert_eq!(read(folder.path()), Err(SecretFileError::NotRegular));
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(read(&pipe), Err(SecretFileError::NotRegular));
    assert_eq!(read(Path::new("/dev/null")), Err(SecretFileError::NotRegular));
    assert_eq!(read(&folder.path().join("none")), Err(SecretFileError::Missing));
    assert_eq!(read(&target.join("below")), Err(SecretFileError::Missing));
}

#[test]
fn an_empty_a_long_and_a_binary_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let of = |name: &str, text: &[u8]| read(&write(&folder, name, text, 0o600));
    assert_eq!(of("empty", b""), Err(SecretFileError::Empty));
    assert_eq!(of("line", b"\r\n\n"), Err(SecretFileError::Empty));
    assert_eq!(of("most", &[b'a'; 16 * 1024]).map(|text| text.len()), Ok(16 * 1024));
    assert_eq!(of("long", &[b'a'; 16 * 1024 + 1]), Err(SecretFileError::TooLong));
    assert_eq!(of("latin", b"gr\xfcn"), Err(SecretFileError::NotText));
    assert_eq!(of("utf16", b"0\x000\x00"), Err(SecretFileError::NotText));
}

#[test]
fn a_credential_may_show_the_mask_of_an_access_list_and_only_in_its_closed_directory() {
    let folder = tempfile::tempdir().unwrap();
    let set = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
    let masked = write(&folder, "okta-token", b"00abc\n", 0o440);
    set(0o550);
    assert_eq!(read_with(&masked, Some(folder.path())), Ok("00abc".to_owned()));
    assert_eq!(read(&masked), Err(SecretFileError::OpenToOthers { mode: 0o440 }), "not a credential");
    let elsewhere = Path::new("/run/credentials/other.service");
    assert_eq!(read_with(&masked, Some(elsewhere)), Err(SecretFileError::OpenToOthers { mode: 0o440 }));
    fs::set_permissions(&masked, fs::Permissions::from_mode(0o444)).unwrap();
    assert_eq!(read_with(&masked, Some(folder.path())), Err(SecretFileError::OpenToOthers { mode: 0o444 }));
    fs::set_permissions(&masked, fs::Permissions::from_mode(0o400)).unwrap();
    for mode in [0o755, 0o770] {
        set(mode);
        let refused = read_with(&masked, Some(folder.path()));
        assert!(matches!(refused, Err(SecretFileError::DirectoryOpenToOthers { mode: found, .. }) if found == mode));
    }
    set(0o700);
}

#[test]
fn a_credential_of_another_account_is_refused_and_a_link_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let token = write(&folder, "token", b"00abc", 0o400);
    symlink(&token, folder.path().join("link")).unwrap();
    assert_eq!(read_with(&folder.path().join("link"), Some(folder.path())), Err(SecretFileError::Link));
    if is_root() {
        chown(&token, Some(65_534), None).unwrap();
        let refused = read_with(&token, Some(folder.path()));
        assert_eq!(refused, Err(SecretFileError::OtherOwner { owner: 65_534, account: 0 }));
    }
}

#[tokio::test]
async fn a_provided_secret_is_used_and_neither_the_keychain_nor_the_index_changes() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let (id, name) = (ConnectionId("a".to_owned()), SecretName::OktaToken);
    let connection = Connection {
        id: id.clone(),
        name: String::new(),
        origin: None,
        org_id: None,
        profile: Profile::default(),
        keep: Keep::default(),
        radiant: RadiantSearch::default(),
        created: DateTime::UNIX_EPOCH,
    };
    store.write(move |tx| tx.add_connection(&connection)).await.unwrap();
    let entries = mock::Store::new().unwrap();
    // Two processes over one keychain; what is provided exists in the first one only.
    let keychain = || {
        let entries = Arc::clone(&entries);
        Keychain::opened_by("test", move || Ok(Arc::clone(&entries) as Arc<CredentialStore>))
    };
    let secrets = Secrets::new(keychain(), store.clone(), Clock::system());
    secrets.keep(&id, name, ORIGIN, &SecretString::from("kept"), false).await.unwrap();
    let rows = || {
        let id = id.clone();
        store.read(move |tx| tx.secret_states(&id))
    };
    let before = rows().await.unwrap();

    let written = Clock::system().now() - TimeDelta::days(3);
    let from = FileSecret { secret: SecretString::from("provided"), written };
    secrets.provide(&id, name, ORIGIN, &from);
    let used = secrets.get(&id, name, ORIGIN).await.unwrap();
    assert_eq!(used.expose_secret(), "provided");
    assert!(secrets.get(&id, name, "https://other.okta.com").await.is_err(), "it is bound to its origin");
    let states = secrets.states(&id).await.unwrap();
    assert_eq!((states.len(), states[0].since, states[0].this_run_only), (1, Some(written), true));

    let other = SecretString::from("other");
    assert!(matches!(secrets.keep(&id, name, ORIGIN, &other, false).await, Err(SecretsError::Provided)));
    assert!(matches!(secrets.keep(&id, name, ORIGIN, &other, true).await, Err(SecretsError::Provided)));
    assert!(matches!(secrets.forget(&id, name).await, Err(SecretsError::Provided)));
    assert!(matches!(secrets.purge(&id, &SecretName::ALL).await, Err(SecretsError::Provided)));
    assert!(matches!(secrets.reconcile(&id, &[name], Some(name)).await, Err(SecretsError::Provided)));
    let copied = secrets.copy(&id, name, SecretName::PreviousOktaToken, ORIGIN).await;
    assert!(matches!(copied, Err(SecretsError::Provided)));
    assert_eq!(rows().await.unwrap(), before);
    let kept = keychain().get(&id, name, ORIGIN).await.unwrap();
    assert_eq!(kept.expose_secret(), "kept");
}
