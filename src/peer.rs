//! Who is at the other end of a connection, which of these peers are proxies that may speak for a client, and
//! which client such a proxy speaks for.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderValue;
use ipnet::IpNet;

use crate::network;

/// The other end of an accepted connection; every request carries it in its extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A TCP connection from this address.
    Tcp(SocketAddr),
    /// A connection over a Unix socket: a process on this machine that may open the socket file.
    Unix,
}

impl Peer {
    /// The peer's address in canonical form (an IPv4-mapped IPv6 address is an IPv4 address); none on a Unix socket.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Tcp(address) => Some(address.ip().to_canonical()),
            Self::Unix => None,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address() {
            Some(address) => address.fmt(f),
            None => f.write_str("unix"),
        }
    }
}

/// The networks whose peers may speak for a client. A peer on a Unix socket always may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Whether this peer may speak for a client.
    #[must_use]
    pub fn trusts(&self, peer: &Peer) -> bool {
        peer.address().is_none_or(|address| self.contains(address))
    }

    /// The client that a request comes from: the peer itself, or, where that is a trusted proxy, the rightmost
    /// entry of `X-Forwarded-For` that is no trusted proxy (the leftmost entry, where all are).
    ///
    /// None where that entry can't be read, and on a Unix socket without the header.
    pub fn client<'a>(
        &self,
        peer: &Peer,
        forwarded_for: impl IntoIterator<Item = &'a HeaderValue>,
    ) -> Option<IpAddr> {
        if !self.trusts(peer) {
            return peer.address();
        }
        let values: Vec<&HeaderValue> = forwarded_for.into_iter().collect();
        if values.is_empty() {
            return peer.address();
        }
        let mut client = None;
        for value in values.iter().rev() {
            // What stands before the deciding entry may be the client's own, and hides nobody.
            for entry in value.as_bytes().rsplit(|byte| *byte == b',') {
                let entry = std::str::from_utf8(entry.trim_ascii()).ok()?;
                let address = read_entry(entry)?;
                if !self.contains(address) {
                    return Some(address);
                }
                client = Some(address);
            }
        }
        client
    }

    fn contains(&self, address: IpAddr) -> bool {
        network::contains(&self.0, address)
    }
}

/// As it is read.
impl fmt::Display for TrustedProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, network) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "," };
            write!(f, "{separator}{network}")?;
        }
        Ok(())
    }
}

impl Default for TrustedProxies {
    fn default() -> Self {
        let ipv4 = ipnet::Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8);
        Self(vec![ipv4.into(), IpAddr::V6(Ipv6Addr::LOCALHOST).into()])
    }
}

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = |entry: &str| {
            network::parse(entry.trim()).ok_or_else(|| {
                format!("`{entry}` is no address and no network such as 10.0.0.0/8 or fd00::/8")
            })
        };
        text.split(',')
            .map(read)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// `192.0.2.1`, `192.0.2.1:1234`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:1234`.
fn read_entry(entry: &str) -> Option<IpAddr> {
    let bare = entry
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(entry);
    bare.parse::<IpAddr>()
        .or_else(|_| entry.parse::<SocketAddr>().map(|address| address.ip()))
        .ok()
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(ip: &str) -> Peer {
        Peer::Tcp(SocketAddr::new(ip.parse().unwrap(), 4711))
    }

    fn client(proxies: &str, peer: &Peer, headers: &[&str]) -> Option<String> {
        let values: Vec<_> = headers
            .iter()
            .map(|h| HeaderValue::from_str(h).unwrap())
            .collect();
        let proxies: TrustedProxies = proxies.parse().unwrap();
        proxies.client(peer, &values).map(|ip| ip.to_string())
    }

    #[test]
    fn loopback_and_unix_sockets_are_trusted_by_default() {
        let proxies = TrustedProxies::default();
        for peer in [
            tcp("127.0.0.1"),
            tcp("127.9.9.9"),
            tcp("::1"),
            tcp("::ffff:127.0.0.1"),
        ] {
            assert!(proxies.trusts(&peer), "{peer}");
        }
        assert!(proxies.trusts(&Peer::Unix));
        assert!(!proxies.trusts(&tcp("10.0.0.1")));
        assert!(!proxies.trusts(&tcp("::2")));
    }

    #[test]
    fn networks_and_bare_addresses_are_read() {
        let proxies: TrustedProxies = "10.0.0.0/8, 192.0.2.7,fd00::/8".parse().unwrap();
        assert!(proxies.trusts(&tcp("10.200.0.1")));
        assert!(proxies.trusts(&tcp("::ffff:192.0.2.7")));
        assert!(!proxies.trusts(&tcp("192.0.2.8")));
        assert!(proxies.trusts(&tcp("fd12::1")));
        assert!(!proxies.trusts(&tcp("127.0.0.1")));
        for wrong in ["", "10.0.0.0/33", "proxy.example", "10.0.0.1,,10.0.0.2"] {
            assert!(wrong.parse::<TrustedProxies>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_client_is_the_rightmost_entry_that_is_no_trusted_proxy() {
        let networks = "127.0.0.0/8,10.0.0.0/8";
        let proxy = tcp("127.0.0.1");
        let cases: &[(&[&str], Option<&str>)] = &[
            (&[], Some("127.0.0.1")),
            (&["203.0.113.9"], Some("203.0.113.9")),
            (
                &["198.51.100.1, 203.0.113.9, 10.0.0.2"],
                Some("203.0.113.9"),
            ),
            (
                &["198.51.100.1", "203.0.113.9 ,10.0.0.2"],
                Some("203.0.113.9"),
            ),
            (&["rubbish, 203.0.113.9"], Some("203.0.113.9")),
            (&["203.0.113.9:1234"], Some("203.0.113.9")),
            (&["[2001:db8::1]:1234"], Some("2001:db8::1")),
            (&["[2001:db8::1]"], Some("2001:db8::1")),
            (&["::ffff:203.0.113.9"], Some("203.0.113.9")),
            (&["10.0.0.3, 10.0.0.2"], Some("10.0.0.3")),
            (&["203.0.113.9, unknown"], None),
            (&["203.0.113.9,"], None),
            (&[""], None),
        ];
        for (headers, expected) in cases {
            assert_eq!(
                client(networks, &proxy, headers).as_deref(),
                *expected,
                "{headers:?}"
            );
        }
    }

    #[test]
    fn a_peer_that_is_no_proxy_speaks_for_itself_alone() {
        let peer = tcp("203.0.113.5");
        assert_eq!(
            client("127.0.0.1", &peer, &["192.0.2.1"]).as_deref(),
            Some("203.0.113.5")
        );
    }

    #[test]
    fn a_unix_peer_has_no_address_of_its_own() {
        assert_eq!(client("127.0.0.1", &Peer::Unix, &[]), None);
        let headers = ["192.0.2.1"];
        assert_eq!(
            client("127.0.0.1", &Peer::Unix, &headers).as_deref(),
            Some("192.0.2.1")
        );
    }
}
