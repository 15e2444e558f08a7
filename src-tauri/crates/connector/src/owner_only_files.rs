//! Files and folders that only their owner may read, and reads with a maximum length.

use std::fs::{File, OpenOptions};
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
    let mut file = open_private(OpenOptions::new().write(true).create(true).truncate(true), path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Opens a file that only its owner can read: it is created so, and an existing one is closed to other accounts before it is
/// used. On Windows the folder's access rights apply.
///
/// # Errors
/// The system's error.
pub fn open_private(options: &mut OpenOptions, path: &Path) -> std::io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(file)
}

/// Creates a folder that only its owner can use, or removes the permissions of group and others from an existing one. On
/// Windows the profile's permissions apply. It never adds a permission: a folder made read-only stays read-only, and the store
/// reports it.
///
/// # Errors
/// When the folder cannot be created, or belongs to another account.
pub fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder)?.permissions().mode();
        if mode & 0o077 != 0 {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode & 0o700))?;
        }
    }
    Ok(())
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

    #[test]
    #[cfg(unix)]
    fn a_folder_that_others_could_read_is_closed_to_them_and_a_new_one_is_created_closed() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("data");
        private_folder(&folder.join("inner")).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join("inner"))), (0o700, 0o700));
        for (before, after) in [(0o755, 0o700), (0o700, 0o700), (0o500, 0o500), (0o555, 0o500)] {
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(before)).unwrap();
            private_folder(&folder).unwrap();
            assert_eq!(mode(&folder), after, "{before:o}");
        }
    }
}
