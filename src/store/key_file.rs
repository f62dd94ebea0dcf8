//! The key file: 32 bytes in base64, readable by its owner alone, written whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::error::OpenError;
use super::files;
use crate::settings::SecretKey;

/// Reads the key, where there is one.
pub(super) fn read(path: &Path) -> Result<Option<SecretKey>, OpenError> {
    match fs::read_to_string(path) {
        Ok(text) => SecretKey::from_text(&text)
            .map(Some)
            .ok_or_else(|| OpenError::KeyMalformed(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(OpenError::KeyMalformed(path.to_owned()))
        }
        Err(error) => Err(OpenError::unreadable(path, error)),
    }
}

/// Makes the first key. The caller holds the database's write lock, so that no other process makes one meanwhile.
pub(super) fn create(path: &Path) -> Result<SecretKey, OpenError> {
    let key = write_next(path)?;
    take_next(path)?;
    Ok(key)
}

/// Where a new key waits until the database is sealed with it.
pub(super) fn next(path: &Path) -> PathBuf {
    files::with_suffix(path, ".new")
}

/// Writes a new key beside the key file. The caller holds the database's write lock, and knows that the database is
/// not sealed with what stands there: that was left by a process that was killed.
pub(super) fn write_next(path: &Path) -> Result<SecretKey, OpenError> {
    let key = SecretKey::generate().map_err(|error| OpenError::Randomness(error.to_string()))?;
    let next = next(path);
    write(&next, path, &key.to_text()).map_err(|error| OpenError::unreadable(&next, error))?;
    Ok(key)
}

/// Puts the new key in the key file's place. The caller holds the database's write lock.
pub(super) fn take_next(path: &Path) -> Result<(), OpenError> {
    let next = next(path);
    fs::rename(&next, path)
        .and_then(|()| files::sync_directory(path))
        .map_err(|error| OpenError::unreadable(&next, error))
}

fn write(next: &Path, path: &Path, text: &str) -> io::Result<()> {
    // A new file has the mode that is asked for, an old one keeps its own.
    match fs::remove_file(next) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(next)?;
    if let Ok(former) = fs::metadata(path) {
        files::take_owner(next, &former)?;
        file.set_permissions(former.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    files::sync_directory(next)
}
