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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::provider::source::{Source, SourceConfig};
    use crate::provider::sources::Epoch;
    use crate::provider::{FetchError, Fetcher, Unseen};
    use crate::settings::{ReadContext, Secret, Settings, UrlRule};

    /// A name server that names these addresses for every host.
    struct Names(&'static [&'static str]);

    impl Names {
        fn addresses(&self) -> std::vec::IntoIter<SocketAddr> {
            let address = |text: &&str| SocketAddr::new(text.parse().expect("an address"), 0);
            self.0.iter().map(address).collect::<Vec<_>>().into_iter()
        }
    }

    impl Resolve for Names {
        fn resolve(&self, _: Name) -> Resolving {
            let addresses = self.addresses();
            Box::pin(async { Ok(Box::new(addresses) as Addrs) })
        }
    }

    fn left(addresses: &'static [&'static str]) -> Result<Vec<String>, String> {
        let left = callable("idp.example.com".to_owned(), Names(addresses).addresses());
        let texts = |left: Vec<SocketAddr>| left.iter().map(|one| one.ip().to_string()).collect();
        left.map(texts).map_err(|barred| barred.to_string())
    }

    #[test]
    fn of_a_names_addresses_those_that_may_be_called_are_left_in_their_order() {
        let mixed = &["fe80::1", "10.0.0.1", "169.254.169.254", "2001:db8::1"];
        assert_eq!(
            left(mixed),
            Ok(vec!["10.0.0.1".into(), "2001:db8::1".into()])
        );
        assert_eq!(left(&["127.0.0.1"]), Ok(vec!["127.0.0.1".into()]));
        assert_eq!(left(&[]), Ok(vec![]));
        assert_eq!(
            left(&["64:ff9b::a9fe:a9fe", "0.0.0.0"]),
            Err(
                "idp.example.com leads to 64:ff9b::a9fe:a9fe, a link-local address, which is never \
                 called"
                    .to_owned()
            )
        );
    }

    fn fetcher(addresses: &'static [&'static str]) -> Fetcher {
        let urls = UrlRule { allow_http: true };
        Fetcher::over(Names(addresses), urls).expect("a client")
    }

    #[tokio::test]
    async fn a_provider_whose_name_leads_to_metadata_is_unreachable_and_says_why() {
        let document = json!({
            "version": 1,
            "global": {
                "rest_api_authentication_enabled": true,
                "basic_authentication_disabled": false,
            },
            "providers": [{
                "id": "oidc", "preset": "custom-oidc", "client_id": "c", "audiences": ["a"],
                "username_attribute": "sub", "discovery_url": "https://idp.example.com/d",
            }],
        });
        let context = ReadContext {
            stored: &Settings::default(),
            username_maps: &BTreeMap::new(),
            allow_http_providers: false,
        };
        let settings = Settings::read_value(&document, context).expect("a valid document");
        let config = SourceConfig::of(settings.provider("oidc").expect("the provider"));
        let source = Source::start(config, fetcher(&["169.254.169.254"]), Epoch::default());
        let state = source.newer_than(0).await;
        let fault = state.fault.as_ref().expect("it can't be read");
        let why =
            "idp.example.com leads to 169.254.169.254, a link-local address, which is never called";
        assert_eq!(fault.error, FetchError::Connect(why.to_owned()));
    }

    #[tokio::test]
    async fn confluence_is_not_asked_there_either() {
        let credential = Secret::new("Bearer p4t");
        let by_name = fetcher(&["fd00:ec2::254"]);
        let asked = by_name.whom_confluence_sees("http://wiki.example.com", &credential);
        let why = "wiki.example.com leads to fd00:ec2::254, the address of a cloud's metadata, which is never called";
        let unreachable = FetchError::Connect(why.to_owned());
        assert_eq!(asked.await, Err(Unseen::Fetch(unreachable)));
        let by_number = fetcher(&[]);
        let asked = by_number.whom_confluence_sees("http://169.254.169.254", &credential);
        assert!(matches!(
            asked.await,
            Err(Unseen::Fetch(FetchError::Url(_)))
        ));
    }
}
