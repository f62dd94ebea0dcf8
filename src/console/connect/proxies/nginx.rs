//! nginx, by `auth_request`.

use super::{Asks, Cure, Cures, File, Proxy, Replacement};
use crate::gate::Family;

/// nginx.
pub const NGINX: Proxy = Proxy {
    id: "nginx",
    name: "nginx",
    files: &[File {
        name: "bearergate.conf",
        text: include_str!("../../../../deploy/nginx/bearergate.conf"),
        replacements: &[
            Replacement {
                shipped: "    server 127.0.0.1:8081;",
                filled: "    server {gate};",
            },
            Replacement {
                shipped: "    server 127.0.0.1:8090;",
                filled: "    server {confluence};",
            },
            Replacement {
                shipped: "server_name confluence.example.com;",
                filled: "server_name {host};",
            },
        ],
    }],
    install: "Save the file as /etc/nginx/conf.d/bearergate.conf, and add your certificate to its listen line.",
    reload: "nginx -t && nginx -s reload",
    asks: Some(Asks {
        family: Family::AuthRequest,
        without_identity_headers: false,
        cures: Cures {
            endpoint: Cure {
                what: "nginx describes the request in X-Original-… headers, so it has to ask this path, in the \
                   server and as the name of the location:",
                lines: &[
                    "auth_request /validate/auth-request;",
                    "location = /validate/auth-request {",
                ],
            },
            original: Cure {
                what: "The location of the question needs these lines, each once:",
                lines: &[
                    "proxy_set_header X-Original-Method $request_method;",
                    "proxy_set_header X-Original-URI $request_uri;",
                ],
            },
            credential: Cure {
                what: "nginx passes it on by itself: the location of the question must have neither a \
                   proxy_set_header for Authorization, also not one that it inherits from the server, nor \
                   proxy_pass_request_headers off. A location with proxy_set_header lines of its own, such as \
                   this one, inherits none:",
                lines: &["proxy_set_header X-Original-Method $request_method;"],
            },
            client: Cure {
                what: "The location of the question needs this line:",
                lines: &["proxy_set_header X-Forwarded-For $remote_addr;"],
            },
            identity: Cure {
                what: "Such headers have no effect here. Towards Confluence, these lines, and those for the other headers, \
                   overwrite them:",
                lines: &[
                    "auth_request_set $bearergate_username $upstream_http_x_auth_username;",
                    "proxy_set_header X-Auth-Username $bearergate_username;",
                ],
            },
            body: Cure {
                what: "The location of the question needs both of these lines:",
                lines: &[
                    "proxy_pass_request_body off;",
                    "proxy_set_header Content-Length \"\";",
                ],
            },
        },
    }),
};
