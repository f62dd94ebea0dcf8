//! The key file: 32 bytes in base64, readable by its owner alone, written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::error::OpenError;
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

/// Makes a new key. The caller holds the database's write lock, so that no other process makes one meanwhile.
pub(super) fn create(path: &Path) -> Result<SecretKey, OpenError> {
    let key = SecretKey::generate().map_err(|error| OpenError::Randomness(error.to_string()))?;
    write(path, &key.to_text()).map_err(|error| OpenError::unreadable(path, error))?;
    Ok(key)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let directory = directory(path);
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    // Left by a start that was killed; a new file has the mode that is asked for, an old one keeps its own.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    File::open(directory)?.sync_all()
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
