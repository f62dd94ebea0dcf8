//! The URL under which browsers reach the console: base of the callback URL, of printed links, of cookie rules.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// An `http` or `https` URL without query, fragment and user; written without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// What serves when none is configured: `http://localhost:<port>`.
    ///
    /// # Panics
    /// Never: every port makes a valid URL.
    #[must_use]
    pub fn of_local_port(port: u16) -> Self {
        format!("http://localhost:{port}")
            .parse()
            .expect("a literal URL with any port is valid")
    }

    /// The URL of a path below this one; `path` begins with a slash.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{self}{path}")
    }

    /// Scheme, host and port, as a browser writes them into `Origin`.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Whether browsers reach the console over TLS: cookies are then `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The parsed URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const CURE: &str = "give the console's address as in https://gate.example.com";
        let mut url = Url::parse(text).map_err(|error| format!("{error}; {CURE}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("the scheme must be http or https; {CURE}"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("it must have no query and no fragment; {CURE}"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(format!("it must name no user and no password; {CURE}"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailing_slash_makes_no_difference() {
        let cases = [
            ("https://Gate.example.com", "https://gate.example.com"),
            ("https://gate.example.com/", "https://gate.example.com"),
            ("https://gate.example.com:443//", "https://gate.example.com"),
            ("http://localhost:8080/gate/", "http://localhost:8080/gate"),
        ];
        for (text, expected) in cases {
            let url: PublicUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), expected);
            assert_eq!(url.join("/setup"), format!("{expected}/setup"));
        }
    }

    #[test]
    fn what_a_browser_could_not_use_is_refused() {
        for wrong in [
            "",
            "gate.example.com",
            "ftp://gate.example.com",
            "https://gate.example.com/?a=b",
            "https://gate.example.com/#top",
            "https://user:hush@gate.example.com",
            "unix:/run/gate",
        ] {
            let error = wrong.parse::<PublicUrl>().unwrap_err();
            assert!(
                error.contains("https://gate.example.com") && !error.contains("hush"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_default_is_localhost() {
        let url = PublicUrl::of_local_port(8080);
        assert_eq!(url.to_string(), "http://localhost:8080");
        assert_eq!(url.origin(), "http://localhost:8080");
        assert!(!url.is_https());
    }
}
