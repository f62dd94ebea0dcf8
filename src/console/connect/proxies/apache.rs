//! Apache, by `mod_oauth2`: a virtual host for API clients.

use super::{File, Proxy, Replacement};

/// Apache.
pub const APACHE: Proxy = Proxy {
    id: "apache",
    name: "Apache",
    files: &[
        File {
            name: "bearergate.conf",
            text: include_str!("../../../../deploy/apache/bearergate.conf"),
            replacements: &[
                Replacement {
                    shipped: "ServerName confluence-api.example.com",
                    filled: "ServerName {host}",
                },
                Replacement {
                    shipped: "ProxyPass \"/\" \"http://127.0.0.1:8090/\"",
                    filled: "ProxyPass \"/\" \"http://{confluence}/\"",
                },
                Replacement {
                    shipped: "ProxyPassReverse \"/\" \"http://127.0.0.1:8090/\"",
                    filled: "ProxyPassReverse \"/\" \"http://{confluence}/\"",
                },
            ],
        },
        File {
            name: "bearergate-key.conf",
            text: include_str!("../../../../deploy/apache/bearergate-key.conf.example"),
            replacements: &[Replacement {
                shipped: "http://127.0.0.1:8081/introspect",
                filled: "http://{gate}/introspect",
            }],
        },
    ],
    install: "Save bearergate.conf among Apache's sites, and bearergate-key.conf in /etc/apache2, readable by root \
              alone, with a key of the tab API keys in place of API-KEY. The host is one for calls with a token \
              alone: browsers need another.",
    reload: "apachectl configtest && apachectl graceful",
    asks: None,
};
