//! Networks and addresses as administrators write them.

use std::net::IpAddr;

use ipnet::IpNet;

/// A network in CIDR notation, or a bare address as a network of its own.
#[must_use]
pub fn parse(text: &str) -> Option<IpNet> {
    if let Ok(network) = text.parse::<IpNet>() {
        // An IPv4 network in IPv6 dress would never hold an address: they are compared as IPv4.
        let is_mapped = matches!(network.addr(), IpAddr::V6(one) if one.to_ipv4_mapped().is_some());
        return (!is_mapped).then(|| network.trunc());
    }
    text.parse::<IpAddr>()
        .ok()
        .map(|address| IpNet::from(address.to_canonical()))
}

/// Whether one of `networks` holds `address`; an IPv4 address mapped to IPv6 counts as IPv4.
#[must_use]
pub fn contains(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_bare_addresses_are_read() {
        for (text, holds, lacks) in [
            ("10.0.0.0/8", "10.1.2.3", "11.0.0.1"),
            ("10.1.2.3/8", "10.9.9.9", "11.0.0.1"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("10.0.0.0/8", "::ffff:10.0.0.1", "::ffff:11.0.0.1"),
            ("2001:db8::/32", "2001:db8::1", "2001:db9::1"),
        ] {
            let networks = [parse(text).expect(text)];
            assert!(
                contains(&networks, holds.parse().expect(holds)),
                "{text} {holds}"
            );
            assert!(
                !contains(&networks, lacks.parse().expect(lacks)),
                "{text} {lacks}"
            );
        }
        for text in [
            "",
            "10.0.0.0/33",
            "example.com",
            "10.0.0",
            " 10.0.0.0/8",
            "::ffff:10.0.0.0/104",
        ] {
            assert!(parse(text).is_none(), "{text:?}");
        }
    }
}
