//! What a validation request says about the proxy's configuration: passes, and faults with what to
//! change.

use super::check::Check;
use super::proxies::{Asks, Cure};
use super::published::Published;
use crate::console::Console;
use crate::console::page::Tone;
use crate::gate::{
    Family, MARK_PARAMETER, Original, SeenAuthorization, SeenClient, Sighting, Unknown,
};
use crate::peer::{Peer, TrustedProxies};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub name: &'static str,
    /// Good, a warning, or bad.
    pub tone: Tone,
    /// What was found, and what to do about it.
    pub detail: String,
    /// Lines of configuration.
    pub lines: Vec<String>,
}

impl Finding {
    fn new(name: &'static str, tone: Tone, detail: impl Into<String>) -> Self {
        Self {
            name,
            tone,
            detail: detail.into(),
            lines: Vec::new(),
        }
    }

    fn good(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(name, Tone::Good, detail)
    }

    fn bad(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(name, Tone::Bad, detail)
    }

    fn line(mut self, line: String) -> Self {
        self.lines.push(line);
        self
    }

    /// The same with what helps.
    fn cured_by(mut self, cure: Cure) -> Self {
        self.detail = format!("{} {}", self.detail, cure.what);
        self.lines
            .extend(cure.lines.iter().map(|&line| line.to_owned()));
        self
    }
}

/// All findings: about the request, where one has come, and about what is published.
pub fn findings(check: &Check, seen: Option<&Sighting>, console: &Console) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(seen) = seen {
        findings.extend(of_request(check.asks, seen, &console.trusted_proxies));
        findings.push(listener(console));
    }
    findings.push(published(&check.published, console));
    findings
}

fn of_request(asks: &Asks, seen: &Sighting, trusted: &TrustedProxies) -> Vec<Finding> {
    let mut findings = vec![endpoint(asks, seen), peer(seen, trusted)];
    if seen.endpoint.is_ok() {
        findings.push(original(asks, seen));
    }
    findings.extend([
        authorization(asks, seen),
        client(asks, seen),
        identity(asks, seen),
        body(asks, seen),
    ]);
    findings
}

fn endpoint(asks: &Asks, seen: &Sighting) -> Finding {
    const NAME: &str = "Endpoint";
    let asked = match &seen.endpoint {
        Err(path) => {
            let detail =
                format!("The proxy asked {path}, which is no endpoint: the answer was 404.");
            return Finding::bad(NAME, detail).cured_by(asks.cures.endpoint);
        }
        Ok(family) => *family,
    };
    let path = endpoint_path(asked);
    if asked == asks.family {
        return Finding::good(
            NAME,
            format!("The proxy asks {path}, as in the configuration."),
        );
    }
    let detail = format!(
        "The proxy asked {path}, so that other headers are read than those of the configuration."
    );
    Finding::bad(NAME, detail).cured_by(asks.cures.endpoint)
}

fn endpoint_path(family: Family) -> String {
    match family {
        Family::Direct => "/validate".to_owned(),
        _ => format!("/validate/{}", family.name()),
    }
}

fn peer(seen: &Sighting, trusted: &TrustedProxies) -> Finding {
    const NAME: &str = "Peer";
    match seen.peer {
        Peer::Unix => Finding::good(
            NAME,
            "The request came over the Unix socket, whose peers are trusted.",
        ),
        peer @ Peer::Tcp(_) if seen.peer_is_trusted => Finding::good(
            NAME,
            format!("The request came from {peer}, which is a trusted proxy."),
        ),
        peer @ Peer::Tcp(_) => {
            let detail = format!(
                "The request came from {peer}, which is no trusted proxy: nothing that it says of the client's \
                 request is believed. If that is your proxy, restart bearergate with:"
            );
            Finding::bad(NAME, detail).line(format!("--trusted-proxies {trusted},{peer}"))
        }
    }
}

fn original(asks: &Asks, seen: &Sighting) -> Finding {
    const NAME: &str = "Original method and URI";
    let what = match &seen.original {
        Ok(Some(original)) => return arrived(asks, seen, original),
        Ok(None) => "This endpoint reads none: each request is judged as a protected call.",
        Err(Unknown::UntrustedPeer) => {
            return Finding::bad(
                NAME,
                "They are not believed, because the peer is not trusted.",
            );
        }
        Err(Unknown::Missing) => {
            "They have not arrived, so that each request is judged as a protected call."
        }
        Err(Unknown::Repeated) => {
            "One of them arrived more than once, so that neither is believed."
        }
        Err(Unknown::Unreadable) => "One of them can't be read, so that neither is believed.",
    };
    Finding::bad(NAME, what).cured_by(asks.cures.original)
}

fn arrived(asks: &Asks, seen: &Sighting, original: &Original) -> Finding {
    const NAME: &str = "Original method and URI";
    if seen.is_marked && !original.has_mark {
        let detail = format!(
            "{} {} arrived without the query that the request was made with: it is not the URI that the client sent.",
            original.method, original.target
        );
        return Finding::bad(NAME, detail).cured_by(asks.cures.original);
    }
    let detail = format!("{} {} arrived.", original.method, original.target);
    Finding::good(NAME, detail)
}

