//! A wire tap between the proxy and the gate: counts connections and keeps what was sent.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};

/// A relay in front of the gate.
pub struct Relay {
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    connections: usize,
    requests: Vec<u8>,
}

impl Relay {
    /// Listens on a free port and relays to `target`.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let seen = Arc::<Mutex<Seen>>::default();
        let tap = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tap.lock().expect("no test panics in here").connections += 1;
                tokio::spawn(relay(client, target, Arc::clone(&tap)));
            }
        });
        Self { address, seen }
    }

    /// How many connections the proxy has opened.
    pub fn connections(&self) -> usize {
        self.seen
            .lock()
            .expect("no test panics in here")
            .connections
    }

    /// Takes what the proxy has sent since the last call, as text.
    pub fn take_requests(&self) -> String {
        let mut seen = self.seen.lock().expect("no test panics in here");
        String::from_utf8(std::mem::take(&mut seen.requests)).expect("requests without a body")
    }
}

/// Ends when either side ends; a connection that fails is the business of those at its ends.
async fn relay(client: TcpStream, target: SocketAddr, tap: Arc<Mutex<Seen>>) {
    let Ok(gate) = TcpStream::connect(target).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_gate, mut to_gate) = gate.into_split();
    let requests = async {
        let mut buffer = [0; 16 * 1024];
        while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
            let sent = &buffer[..length];
            keep(&tap, sent);
            if to_gate.write_all(sent).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = requests => {}
        _ = copy(&mut from_gate, &mut to_client) => {}
    }
}

fn keep(tap: &Mutex<Seen>, sent: &[u8]) {
    let mut seen = tap.lock().expect("no test panics in here");
    seen.requests.extend_from_slice(sent);
}
