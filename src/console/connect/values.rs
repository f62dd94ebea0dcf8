//! The values that go into a proxy's configuration. Each is read so strictly that it can't mean
//! anything else in any of the configuration languages, nor in a shell.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use url::Url;

use super::listener::ValidationListener;
use crate::console::field::Field;
use crate::console::form::Typed;
use crate::settings::Global;

/// This installation's own values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// Where the proxy reaches the validation endpoint.
    pub gate: HostPort,
    /// Where the proxy reaches Confluence.
    pub confluence: HostPort,
    /// Confluence's public host name.
    pub host: String,
    /// The path below which Confluence is deployed; empty for the root.
    pub context_path: String,
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    pub host: String,
    /// Not 0.
    pub port: u16,
}

/// The values in the form, each with its fault.
#[derive(Clone, Debug)]
pub struct Read {
    /// The fields, with what was typed.
    pub fields: Vec<Field>,
    /// The values, where all can be used.
    pub values: Option<Values>,
    /// The names of Confluence's session cookies, which no configuration needs.
    pub session_cookies: String,
}

const ADDRESS_RULE: &str =
    "Must be a host and a port, such as 127.0.0.1:8081, gate.internal:8081 or [::1]:8081.";
const HOST_RULE: &str =
    "Must be a host name, such as confluence.example.com, without https:// and without a path.";
const PATH_RULE: &str =
    "Must be a path of letters, digits, and . _ ~ -, such as /confluence; empty for the root.";

/// Reads the form; what it does not name is as this installation has it.
pub fn read(typed: &Typed, listener: &ValidationListener, global: &Global) -> Read {
    let given = |name: &str, or: &str| {
        let is_typed = typed.is_on(name);
        let value = if is_typed { typed.trimmed(name) } else { or };
        value.to_owned()
    };
    let gate = given("gate", &listener.as_reached());
    let confluence = given("confluence", &confluence_address(global));
    let host = given("host", "confluence.example.com");
    let context_path = given(
        "context_path",
        global.context_path.as_deref().unwrap_or_default(),
    );
    let context_path = context_path.trim_end_matches('/');

    let gate_address = HostPort::read(&gate);
    let confluence_read = HostPort::read(&confluence);
    let fault = |is_good: bool, rule: &'static str| if is_good { "" } else { rule };
    let mut gate_field = Field::text("gate", "Validation address", &gate, "off")
        .help("Where the proxy reaches bearergate. Over a network that others use, put it into a tunnel: it is plain HTTP.")
        .error(fault(gate_address.is_some(), ADDRESS_RULE));
    gate_field.caution = listener.caution();
    let fields = vec![
        gate_field,
        Field::text("confluence", "Confluence's address", &confluence, "off")
            .help("Where the proxy reaches Confluence: the port of its Tomcat.")
            .error(fault(confluence_read.is_some(), ADDRESS_RULE)),
        Field::text("host", "Public host name", &host, "off")
            .help("The name under which people open Confluence.")
            .error(fault(is_host(&host), HOST_RULE)),
        Field::text("context_path", "Context path", context_path, "off")
            .help("The path in front of Confluence's own paths; empty where there is none.")
            .error(fault(is_context_path(context_path), PATH_RULE)),
    ];
    let values = gate_address.zip(confluence_read);
    let values = values.filter(|_| is_host(&host) && is_context_path(context_path));
    Read {
        fields,
        session_cookies: global.session_cookie_names.join(", "),
        values: values.map(|(gate, confluence)| Values {
            gate,
            confluence,
            host: host.to_ascii_lowercase(),
            context_path: context_path.to_owned(),
        }),
    }
}

/// Where Confluence itself is, as far as the settings say it; else its usual port.
fn confluence_address(global: &Global) -> String {
    let url = global.confluence_url.as_deref();
    let url = url.and_then(|url| Url::parse(url).ok());
    // The shipped configurations speak plain HTTP to Confluence.
    let url = url.filter(|url| url.scheme() == "http");
    let address = url.and_then(|url| {
        let port = url.port_or_known_default()?;
        Some(format!("{}:{port}", url.host_str()?))
    });
    address.unwrap_or_else(|| "127.0.0.1:8090".to_owned())
}

