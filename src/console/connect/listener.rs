//! Where this server answers validation requests.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The listener that serves the validation endpoint.
#[derive(Clone, Copy, Debug)]
pub struct ValidationListener {
    /// Where it listens; none: on a Unix socket.
    pub address: Option<SocketAddr>,
    /// Whether it is one of its own (`--validation-listen`). Only then stored credentials of Confluence are
    /// handed over there.
    pub is_separate: bool,
}

/// What the shipped configurations ask, and what the documentation advises.
const USUAL: &str = "127.0.0.1:8081";

impl ValidationListener {
    /// How a proxy on this machine reaches it; empty where that is no host and port.
    #[must_use]
    pub fn as_reached(&self) -> String {
        let Some(address) = self.address else {
            return String::new();
        };
        let host = match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        SocketAddr::new(host, address.port()).to_string()
    }

    /// What has to be known before the address is used.
    #[must_use]
    pub fn caution(&self) -> String {
        if self.address.is_none() {
            return format!(
                "This server validates on a Unix socket. The shipped configurations ask over TCP: start it with \
                 --validation-listen {USUAL}, or write the socket into the configuration yourself."
            );
        }
        String::new()
    }

    /// Why no stored credential is handed over, where that is so.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        (!self.is_separate).then(|| {
            format!(
                "Validation has no listener of its own, so that no stored credential is ever handed over to \
                 Confluence, and whoever publishes the console publishes the validation endpoint. Restart \
                 bearergate with --validation-listen {USUAL}, and come back to this page."
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_reaches_every_address_by_the_loopback_one() {
        for (address, reached) in [
            ("127.0.0.1:8081", "127.0.0.1:8081"),
            ("0.0.0.0:8081", "127.0.0.1:8081"),
            ("[::]:8081", "[::1]:8081"),
            ("10.1.2.3:8081", "10.1.2.3:8081"),
        ] {
            let listener = ValidationListener {
                address: Some(address.parse().expect("an address")),
                is_separate: true,
            };
            assert_eq!(listener.as_reached(), reached);
            assert_eq!(listener.warning(), None);
        }
    }
}
