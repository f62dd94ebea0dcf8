//! Which URLs of a provider are accepted.

use std::net::IpAddr;

use url::{Host, Url};

use super::address::never_called;

/// The rule for URLs that the program calls or that identify a provider.
#[derive(Clone, Copy, Debug)]
pub struct UrlRule {
    /// Accept `http://` on other hosts than loopback.
    pub allow_http: bool,
}

impl UrlRule {
    /// Parses a provider's URL: `https`, or `http` where it can't be read on the way.
    ///
    /// An address in it is judged here, because no resolver sees it; where a name leads is judged when it is
    /// called.
    ///
    /// # Errors
    /// What is wrong with the URL and what would be right.
    pub fn parse(self, text: &str) -> Result<Url, String> {
        let url = Url::parse(text)
            .map_err(|_| "is no URL; for example \"https://login.example.com/…\"".to_owned())?;
        if let Some((address, kind)) = barred_address(&url) {
            return Err(format!(
                "must not lead to {address}: that is {kind}, which is never called; give the address or \
                 the name of the server itself"
            ));
        }
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http || is_loopback(&url) => {}
            "http" => {
                return Err(
                    "must begin with https:// (http:// is accepted on loopback, or with \
                            BEARERGATE_ALLOW_HTTP_PROVIDERS=true)"
                        .to_owned(),
                );
            }
            _ => return Err("must begin with https://".to_owned()),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a user name or a password".to_owned());
        }
        if url.fragment().is_some() {
            return Err("must not hold a fragment (#…)".to_owned());
        }
        Ok(url)
    }
}

/// The address in a URL, and its kind, if it is one that is never called.
fn barred_address(url: &Url) -> Option<(IpAddr, &'static str)> {
    let address = match url.host()? {
        Host::Domain(_) => return None,
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
    };
    never_called(address).map(|kind| (address, kind))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Scheme, host and port of a URL (RFC 6454), where it is one.
#[must_use]
pub fn origin(text: &str) -> Option<String> {
    Url::parse(text)
        .ok()
        .map(|url| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_urls_are_https_or_loopback() {
        let strict = UrlRule { allow_http: false };
        for good in [
            "https://login.example.com/a?p=b",
            "http://127.0.0.1:1/x",
            "http://[::1]:1/x",
            "http://localhost/x",
        ] {
            assert!(strict.parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "login.example.com",
            "http://login.example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "https://user:pw@example.com/",
            "https://example.com/#x",
            "http://localhost.example.com/",
            "http://[::1",
            "http://10.0.0.1/",
            "https://169.254.169.254/",
            "https://0xa9fea9fe/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[fd00:ec2::254]/",
        ] {
            assert!(strict.parse(bad).is_err(), "{bad}");
        }
        let lax = UrlRule { allow_http: true };
        assert!(lax.parse("http://idp.internal/x").is_ok());
        assert!(lax.parse("http://169.254.169.254/").is_err());
    }
}
