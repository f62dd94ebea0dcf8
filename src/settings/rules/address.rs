//! Which addresses are never called, whoever names them.
//!
//! A machine's metadata service answers whoever calls from that machine, often with credentials. Whoever may
//! write settings, or publishes a discovery document, must not have it called. Private networks and loopback
//! are called: companies have their providers there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Metadata services outside the link-local networks.
const METADATA_IPV4: [Ipv4Addr; 3] = [
    Ipv4Addr::new(100, 100, 100, 200), // Alibaba Cloud
    Ipv4Addr::new(168, 63, 129, 16),   // Azure's host
    Ipv4Addr::new(192, 0, 0, 192),     // Oracle Cloud Classic
];

/// Their like in IPv6; AWS has a whole network, see [`metadata_ipv6`].
const METADATA_IPV6: [Ipv6Addr; 5] = [
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254), // Google Cloud
    Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe), // Oracle Cloud
    Ipv6Addr::new(0xfd00, 0x100, 0, 0, 0, 0, 0x100, 0x200), // Alibaba Cloud
    Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),  // Scaleway
    Ipv6Addr::new(0xfd00, 0xa9fe, 0xa9fe, 0, 0, 0, 0, 1), // Linode
];

/// What kind of address this is, if it is one that is never called: in words that follow "is".
#[must_use]
pub fn never_called(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => ipv4(address),
        IpAddr::V6(address) => ipv6(address).or_else(|| carried(address).and_then(ipv4)),
    }
}

fn ipv4(address: Ipv4Addr) -> Option<&'static str> {
    if address.is_link_local() {
        Some("a link-local address")
    } else if METADATA_IPV4.contains(&address) {
        Some("the address of a cloud's metadata")
    } else if address.is_unspecified() {
        Some("the unspecified address")
    } else if address.is_multicast() {
        Some("a multicast address")
    } else {
        address.is_broadcast().then_some("the broadcast address")
    }
}

fn ipv6(address: Ipv6Addr) -> Option<&'static str> {
    if address.is_unicast_link_local() {
        Some("a link-local address")
    } else if metadata_ipv6(address) {
        Some("the address of a cloud's metadata")
    } else if address.is_unspecified() {
        Some("the unspecified address")
    } else {
        address.is_multicast().then_some("a multicast address")
    }
}

/// AWS keeps all services of the machine itself in one network: metadata, credentials of pods, time, names.
fn metadata_ipv6(address: Ipv6Addr) -> bool {
    matches!(address.segments(), [0xfd00, 0xec2, ..]) || METADATA_IPV6.contains(&address)
}

/// The IPv4 address that an IPv6 address leads to, by whatever translates between the two.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        // Compatible and mapped (RFC 4291, section 2.5.5), translated (RFC 2765, section 2.1).
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        // NAT64 (RFC 6052, section 2.1; RFC 8215).
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x64, 0xff9b, 1, _, _, _, high, low]
        // 6to4 (RFC 3056, section 2).
        | [0x2002, high, low, ..] => {
            Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(address: &str) -> Option<&'static str> {
        never_called(address.parse().expect(address))
    }

    #[test]
    fn the_own_link_and_metadata_are_never_called_in_whatever_dress() {
        for (kind_of_address, addresses) in [
            (
                "a link-local address",
                &[
                    "169.254.169.254",
                    "169.254.0.0",
                    "169.254.255.255",
                    "fe80::1",
                    "febf::1",
                    "::ffff:169.254.169.254",
                    "::169.254.169.254",
                    "::ffff:0:169.254.169.254",
                    "64:ff9b::a9fe:a9fe",
                    "64:ff9b:1::a9fe:a9fe",
                    "64:ff9b:1:ffff:1:2:a9fe:a9fe",
                    "2002:a9fe:a9fe::",
                    "2002:a9fe:a9fe:1::1",
                ][..],
            ),
            (
                "the address of a cloud's metadata",
                &[
                    "100.100.100.200",
                    "168.63.129.16",
                    "192.0.0.192",
                    "fd00:ec2::254",
                    "fd00:ec2::23",
                    "fd20:ce::254",
                    "fd00:c1::a9fe:a9fe",
                    "fd00:100::100:200",
                    "fd00:42::42",
                    "fd00:a9fe:a9fe::1",
                    "::ffff:168.63.129.16",
                    "64:ff9b::6464:64c8",
                ],
            ),
            (
                "the unspecified address",
                &["0.0.0.0", "::", "::ffff:0.0.0.0", "64:ff9b::"],
            ),
            (
                "a multicast address",
                &["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
            ),
            (
                "the broadcast address",
                &["255.255.255.255", "::ffff:255.255.255.255"],
            ),
        ] {
            for address in addresses {
                assert_eq!(kind(address), Some(kind_of_address), "{address}");
            }
        }
    }

    #[test]
    fn neighbours_private_networks_and_loopback_are_called() {
        for address in [
            "127.0.0.1",
            "::1",
            "::ffff:127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.253.255.255",
            "169.255.0.0",
            "100.100.100.201",
            "100.64.0.1",
            "168.63.129.17",
            "192.0.2.1",
            "223.255.255.255",
            "255.255.255.254",
            "fc00::1",
            "fd00:ec3::254",
            "fd20:ce::255",
            "fec0::1",
            "2001:db8::a9fe:a9fe",
            "2002:a00:1::a9fe:a9fe",
            "64:ff9b::a00:1",
            "64:ff9c::a9fe:a9fe",
        ] {
            assert_eq!(kind(address), None, "{address}");
        }
    }
}
