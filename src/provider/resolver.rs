//! Where a name leads, without the addresses that are never called.
//!
//! A name is judged by the very addresses that are then connected to, so a second answer of a name server
//! changes nothing.

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::settings::never_called;

/// Asks the system.
pub(super) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // Port 0 stands for the one of the URL.
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(Box::new(addresses.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

/// Keeps back what another resolver finds and nobody may call.
pub(super) struct Guarded<R> {
    resolver: R,
}

impl<R: Resolve> Guarded<R> {
    pub(super) const fn new(resolver: R) -> Self {
        Self { resolver }
    }
}

impl<R: Resolve> Resolve for Guarded<R> {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let resolving = self.resolver.resolve(name);
        Box::pin(async move {
            let addresses = callable(host, resolving.await?)?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// A name leads nowhere else than to an address that is never called.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{host} leads to {address}, {kind}, which is never called")]
struct Barred {
    host: String,
    address: IpAddr,
    kind: &'static str,
}

/// The addresses of a host that may be called.
fn callable(
    host: String,
    addresses: impl Iterator<Item = SocketAddr>,
) -> Result<Vec<SocketAddr>, Barred> {
    let mut barred = None;
    let mut left = Vec::new();
    for address in addresses {
        match never_called(address.ip()) {
            None => left.push(address),
            Some(kind) => barred = barred.or(Some((address.ip(), kind))),
        }
    }
    match barred {
        Some((address, kind)) if left.is_empty() => Err(Barred {
            host,
            address,
            kind,
        }),
        _ => Ok(left),
    }
}
