//! Traefik, by `forwardAuth`.

use super::{Asks, Cure, Cures, File, Proxy, Replacement};
use crate::gate::Family;

/// Traefik.
pub const TRAEFIK: Proxy = Proxy {
    id: "traefik",
    name: "Traefik",
    files: &[
        File {
            name: "bearergate.yml",
            text: include_str!("../../../../deploy/traefik/bearergate.yml"),
            replacements: &[
                Replacement {
                    shipped: "address: http://127.0.0.1:8081/validate/forward-auth",
                    filled: "address: http://{gate}/validate/forward-auth",
                },
                Replacement {
                    shipped: "- url: http://127.0.0.1:8090",
                    filled: "- url: http://{confluence}",
                },
            ],
        },
        File {
            name: "traefik.yml",
            text: include_str!("../../../../deploy/traefik/traefik.yml"),
            replacements: &[],
        },
    ],
    install: "Save both files in /etc/traefik, and put your certificate at the entry point. A change of \
              bearergate.yml is in force at once; one of traefik.yml needs a restart.",
    reload: "systemctl restart traefik",
    asks: Some(Asks {
        family: Family::ForwardAuth,
        without_identity_headers: true,
        cures: Cures {
            endpoint: Cure {
                what: "The address of the forwardAuth has to end like this:",
                lines: &["/validate/forward-auth"],
            },
            original: Cure {
                what: "Traefik sends them by itself, unless it trusts the client's own:",
                lines: &["trustForwardHeader: false"],
            },
            credential: Cure {
                what: "The forwardAuth must not have authRequestHeaders without Authorization, and nothing may stand in \
                   Connection but Upgrade:",
                lines: &["middlewares: [no-upgrade, forget-identity, bearergate]"],
            },
            client: Cure {
                what: "Traefik sends it by itself: no middleware before the question may take it away.",
                lines: &[],
            },
            identity: Cure {
                what: "The middleware that takes it away has to stand before the question:",
                lines: &[
                    "middlewares: [no-upgrade, forget-identity, bearergate]",
                    "X-Auth-Username: \"\"",
                ],
            },
            body: Cure {
                what: "The forwardAuth must not have forwardBody.",
                lines: &[],
            },
        },
    }),
};
