//! The line to a provider: it passes connections on, until it is told what is wrong.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

/// Between two bytes of what drips: seldom enough that no answer ends within the bounds.
const DRIP: Duration = Duration::from_millis(300);

/// What is wrong with the line, or with whoever stands at its end.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Nobody listens.
    Refused,
    /// A connection is accepted and closed at once.
    Closed,
    /// No packet is answered: a connection never comes about.
    BlackHole,
    /// A connection is accepted, and nothing is ever answered.
    Silent,
    /// This, and then nothing, while the connection stays open.
    Stalled(Bytes),
    /// These bytes, one in a while.
    Drip(Bytes),
    /// Exactly these bytes, and the end of the connection.
    Answer(Bytes),
    /// The first bytes once, then the others again and again until so many are sent.
    Flood(Bytes, Bytes, usize),
}

/// What is sent, shared by all connections.
pub type Bytes = Arc<[u8]>;

/// A running line; it ends with this value.
pub struct Line {
    address: SocketAddr,
    fault: watch::Sender<Option<Fault>>,
    connections: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Line {
    /// A line on a free port of loopback to `target` (`host:port`), with nothing wrong or with this.
    pub fn to(target: &str, fault: Option<Fault>) -> Self {
        let held = socket(([127, 0, 0, 1], 0).into());
        let address = held.local_addr().expect("it is bound");
        let (sender, faults) = watch::channel(fault.clone());
        let connections = Arc::<AtomicUsize>::default();
        // Listens before anybody runs: who connects now waits in the queue and is not refused.
        let listener = listener(address, fault.as_ref());
        let end = End {
            held,
            target: target.to_owned(),
            faults,
            connections: Arc::clone(&connections),
        };
        Self {
            address,
            fault: sender,
            connections,
            task: tokio::spawn(end.serve(listener, fault)),
        }
    }

    /// `host:port` of this end.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of this end, with the path of a URL of the other.
    pub fn in_place_of(&self, url: &str) -> String {
        let mut url: reqwest::Url = url.parse().expect("a URL");
        url.set_port(Some(self.address.port())).expect("a host");
        url.to_string()
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Acquire)
    }

    /// From now on this is wrong; every connection there is breaks.
    pub fn breaks(&self, fault: Fault) {
        self.fault.send_replace(Some(fault));
    }

    /// From now on nothing is wrong; every connection there is breaks.
    pub fn heals(&self) {
        self.fault.send_replace(None);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A socket that has its port and doesn't listen. Several may have one port as long as none of them listens.
fn socket(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("an option of sockets");
    socket.bind(address).expect("a port of one's own");
    socket
}

/// Where whoever connects is accepted; none where no connection comes about.
fn listener(address: SocketAddr, fault: Option<&Fault>) -> Option<TcpListener> {
    match fault {
        Some(Fault::Refused | Fault::BlackHole) => None,
        _ => Some(socket(address).listen(1024).expect("a port of one's own")),
    }
}

struct End {
    /// Never listens: nobody else gets the port while the line has no listener.
    held: TcpSocket,
    target: String,
    faults: watch::Receiver<Option<Fault>>,
    connections: Arc<AtomicUsize>,
}

impl End {
    fn address(&self) -> SocketAddr {
        self.held.local_addr().expect("it is bound")
    }

    async fn serve(mut self, mut listening: Option<TcpListener>, mut fault: Option<Fault>) {
        while self.bear(listening, fault.clone()).await {
            fault.clone_from(&self.faults.borrow_and_update());
            listening = listener(self.address(), fault.as_ref());
        }
    }

    /// Serves until something else is wrong; `false` at the end of the line.
    async fn bear(&mut self, listening: Option<TcpListener>, fault: Option<Fault>) -> bool {
        let _full = match (listening, fault) {
            (Some(listener), fault) => return self.accept(&listener, fault).await,
            (None, Some(Fault::BlackHole)) => Some(full(self.address()).await),
            (None, _) => None,
        };
        self.faults.changed().await.is_ok()
    }

    /// Serves connections until something else is wrong; `false` at the end of the line.
    async fn accept(&mut self, listener: &TcpListener, fault: Option<Fault>) -> bool {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                changed = self.faults.changed() => return changed.is_ok(),
            };
            let Ok((stream, _)) = accepted else { continue };
            self.connections.fetch_add(1, Ordering::AcqRel);
            let (target, fault) = (self.target.clone(), fault.clone());
            let mut faults = self.faults.clone();
            tokio::spawn(async move {
                tokio::select! {
                    () = one(stream, &target, fault) => {}
                    _ = faults.changed() => {}
                }
            });
        }
    }
}

/// A listener that accepts nobody and whose queue is full: Linux drops what asks for a connection.
async fn full(address: SocketAddr) -> (TcpListener, Vec<TcpStream>) {
    let listener = socket(address).listen(0).expect("a port of one's own");
    let mut waiting = Vec::new();
    let quickly = Duration::from_millis(300);
    while let Ok(Ok(stream)) = tokio::time::timeout(quickly, TcpStream::connect(address)).await {
        waiting.push(stream);
        assert!(waiting.len() < 16, "the queue never fills");
    }
    (listener, waiting)
}

/// One connection; that it breaks is the business of whoever has called.
async fn one(mut stream: TcpStream, target: &str, fault: Option<Fault>) {
    let outcome = match fault {
        None => pass_on(&mut stream, target).await,
        Some(fault) => misbehave(&mut stream, fault).await,
    };
    drop(outcome);
}

async fn pass_on(stream: &mut TcpStream, target: &str) -> std::io::Result<()> {
    let mut other = TcpStream::connect(target).await?;
    copy_bidirectional(stream, &mut other).await?;
    Ok(())
}

async fn misbehave(stream: &mut TcpStream, fault: Fault) -> std::io::Result<()> {
    if matches!(fault, Fault::Refused | Fault::BlackHole | Fault::Closed) {
        return Ok(());
    }
    read_head(stream).await?;
    match fault {
        Fault::Refused | Fault::BlackHole | Fault::Closed => return Ok(()),
        Fault::Silent => {}
        Fault::Stalled(bytes) => stream.write_all(&bytes).await?,
        Fault::Drip(bytes) => {
            let mut ticks = tokio::time::interval(DRIP);
            for byte in bytes.iter() {
                ticks.tick().await;
                stream.write_all(&[*byte]).await?;
            }
        }
        Fault::Answer(bytes) => {
            stream.write_all(&bytes).await?;
            stream.shutdown().await?;
        }
        Fault::Flood(first, again, length) => {
            stream.write_all(&first).await?;
            let mut sent = 0;
            while sent < length {
                stream.write_all(&again).await?;
                sent += again.len();
            }
        }
    }
    // To close with unread bytes would take back what was sent.
    let mut rest = [0; 4096];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

async fn read_head(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(())
}