fn authorization(asks: &Asks, seen: &Sighting) -> Finding {
    const NAME: &str = "Authorization";
    let cure = |detail: &str| Finding::bad(NAME, detail).cured_by(asks.cures.credential);
    match seen.authorization {
        SeenAuthorization::Scheme("Bearer") => Finding::good(NAME, "A Bearer credential arrived."),
        SeenAuthorization::Several => {
            cure("The header arrived more than once; such a request is refused.")
        }
        SeenAuthorization::Nothing if seen.is_marked => {
            cure("The request was made with a token, and arrived without: it is lost on its way.")
        }
        _ if seen.is_marked => {
            cure("The request was made with a Bearer token, and something else arrived.")
        }
        SeenAuthorization::Scheme(scheme) => {
            Finding::good(NAME, format!("A {scheme} credential arrived."))
        }
        SeenAuthorization::OtherScheme => Finding::new(
            NAME,
            Tone::Warn,
            "A header with an unknown scheme arrived; such a request is refused.",
        ),
        SeenAuthorization::Nothing => {
            let detail = "This request carried none. Whether one is passed on, the command shows: it sends one.";
            Finding::new(NAME, Tone::Warn, detail)
        }
    }
}

fn client(asks: &Asks, seen: &Sighting) -> Finding {
    const NAME: &str = "Client's address";
    if !seen.peer_is_trusted {
        return Finding::bad(
            NAME,
            "The peer itself counts as the client, because it is not trusted.",
        );
    }
    match seen.client {
        SeenClient::Known(client) => Finding::good(NAME, format!("{client} counts as the client.")),
        SeenClient::Unreadable => {
            let detail = "X-Forwarded-For can't be read, so that the client is not known.";
            Finding::bad(NAME, detail).cured_by(asks.cures.client)
        }
        SeenClient::Unnamed => {
            let detail = "X-Forwarded-For has not arrived: the proxy itself counts as the client, and rules about \
                          networks judge its address.";
            Finding::bad(NAME, detail).cured_by(asks.cures.client)
        }
    }
}

fn identity(asks: &Asks, seen: &Sighting) -> Finding {
    const NAME: &str = "Identity headers";
    let names = seen.identity_headers.join(", ");
    match (
        names.is_empty(),
        seen.is_marked,
        asks.without_identity_headers,
    ) {
        (true, true, _) => Finding::good(
            NAME,
            "The client's X-Auth-Username was taken away before the question. Confluence gets the gate's own.",
        ),
        (true, false, _) => Finding::good(NAME, "No X-Auth-… header of the client arrived."),
        (false, _, true) => {
            let detail = format!(
                "The client's {names} arrived, which the shipped configuration takes away first."
            );
            Finding::bad(NAME, detail).cured_by(asks.cures.identity)
        }
        (false, _, false) => {
            let detail = format!(
                "The client's {names} came with the question, as is usual with this proxy."
            );
            Finding::good(NAME, detail).cured_by(asks.cures.identity)
        }
    }
}

fn body(asks: &Asks, seen: &Sighting) -> Finding {
    const NAME: &str = "Body";
    if seen.has_body {
        let detail = "The request's body was sent or announced: uploads would go to the gate as well, which reads none.";
        return Finding::bad(NAME, detail).cured_by(asks.cures.body);
    }
    Finding::good(NAME, "No body was sent.")
}

fn listener(console: &Console) -> Finding {
    const NAME: &str = "Listener";
    match console.validation.warning() {
        Some(warning) => Finding::new(NAME, Tone::Warn, warning),
        None => Finding::good(
            NAME,
            "It came in on the listener for validation alone (--validation-listen).",
        ),
    }
}

fn published(published: &Published, console: &Console) -> Finding {
    const NAME: &str = "Not published";
    let Published { url, answer } = published;
    let status = match answer {
        Ok(404) => return Finding::good(NAME, format!("{url} answers 404, as it should.")),
        Ok(status) => status,
        Err(error) => {
            let detail = format!(
                "{url} could not be asked from this machine: {error}. Ask from outside; anything but 404 is wrong:"
            );
            return Finding::bad(NAME, detail).line(format!("curl -sS -i '{url}'"));
        }
    };
    let detail = format!(
        "{url} answers {status}: the validation endpoint must not be published. Whoever reaches it can try \
         credentials past the proxy's limits."
    );
    let finding = Finding::bad(NAME, detail);
    if console.validation.is_separate {
        let cure = Cure {
            what: "The listener for validation has to be kept from the public URL: in the proxy that serves it, \
                   answer everything below this path with 404.",
            lines: &["/validate"],
        };
        return finding.cured_by(cure);
    }
    let cure = Cure {
        what: "Give validation a listener of its own, which the public URL does not lead to:",
        lines: &["--validation-listen 127.0.0.1:8081"],
    };
    finding.cured_by(cure)
}

/// The path and the query of the request that a check asks for.
pub fn marked_target(context_path: &str, mark: &str) -> String {
    format!("{context_path}/rest/api/user/current?{MARK_PARAMETER}={mark}")
}
