//! Files that take another's place: whole or not at all, with the owner and the mode of the former one, which is kept.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use time::macros::format_description;

/// The path with something after its name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// The directory that a file is in.
pub(super) fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes names in the file's directory durable.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(directory(path))?.sync_all()
}

/// Gives a new file owner and group of the one whose place it will take: a command that root runs must not lock the
/// server out.
pub(super) fn take_owner(new: &Path, former: &fs::Metadata) -> io::Result<()> {
    let own = fs::metadata(new)?;
    if (own.uid(), own.gid()) == (former.uid(), former.gid()) {
        return Ok(());
    }
    chown(new, Some(former.uid()), Some(former.gid()))
}

/// Now, as a part of a file's name.
pub(super) fn stamp() -> io::Result<String> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    OffsetDateTime::now_utc()
        .format(format)
        .map_err(io::Error::other)
}

/// Keeps a file under a second name, which begins with `name` and tells why and when.
pub(super) fn keep(path: &Path, name: &Path, why: &str) -> io::Result<PathBuf> {
    let name = with_suffix(name, &format!(".before-{why}-{}", stamp()?));
    let mut kept = name.clone();
    // Several within one second.
    for number in 2.. {
        match link_or_copy(path, &kept) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                kept = with_suffix(&name, &format!("-{number}"));
            }
            Err(error) => return Err(error),
            Ok(()) => break,
        }
    }
    Ok(kept)
}

/// Some file systems know no second names.
fn link_or_copy(path: &Path, kept: &Path) -> io::Result<()> {
    match fs::hard_link(path, kept) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => {
            let mut copy = File::create_new(kept)?;
            copy.set_permissions(fs::metadata(path)?.permissions())?;
            io::copy(&mut File::open(path)?, &mut copy)?;
            copy.sync_all()
        }
        Ok(()) => Ok(()),
    }
}
