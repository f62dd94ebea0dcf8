//! nginx between a client and Tomcat, in the two ways to hand a path on.

use std::fs;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::tomcat::Arrival;
use crate::support::proxies::{Proxy, system_program};

/// How nginx hands the path on.
#[derive(Clone, Copy, Debug)]
pub enum Handover {
    /// As it came: `proxy_pass` without a path, as in the shipped configuration.
    Raw,
    /// As nginx reads it: `proxy_pass` with a path.
    Normalised,
}

/// Starts nginx before Tomcat.
pub async fn start(tomcat: SocketAddr, handover: Handover) -> Proxy {
    let path = match handover {
        Handover::Raw => "",
        Handover::Normalised => "/",
    };
    Proxy::launch("nginx", "event method", |address, directory| {
        let file = directory.join("nginx.conf");
        let directory = directory.display();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {directory}/{kind};"))
            .join("\n");
        let configuration = format!(
            "daemon off; master_process off; pid {directory}/nginx.pid; error_log stderr notice;\n\
             events {{}}\n\
             http {{\naccess_log off;\n{temporary}\nkeepalive_requests 1000000;\n\
             upstream tomcat {{ server {tomcat}; keepalive 8; keepalive_requests 1000000; }}\n\
             server {{\nlisten {address};\nserver_name localhost;\n\
             proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header Host localhost;\n\
             add_header X-Target $request_uri always;\nadd_header X-Reads $uri always;\n\
             location / {{ proxy_pass http://tomcat{path}; }}\n}}\n}}\n"
        );
        fs::write(&file, configuration).expect("a writable directory");
        let mut command = system_program("nginx");
        command.arg("-c").arg(&file);
        command
    })
    .await
}

/// What became of a path.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    /// What nginx gives a gate as the request's target.
    pub target: String,
    /// nginx's own reading (`$uri`), by which it chooses a location.
    pub reads: Option<Arrival>,
    /// Where it arrived in Tomcat.
    pub arrival: Option<Arrival>,
}

/// A client that keeps its connection as long as the server does.
pub struct Client {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        let stream = None;
        Self { address, stream }
    }

    /// Sends a target as it is.
    pub async fn ask(&mut self, target: &[u8]) -> Answer {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => BufReader::new(
                TcpStream::connect(self.address)
                    .await
                    .expect("nginx listens"),
            ),
        };
        let request = [b"GET ", target, b" HTTP/1.1\r\nHost: localhost\r\n\r\n"].concat();
        stream.write_all(&request).await.expect("nginx reads");
        let (mut answer, mut length, mut stays) = (Answer::default(), 0, true);
        loop {
            let line = line_of(&mut stream).await;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(": ").unwrap_or(("", &line));
            match name {
                "" => answer.status = line[9..12].parse().expect("a status"),
                "X-Target" => value.clone_into(&mut answer.target),
                "X-Reads" => answer.reads = Some(Arrival::at(value)),
                "Content-Length" => length = value.parse().expect("a length"),
                "Connection" => stays = value == "keep-alive",
                _ => {}
            }
        }
        // Of other answers the length may be another matter.
        stays &= answer.status == 200;
        let mut body = vec![0; if stays { length } else { 0 }];
        stream
            .read_exact(&mut body)
            .await
            .expect("the whole answer");
        if stays {
            answer.arrival = Arrival::of(&String::from_utf8_lossy(&body));
        }
        self.stream = stays.then_some(stream);
        answer
    }
}

/// A line of a head. A line feed alone is part of it: nginx decodes one in a path and writes it as it is.
async fn line_of(stream: &mut BufReader<TcpStream>) -> String {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        let read = stream.read_until(b'\n', &mut line).await;
        assert_ne!(read.expect("nginx answers"), 0, "nginx ended within a head");
    }
    line.truncate(line.len() - 2);
    String::from_utf8_lossy(&line).into_owned()
}
