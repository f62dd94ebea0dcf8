//! Envoy, by `ext_authz` over HTTP.

use super::{Asks, Cure, Cures, File, Proxy, Replacement};
use crate::gate::Family;

/// Envoy.
pub const ENVOY: Proxy = Proxy {
    id: "envoy",
    name: "Envoy",
    files: &[File {
        name: "envoy.yaml",
        text: include_str!("../../../../deploy/envoy/envoy.yaml"),
        replacements: &[
            Replacement {
                shipped: "{address: 127.0.0.1, port_value: 8081}",
                filled: "{address: \"{gate_host}\", port_value: {gate_port}}",
            },
            Replacement {
                shipped: "{address: 127.0.0.1, port_value: 8090}",
                filled: "{address: \"{confluence_host}\", port_value: {confluence_port}}",
            },
        ],
    }],
    install: "Save the file as /etc/envoy/envoy.yaml, and give the filter chain of its listener a transport_socket \
              with your certificate.",
    reload: "envoy --mode validate -c /etc/envoy/envoy.yaml && systemctl restart envoy",
    asks: Some(Asks {
        family: Family::ExtAuthz,
        without_identity_headers: true,
        cures: Cures {
            endpoint: Cure {
                what: "The filter ext_authz needs this line in its http_service:",
                lines: &["path_prefix: /validate/ext-authz"],
            },
            original: Cure {
                what: "Envoy asks with the client's own method, and with its path behind the prefix. These lines keep the \
                   path as the client wrote it:",
                lines: &[
                    "path_prefix: /validate/ext-authz",
                    "normalize_path: false",
                    "merge_slashes: false",
                    "path_with_escaped_slashes_action: KEEP_UNCHANGED",
                ],
            },
            credential: Cure {
                what: "It has to stand in the allowed_headers of the filter ext_authz:",
                lines: &["- {exact: authorization}"],
            },
            client: Cure {
                what: "It has to stand in the allowed_headers of the filter ext_authz; the script before it sets it:",
                lines: &["- {exact: x-forwarded-for}"],
            },
            identity: Cure {
                what: "The script before the question takes it away by this line, and the allowed_headers of the filter \
                   ext_authz must not name it:",
                lines: &["or name:find(\"^x%-auth%-\") or name:find(\"^x%-original%-\")"],
            },
            body: Cure {
                what: "The filter ext_authz must not have with_request_body.",
                lines: &[],
            },
        },
    }),
};
