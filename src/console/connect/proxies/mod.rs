//! The proxies that the page knows: the files that are shipped for each, where this installation's
//! values go in them, and what to change where a part of a request does not arrive.

mod apache;
mod caddy;
mod envoy;
mod haproxy;
mod nginx;
mod traefik;

use super::values::Values;
use crate::gate::Family;

/// A proxy with its shipped configuration.
#[derive(Debug)]
pub struct Proxy {
    /// In forms and addresses.
    pub id: &'static str,
    /// As its users call it.
    pub name: &'static str,
    /// The files of `deploy/<proxy>/`.
    pub files: &'static [File],
    /// Where the files go.
    pub install: &'static str,
    /// The command that puts them in force.
    pub reload: &'static str,
    /// How it asks, so that it can be checked; none: not by a validation request.
    pub asks: Option<Asks>,
}

/// How a proxy's configuration asks.
#[derive(Debug)]
pub struct Asks {
    /// The endpoint.
    pub family: Family,
    /// Whether it takes the client's identity headers away before it asks. Else they come with the
    /// question, and are overwritten after the answer.
    pub without_identity_headers: bool,
    /// What to change where something is wrong.
    pub cures: Cures,
}

/// A shipped file.
#[derive(Debug)]
pub struct File {
    /// Its name, below the proxy's directory.
    pub name: &'static str,
    /// Its text, as shipped.
    pub text: &'static str,
    /// Where values go in it.
    pub replacements: &'static [Replacement],
}

/// A piece of a file that an installation adapts.
#[derive(Debug)]
pub struct Replacement {
    /// As shipped; it occurs once.
    pub shipped: &'static str,
    /// With the names of [`VARIABLES`] in braces.
    pub filled: &'static str,
}

/// What to change, by what is wrong.
#[derive(Debug)]
pub struct Cures {
    /// Another endpoint is asked.
    pub endpoint: Cure,
    /// The original method or URI does not arrive.
    pub original: Cure,
    /// The client's `Authorization` does not arrive.
    pub credential: Cure,
    /// `X-Forwarded-For` does not arrive.
    pub client: Cure,
    /// Identity headers of the client have to be overwritten.
    pub identity: Cure,
    /// The request's body arrives.
    pub body: Cure,
}

/// What helps: a sentence, and lines of the shipped configuration.
#[derive(Clone, Copy, Debug)]
pub struct Cure {
    /// What to do with the lines.
    pub what: &'static str,
    /// As they stand in the shipped files, but for repeated blanks.
    pub lines: &'static [&'static str],
}

/// How one value is written.
type Written = fn(&Values) -> String;

/// The values that go into the files.
const VARIABLES: &[(&str, Written)] = &[
    ("{gate}", |values| values.gate.to_string()),
    ("{gate_host}", |values| values.gate.bare_host().to_owned()),
    ("{gate_port}", |values| values.gate.port.to_string()),
    ("{confluence}", |values| values.confluence.to_string()),
    ("{confluence_host}", |values| {
        values.confluence.bare_host().to_owned()
    }),
    ("{confluence_port}", |values| {
        values.confluence.port.to_string()
    }),
    ("{host}", |values| values.host.clone()),
];

/// All proxies, in the order of the select.
pub const PROXIES: &[Proxy] = &[
    nginx::NGINX,
    caddy::CADDY,
    haproxy::HAPROXY,
    envoy::ENVOY,
    traefik::TRAEFIK,
    apache::APACHE,
];

impl Proxy {
    /// The proxy with this id; the first where none is named.
    pub fn find(id: &str) -> Option<&'static Self> {
        match id {
            "" => PROXIES.first(),
            id => PROXIES.iter().find(|proxy| proxy.id == id),
        }
    }
}

impl File {
    /// The text with these values.
    pub fn filled(&self, values: &Values) -> String {
        // Places are looked for in the shipped text alone, so that a value never becomes one.
        let places = self.replacements.iter().filter_map(|replacement| {
            let start = self.text.find(replacement.shipped)?;
            Some((start, replacement))
        });
        let mut places: Vec<_> = places.collect();
        places.sort_by_key(|(start, _)| *start);
        let mut filled = String::new();
        let mut from = 0;
        for (start, replacement) in places {
            filled.push_str(&self.text[from..start]);
            filled.push_str(&written(replacement.filled, values));
            from = start + replacement.shipped.len();
        }
        filled.push_str(&self.text[from..]);
        filled
    }
}

fn written(template: &str, values: &Values) -> String {
    let fill = |text: String, (name, value): &(&str, Written)| text.replace(name, &value(values));
    VARIABLES.iter().fold(template.to_owned(), fill)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_file() -> impl Iterator<Item = &'static File> {
        PROXIES.iter().flat_map(|proxy| proxy.files)
    }

    #[test]
    fn each_place_of_a_shipped_file_is_found_once() {
        for file in every_file() {
            for Replacement { shipped, .. } in file.replacements {
                assert_eq!(
                    file.text.matches(shipped).count(),
                    1,
                    "{}: {shipped}",
                    file.name
                );
            }
        }
    }

    #[test]
    fn no_shipped_value_and_no_name_of_a_variable_is_left() {
        let values = Values::sample();
        for file in every_file() {
            let filled = file.filled(&values);
            for Replacement {
                shipped,
                filled: place,
            } in file.replacements
            {
                assert!(!filled.contains(shipped), "{}: {shipped}", file.name);
                let place = written(place, &values);
                assert!(filled.contains(&place), "{}: {place}", file.name);
                assert!(
                    !place.contains(['{', '}']) || shipped.contains(['{', '}']),
                    "{place}"
                );
            }
        }
    }

    #[test]
    fn every_line_that_a_cure_names_stands_in_a_shipped_file() {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        for proxy in PROXIES {
            let Some(Asks { cures, .. }) = &proxy.asks else {
                continue;
            };
            let files: Vec<_> = proxy.files.iter().map(|file| plain(file.text)).collect();
            let Cures {
                endpoint,
                original,
                credential,
                client,
                identity,
                body,
            } = cures;
            for cure in [endpoint, original, credential, client, identity, body] {
                for line in cure.lines {
                    let stands = files.iter().any(|file| file.contains(&plain(line)));
                    assert!(stands, "{}: {line}", proxy.name);
                }
            }
        }
    }

    #[test]
    fn every_proxy_has_an_id_of_its_own() {
        for (at, proxy) in PROXIES.iter().enumerate() {
            assert!(PROXIES[..at].iter().all(|other| other.id != proxy.id));
            assert!(Proxy::find(proxy.id).is_some());
        }
        assert!(Proxy::find("another").is_none());
    }
}
