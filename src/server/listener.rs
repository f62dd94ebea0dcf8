//! Where connections come from: a TCP address or a Unix socket.

use std::fmt;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream as BlockingUnixStream;
use std::path::{Path, PathBuf};

use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use super::stream::Stream;
use crate::config::ListenAddress;
use crate::peer::Peer;

/// As many connections wait at most, the kernel's own bound being lower or the same on most machines. Whoever comes later,
/// while the queue is emptied, comes after the end.
const MAX_WAITING: usize = 4096;

/// A bound listener.
pub enum Listener {
    /// On a TCP address.
    Tcp {
        /// What accepts.
        listener: TcpListener,
        /// Where, with the port that was taken for port 0.
        address: SocketAddr,
    },
    /// On a Unix socket.
    Unix {
        /// What accepts.
        listener: UnixListener,
        /// The socket file, removed when the listener ends.
        file: SocketFile,
    },
}

/// An address can't be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}; {cure}")]
pub struct BindError {
    address: ListenAddress,
    source: io::Error,
    cure: &'static str,
}

impl Listener {
    /// Binds the address.
    ///
    /// # Errors
    /// When the address is in use or not this machine's, or the socket file can't be made.
    pub async fn bind(address: &ListenAddress) -> Result<Self, BindError> {
        let bound = match address {
            ListenAddress::Tcp(address) => bind_tcp(address).await,
            ListenAddress::Unix(path) => bind_unix(path),
        };
        bound.map_err(|source| BindError {
            address: address.clone(),
            cure: match source.kind() {
                io::ErrorKind::AddrInUse => "stop what listens there, or choose another address",
                io::ErrorKind::PermissionDenied => {
                    "choose an address that this user may use (a port above 1023)"
                }
                io::ErrorKind::NotFound => "make the directory of the socket first",
                _ => "choose an address of this machine",
            },
            source,
        })
    }

    /// The TCP address; none on a Unix socket.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp { address, .. } => Some(*address),
            Self::Unix { .. } => None,
        }
    }

    /// The TCP port; none on a Unix socket.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.address().map(|address| address.port())
    }

    pub(super) async fn accept(&self) -> io::Result<(Stream, Peer)> {
        match self {
            Self::Tcp { listener, .. } => {
                let (stream, peer) = listener.accept().await?;
                Ok((Stream::tcp(stream), Peer::Tcp(peer)))
            }
            Self::Unix { listener, .. } => {
                let (stream, _) = listener.accept().await?;
                Ok((Stream::Unix(stream), Peer::Unix))
            }
        }
    }

    /// Ends the listener. Returns the connections that wait to be accepted: for their clients they are established, and
    /// the kernel would reset them, with the requests that were sent on them.
    pub(super) fn close(self) -> io::Result<Vec<(Stream, Peer)>> {
        match self {
            Self::Tcp { listener, .. } => {
                let listener = listener.into_std()?;
                let accept = || {
                    let (stream, peer) = listener.accept()?;
                    stream.set_nonblocking(true)?;
                    Ok((Stream::tcp(TcpStream::from_std(stream)?), Peer::Tcp(peer)))
                };
                Ok(waiting(accept))
            }
            Self::Unix { listener, file } => {
                // Without the file nobody can join the queue while it is emptied.
                drop(file);
                let listener = listener.into_std()?;
                let accept = || {
                    let (stream, _) = listener.accept()?;
                    stream.set_nonblocking(true)?;
                    Ok((Stream::Unix(UnixStream::from_std(stream)?), Peer::Unix))
                };
                Ok(waiting(accept))
            }
        }
    }
}

/// What can be accepted without waiting.
fn waiting(accept: impl Fn() -> io::Result<(Stream, Peer)>) -> Vec<(Stream, Peer)> {
    let mut accepted = Vec::new();
    while accepted.len() < MAX_WAITING {
        match accept() {
            Ok(connection) => accepted.push(connection),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept a connection that waits");
                break;
            }
        }
    }
    accepted
}

/// Whether accepting failed for one connection, and may go on.
pub(super) fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    )
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { address, .. } => write!(f, "http://{address}"),
            Self::Unix { file, .. } => write!(f, "unix:{}", file.path.display()),
        }
    }
}

async fn bind_tcp(address: &str) -> io::Result<Listener> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok(Listener::Tcp { listener, address })
}

fn bind_unix(path: &Path) -> io::Result<Listener> {
    remove_stale(path)?;
    let listener = UnixListener::bind(path)?;
    let file = SocketFile::of(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o660))?;
    Ok(Listener::Unix { listener, file })
}

/// Removes the socket file of a process that ended without doing so. A socket that somebody listens on, and any
/// other file, stays.
fn remove_stale(path: &Path) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !metadata.file_type().is_socket() {
        return Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            "a file that is no socket stands there",
        ));
    }
    match BlockingUnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        Ok(_) => Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            "another process listens there",
        )),
        Err(error) => Err(error),
    }
}

/// The file of a Unix socket; removed at the end, unless another one has taken its place.
pub struct SocketFile {
    path: PathBuf,
    id: (u64, u64),
}

impl SocketFile {
    fn of(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            id: file_id(path)?,
        })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if file_id(&self.path).is_ok_and(|id| id == self.id)
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(%error, path = %self.path.display(), "cannot remove the socket file");
        }
    }
}

fn file_id(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}