impl HostPort {
    fn read(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port: u16 = port.parse().ok().filter(|port| is_number && *port > 0)?;
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let is_good = match bare {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => is_host(host),
        };
        is_good.then(|| Self {
            host: host.to_owned(),
            port,
        })
    }
}

impl HostPort {
    /// The host where no brackets belong around an IPv6 address.
    pub fn bare_host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// A name or an IPv4 address. Names of containers may have a `_`.
fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let looks_like_an_address = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.len() <= 253
        && text.split('.').all(is_label)
        && (!looks_like_an_address || text.parse::<IpAddr>().is_ok())
}

fn is_context_path(text: &str) -> bool {
    let is_segment = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte))
    };
    text.is_empty()
        || text
            .strip_prefix('/')
            .is_some_and(|rest| rest.split('/').all(is_segment))
}

#[cfg(test)]
impl Values {
    /// Values that stand in no shipped file.
    pub fn sample() -> Self {
        let at = |host: &str, port| HostPort {
            host: host.to_owned(),
            port,
        };
        Self {
            gate: at("gate.internal", 9081),
            confluence: at("[fd00::7]", 9090),
            host: "wiki.example.org".to_owned(),
            context_path: "/wiki".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What would mean something in a configuration or in a shell (CVE-2025-24514 and its like).
    const HOSTILE: &[&str] = &[
        "a;return 200",
        "a\nb",
        "a b",
        "\"a\"",
        "'a'",
        "$request_uri",
        "%(a)s",
        "`id`",
        "{a}",
        "a}",
        "a#b",
        "a\\b",
        "a/b",
        "a<b",
        "a>b",
        "a|b",
        "a&b",
        "a,b",
        "a@b",
        "a*b",
        "a?b",
        "é",
        "\u{202e}a",
        "~a",
        "a!b",
        "",
    ];

    #[test]
    fn addresses_and_names_are_read_strictly() {
        for good in [
            "127.0.0.1:8081",
            "gate.internal:1",
            "my_gate:65535",
            "[::1]:8081",
            "localhost:80",
        ] {
            let read = HostPort::read(good).map(|address| address.to_string());
            assert_eq!(read.as_deref(), Some(good));
        }
        for wrong in [
            "127.0.0.1",
            "a:0",
            "a:65536",
            "a:+1",
            "::1:80",
            "[::1]",
            "[a]:1",
            ":80",
            "1.2.3:80",
            "-a:1",
        ] {
            assert_eq!(HostPort::read(wrong), None, "{wrong}");
        }
        for hostile in HOSTILE {
            assert_eq!(HostPort::read(&format!("{hostile}:80")), None, "{hostile}");
            assert_eq!(HostPort::read(&format!("a:{hostile}")), None, "{hostile}");
            assert!(!is_host(hostile), "{hostile}");
        }
        assert!(!is_host(&"a".repeat(64)) && !is_host("a..b") && is_host("confluence.example.com"));
    }

    #[test]
    fn confluences_address_is_that_of_the_settings() {
        for (url, address) in [
            (None, "127.0.0.1:8090"),
            (
                Some("http://wiki.internal:8090/confluence"),
                "wiki.internal:8090",
            ),
            (Some("http://[::1]"), "[::1]:80"),
            (Some("https://wiki.example.com"), "127.0.0.1:8090"),
        ] {
            let global = Global {
                confluence_url: url.map(ToOwned::to_owned),
                ..Global::default()
            };
            assert_eq!(confluence_address(&global), address);
        }
    }

    #[test]
    fn a_context_path_can_mean_nothing_else() {
        for good in ["", "/confluence", "/a/b-c_d.e~f"] {
            assert!(is_context_path(good), "{good}");
        }
        for hostile in HOSTILE.iter().filter(|text| !["a/b", "~a"].contains(text)) {
            assert!(!is_context_path(&format!("/{hostile}")), "{hostile}");
        }
        for wrong in ["confluence", "/a//b", "/..", "/a/"] {
            assert!(!is_context_path(wrong), "{wrong}");
        }
    }
}
