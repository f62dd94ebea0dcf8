//! `HAProxy`, by a script for its own HTTP client.

use super::{Asks, Cure, Cures, File, Proxy, Replacement};
use crate::gate::Family;

/// `HAProxy`.
pub const HAPROXY: Proxy = Proxy {
    id: "haproxy",
    name: "HAProxy",
    files: &[
        File {
            name: "haproxy.cfg",
            text: include_str!("../../../../deploy/haproxy/haproxy.cfg"),
            replacements: &[
                Replacement {
                    shipped: "    server bearergate 127.0.0.1:8081",
                    filled: "    server bearergate {gate}",
                },
                Replacement {
                    shipped: "    server confluence 127.0.0.1:8090",
                    filled: "    server confluence {confluence}",
                },
            ],
        },
        File {
            name: "bearergate.lua",
            text: include_str!("../../../../deploy/haproxy/bearergate.lua"),
            replacements: &[],
        },
    ],
    install: "Save both files in /etc/haproxy, and add your certificate to the line bind of the frontend.",
    reload: "haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy",
    asks: Some(Asks {
        family: Family::ForwardAuth,
        without_identity_headers: true,
        cures: Cures {
            endpoint: Cure {
                what: "The script needs this line:",
                lines: &["url = gate .. \"/validate/forward-auth\","],
            },
            original: Cure {
                what: "The script needs these lines, and HAProxy must not have changed the path before it is called:",
                lines: &[
                    "[\"x-forwarded-method\"] = { txn.sf:method() },",
                    "[\"x-forwarded-uri\"] = { txn.sf:url() },",
                ],
            },
            credential: Cure {
                what: "The script sends the headers that it names here:",
                lines: &["local CREDENTIALS = { \"authorization\", \"cookie\" }"],
            },
            client: Cure {
                what: "The script needs this line:",
                lines: &["[\"x-forwarded-for\"] = { txn.sf:src() },"],
            },
            identity: Cure {
                what: "This line takes it away, and the script sends no header that it does not name:",
                lines: &["http-request del-header x-auth- -m beg"],
            },
            body: Cure {
                what: "The script asks without one:",
                lines: &["return core.httpclient():get({"],
            },
        },
    }),
};
