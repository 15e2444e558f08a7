//! Who, beside an administrator, could change a file or put another in its place (Unix)?
//!
//! The path is walked from the root, link by link, as the system would walk it (path_resolution(7)); at each step owner and
//! mode are looked at. An access list that lets others write shows in the group's bits on Linux (acl(5)); those of macOS
//! do not show and are not looked at.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

/// Links followed at most, as Linux does.
const LINKS: u32 = 40;
/// Write permission for the group or for others.
const OTHERS_WRITE: u32 = 0o022;
/// In such a folder only its owner and theirs may rename or remove what is there.
const STICKY: u32 = 0o1000;

/// One step of a walk.
enum Step {
    Root,
    Up,
    Into(OsString),
}

/// Returns the first place on the way to `file` that somebody other than root and `owner` can change.
///
/// # Errors
/// Why it could not be walked.
pub(super) fn beyond(file: &Path, owner: u32) -> io::Result<Option<PathBuf>> {
    let mut steps = steps(file);
    let (mut here, mut links) = (PathBuf::from("/"), 0);
    while let Some(step) = steps.pop() {
        let next = match step {
            Step::Root => PathBuf::from("/"),
            // Nothing is a link by now, so the parent is the one the system means.
            Step::Up => here.parent().map_or_else(|| here.clone(), Path::to_owned),
            Step::Into(name) => here.join(name),
        };
        let found = fs::symlink_metadata(&next)?;
        if !is_theirs(&found, owner) {
            return Ok(Some(next));
        }
        if found.is_symlink() {
            links += 1;
            if links > LINKS {
                return Err(io::Error::other("too many links"));
            }
            steps.extend(self::steps(&fs::read_link(&next)?));
            continue;
        }
        here = next;
    }
    // The folder of the file itself: there, not even a file of another name is somebody else's business.
    let folder = here.parent().unwrap_or(&here);
    Ok((fs::metadata(folder)?.mode() & OTHERS_WRITE != 0).then(|| folder.to_owned()))
}

/// The steps of a path, the last first.
fn steps(path: &Path) -> Vec<Step> {
    let step = |component| match component {
        Component::Prefix(_) | Component::RootDir => Some(Step::Root),
        Component::ParentDir => Some(Step::Up),
        Component::Normal(name) => Some(Step::Into(name.to_owned())),
        Component::CurDir => None,
    };
    path.components().rev().filter_map(step).collect()
}

/// Tells whether root and `owner` alone can change what was found. A link cannot be changed, only replaced.
fn is_theirs(found: &Metadata, owner: u32) -> bool {
    let kept = found.is_dir() && found.mode() & STICKY != 0;
    let closed = found.is_symlink() || kept || found.mode() & OTHERS_WRITE == 0;
    [0, owner].contains(&found.uid()) && closed
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    use super::*;

    /// A folder as an administrator would make it, where the administrator is whoever runs the tests.
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
    fn what_an_administrator_alone_can_write_is_beyond_nobodys_reach() {
        let place = place();
        assert_eq!(beyond(&place.file, place.me).unwrap(), None);
    }

    #[test]
    fn a_file_or_folder_that_the_group_or_others_can_write_is_named() {
        for bits in [0o020, 0o002] {
            let place = place();
            let folder = place.file.parent().unwrap();
            mode(&place.file, 0o644 | bits);
            assert_eq!(beyond(&place.file, place.me).unwrap().as_deref(), Some(place.file.as_path()), "{bits:o}");
            mode(&place.file, 0o644);
            mode(folder, 0o755 | bits);
            assert_eq!(beyond(&place.file, place.me).unwrap().as_deref(), Some(folder), "{bits:o}");
            mode(folder, 0o1755 | bits);
            assert_eq!(beyond(&place.file, place.me).unwrap().as_deref(), Some(folder), "sticky, {bits:o}");
            mode(folder, 0o755);
            let above = folder.parent().unwrap();
            mode(above, 0o755 | bits);
            assert_eq!(beyond(&place.file, place.me).unwrap().as_deref(), Some(above), "{bits:o}");
        }
    }

    #[test]
    fn the_file_of_another_account_is_named() {
        let place = place();
        // For an administrator the tests make it another's; for anybody else their own files are another's than root's.
        let named = if place.me == 0 {
            chown(&place.file, Some(65_534), None).unwrap();
            place.file.clone()
        } else {
            place.folder.path().canonicalize().unwrap()
        };
        assert_eq!(beyond(&place.file, 0).unwrap(), Some(named));
    }

    #[test]
    fn a_link_is_followed_and_everything_on_its_way_is_looked_at() {
        let place = place();
        let link = place.file.with_file_name("link.json");
        symlink("../within/./policy.json", &link).unwrap();
        assert_eq!(beyond(&link, place.me).unwrap(), None);
        let open = place.folder.path().canonicalize().unwrap().join("open");
        fs::create_dir(&open).unwrap();
        fs::write(open.join("other.json"), "{}").unwrap();
        mode(&open, 0o777);
        fs::remove_file(&link).unwrap();
        symlink(open.join("other.json"), &link).unwrap();
        assert_eq!(beyond(&link, place.me).unwrap(), Some(open.clone()), "where the link leads");
        // A link in an open folder to a file that is not: somebody could replace the link.
        let inner = open.join("inner.json");
        symlink(&place.file, &inner).unwrap();
        assert_eq!(beyond(&inner, place.me).unwrap(), Some(open));
    }

    #[test]
    fn links_in_a_ring_come_to_an_end() {
        let place = place();
        let (one, two) = (place.file.with_file_name("one"), place.file.with_file_name("two"));
        symlink(&one, &two).unwrap();
        symlink(&two, &one).unwrap();
        beyond(&one, place.me).unwrap_err();
    }
}
