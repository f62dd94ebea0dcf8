//! Caddy.

use super::{Asks, Cure, Cures, File, Proxy, Replacement};
use crate::gate::Family;

/// Caddy.
pub const CADDY: Proxy = Proxy {
    id: "caddy",
    name: "Caddy",
    files: &[File {
        name: "Caddyfile",
        text: include_str!("../../../../deploy/caddy/Caddyfile"),
        replacements: &[
            Replacement {
                shipped: "\nconfluence.example.com {",
                filled: "\n{host} {",
            },
            Replacement {
                shipped: "reverse_proxy 127.0.0.1:8081 {",
                filled: "reverse_proxy {gate} {",
            },
            Replacement {
                shipped: "reverse_proxy 127.0.0.1:8090 {",
                filled: "reverse_proxy {confluence} {",
            },
        ],
    }],
    install: "Save the file as /etc/caddy/Caddyfile. Caddy gets a certificate for the host name by itself.",
    reload: "caddy reload --config /etc/caddy/Caddyfile",
    asks: Some(Asks {
        family: Family::ForwardAuth,
        without_identity_headers: true,
        cures: Cures {
            endpoint: Cure {
                what: "The reverse_proxy that asks needs this line:",
                lines: &["rewrite /validate/forward-auth"],
            },
            original: Cure {
                what: "The reverse_proxy that asks needs these lines, and the client's own have to go before it:",
                lines: &[
                    "header_up X-Forwarded-Method {http.request.method}",
                    "header_up X-Forwarded-Uri {http.request.uri}",
                    "request_header -X-Forwarded-Uri",
                    "request_header -X-Forwarded-Method",
                ],
            },
            credential: Cure {
                what: "Caddy passes it on by itself: nothing before the question may change Authorization, and no header \
                   may stand in Connection but Upgrade:",
                lines: &[
                    "request_header @websocket Connection Upgrade",
                    "request_header @plain -Connection",
                ],
            },
            client: Cure {
                what: "Caddy sends it by itself: the reverse_proxy that asks must have no header_up for X-Forwarded-For.",
                lines: &[],
            },
            identity: Cure {
                what: "These lines take it away; they have to stand in the route before the question:",
                lines: &[
                    "request_header -X-Auth*",
                    "request_header -X_Auth*",
                    "request_header -X.Auth*",
                ],
            },
            body: Cure {
                what: "The reverse_proxy that asks needs this line:",
                lines: &["method GET"],
            },
        },
    }),
};
