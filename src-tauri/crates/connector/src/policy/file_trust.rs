//! Finds out whether anybody but an administrator can change or replace a file (Unix).
//!
//! The path is resolved from the root, link by link, as the system does it (path_resolution(7)); the owner and the mode are
//! checked at each step. On Linux an access list that lets others write shows in the group's bits (acl(5)). Access lists of
//! macOS are not checked.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

/// The most links that are followed, as on Linux.
const MAX_LINKS: u32 = 40;
/// Write permission for the group or for others.
const OTHERS_WRITE: u32 = 0o022;
/// In such a folder only the owners of the folder and of a file may rename or remove the file.
const STICKY: u32 = 0o1000;

/// One step of a path.
enum Step {
    Root,
    Up,
    Into(OsString),
}

/// Returns the first place on the path to `file` that an account other than root and `owner` can change.
///
/// # Errors
/// Why the path could not be resolved.
pub(super) fn untrusted_place(file: &Path, owner: u32) -> io::Result<Option<PathBuf>> {
    let mut steps = steps(file);
    let (mut here, mut links) = (PathBuf::from("/"), 0);
    while let Some(step) = steps.pop() {
        let next = match step {
            Step::Root => PathBuf::from("/"),
            // Links are resolved by now, so this is the parent that the system uses.
            Step::Up => here.parent().map_or_else(|| here.clone(), Path::to_owned),
            Step::Into(name) => here.join(name),
        };
        let found = fs::symlink_metadata(&next)?;
        if !is_trusted(&found, owner) {
            return Ok(Some(next));
        }
        if found.is_symlink() {
            links += 1;
            if links > MAX_LINKS {
                return Err(io::Error::other("too many links"));
            }
            steps.extend(self::steps(&fs::read_link(&next)?));
            continue;
        }
        here = next;
    }
    // In the folder of the file nobody else may create a file, whatever its name.
    let folder = here.parent().unwrap_or(&here);
    Ok((fs::metadata(folder)?.mode() & OTHERS_WRITE != 0).then(|| folder.to_owned()))
}

/// Returns the steps of a path, the last first.
fn steps(path: &Path) -> Vec<Step> {
    let step = |component| match component {
        Component::Prefix(_) | Component::RootDir => Some(Step::Root),
        Component::ParentDir => Some(Step::Up),
        Component::Normal(name) => Some(Step::Into(name.to_owned())),
        Component::CurDir => None,
    };
    path.components().rev().filter_map(step).collect()
}

/// Tells whether only root and `owner` can change a place. A link cannot be changed, only replaced.
fn is_trusted(found: &Metadata, owner: u32) -> bool {
    let is_sticky = found.is_dir() && found.mode() & STICKY != 0;
    let is_closed = found.is_symlink() || is_sticky || found.mode() & OTHERS_WRITE == 0;
    [0, owner].contains(&found.uid()) && is_closed
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    use super::*;

    /// A folder as an administrator would create it. The account that runs the tests is the administrator.
    struct Place {
        folder: tempfile::TempDir,
        file: PathBuf,
        me: u32,
    }

    fn place() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let within = folder.path().canonicalize().unwrap().join("within");
        fs::create_dir(&within).unwrap();
        mode(&within, 0o755);
        let file = within.join("policy.json");
        fs::write(&file, "{}").unwrap();
        mode(&file, 0o644);
        let me = fs::metadata(&file).unwrap().uid();
        Place { folder, file, me }
    }

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_file_that_only_an_administrator_can_write_is_trusted() {
        let place = place();
        assert_eq!(untrusted_place(&place.file, place.me).unwrap(), None);
    }

    #[test]
    fn a_file_or_folder_that_the_group_or_others_can_write_is_named() {
        for bits in [0o020, 0o002] {
            let place = place();
            let folder = place.file.parent().unwrap();
            mode(&place.file, 0o644 | bits);
            assert_eq!(
                untrusted_place(&place.file, place.me).unwrap().as_deref(),
                Some(place.file.as_path()),
                "{bits:o}"
            );
            mode(&place.file, 0o644);
            mode(folder, 0o755 | bits);
            assert_eq!(untrusted_place(&place.file, place.me).unwrap().as_deref(), Some(folder), "{bits:o}");
            mode(folder, 0o1755 | bits);
            assert_eq!(untrusted_place(&place.file, place.me).unwrap().as_deref(), Some(folder), "sticky, {bits:o}");
            mode(folder, 0o755);
            let above = folder.parent().unwrap();
            mode(above, 0o755 | bits);
            assert_eq!(untrusted_place(&place.file, place.me).unwrap().as_deref(), Some(above), "{bits:o}");
        }
    }

    #[test]
    fn the_file_of_another_account_is_named() {
        let place = place();
        // Root gives the file to another account; for any other account its own files are not root's.
        let named = if place.me == 0 {
            chown(&place.file, Some(65_534), None).unwrap();
            place.file.clone()
        } else {
            place.folder.path().canonicalize().unwrap()
        };
        assert_eq!(untrusted_place(&place.file, 0).unwrap(), Some(named));
    }

    #[test]
    fn a_link_is_followed_and_every_step_of_it_is_checked() {
        let place = place();
        let link = place.file.with_file_name("link.json");
        symlink("../within/./policy.json", &link).unwrap();
        assert_eq!(untrusted_place(&link, place.me).unwrap(), None);
        let open = place.folder.path().canonicalize().unwrap().join("open");
        fs::create_dir(&open).unwrap();
        fs::write(open.join("other.json"), "{}").unwrap();
        mode(&open, 0o777);
        fs::remove_file(&link).unwrap();
        symlink(open.join("other.json"), &link).unwrap();
        assert_eq!(untrusted_place(&link, place.me).unwrap(), Some(open.clone()), "where the link leads");
        // A link in a folder that everybody can write can be replaced.
        let inner = open.join("inner.json");
        symlink(&place.file, &inner).unwrap();
        assert_eq!(untrusted_place(&inner, place.me).unwrap(), Some(open));
    }

    #[test]
    fn circular_links_end_in_an_error() {
        let place = place();
        let (one, two) = (place.file.with_file_name("one"), place.file.with_file_name("two"));
        symlink(&one, &two).unwrap();
        symlink(&two, &one).unwrap();
        untrusted_place(&one, place.me).unwrap_err();
    }
}
