//! Files that only their owner may read, and reads with a maximum length.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;

/// Reads at most `max` bytes of a file.
///
/// # Errors
/// The system's error.
pub fn read_at_most(path: &Path, max: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file that only its owner can read. On Windows the folder's access rights apply.
///
/// # Errors
/// The system's error.
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_a_maximum() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abcdef").unwrap();
        assert_eq!(read_at_most(&path, 4).unwrap(), b"abcd");
        assert_eq!(read_at_most(&path, 40).unwrap(), b"abcdef");
    }

    #[test]
    #[cfg(unix)]
    fn only_the_owner_can_read_a_written_file_even_if_it_replaces_another() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, "an older and longer one").unwrap();
        write_private(&path, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
