//! The settings of the gate as a whole, as the form shows them.

use crate::console::form::{Kind, Spec};

/// A switch that the side panel follows.
const FLAG: Kind = Kind::Switch {
    is_major: false,
    is_flag: true,
};
/// One of the plugin's two.
const MAJOR: Kind = Kind::Switch {
    is_major: true,
    is_flag: true,
};

/// Every setting under `global`.
pub fn specs() -> Vec<Spec> {
    let alone = vec![basic_observed(), mode()];
    [main_switches(), alone, other_credentials(), advanced()].concat()
}

/// The plugin's two switches.
pub fn main_switches() -> Vec<Spec> {
    vec![
        Spec::new(
            "rest_api_authentication_enabled",
            "Enable REST API Authentication",
            MAJOR,
            "On: calls to protected paths need a credential that the rules here accept. \
             Off: every request passes, and Confluence alone decides.",
        ),
        Spec::new(
            "basic_authentication_disabled",
            "Disable Basic Authentication",
            MAJOR,
            "Refuses name and password in REST calls, before Confluence sees them.",
        ),
    ]
}

/// What goes with the second one.
pub fn basic_observed() -> Spec {
    Spec::new(
        "basic_observed",
        "Only observe",
        FLAG,
        "Calls with name and password still pass, and are recorded as what would be refused.",
    )
}

/// Whether refusals are put in force.
pub fn mode() -> Spec {
    let choices = vec![
        ("enforce", "Enforce", "What the rules refuse is refused."),
        (
            "observe",
            "Observe",
            "Nothing is refused. What the rules would refuse passes with the client's own credential, and is \
             recorded.",
        ),
    ];
    Spec::new(
        "mode",
        "Mode",
        Kind::Radio(choices),
        "Observe first, and see who would be refused before anybody is.",
    )
}

/// What else may open the gate.
pub fn other_credentials() -> Vec<Spec> {
    vec![
        Spec::new(
            "allow_browser_sessions",
            "Allow browser sessions",
            FLAG,
            "Requests with a session cookie of Confluence pass, and Confluence checks the session. \
             Its own pages call the REST API this way.",
        ),
        Spec::new(
            "allow_atlassian_tokens",
            "Allow Atlassian personal access tokens",
            FLAG,
            "Bearer tokens with the shape of a personal access token pass, and Confluence checks them.",
        ),
        Spec::new(
            "allow_oauth1",
            "Allow OAuth 1.0 (application links)",
            FLAG,
            "Application links between Atlassian products sign their calls with OAuth 1.0a.",
        ),
        Spec::new(
            "allow_anonymous",
            "Allow anonymous requests",
            FLAG,
            "Requests without any credential pass as anonymous, as far as Confluence lets them.",
        ),
    ]
}

/// What is rarely changed.
pub fn advanced() -> Vec<Spec> {
    vec![
        Spec::new(
            "protected_paths",
            "Protected paths",
            Kind::Lines,
            "One a line; each covers whole segments and all below, upper and lower case alike.",
        ),
        Spec::new(
            "public_paths",
            "Public paths",
            Kind::Lines,
            "One a line; requests under these pass without being judged. Upper and lower case differ.",
        ),
        Spec::new(
            "context_path",
            "Context path",
            Kind::ContextPath,
            "Where Confluence is deployed: /confluence, or / for the root. Empty means unknown: \
             protected paths are then looked for behind one leading segment too.",
        ),
        Spec::new(
            "session_cookie_names",
            "Session cookie names",
            Kind::Lines,
            "One a line; the cookies that make a request a browser's.",
        ),
        Spec::new(
            "clock_skew_seconds",
            "Clock skew",
            Kind::Number { unit: "seconds" },
            "How far the clocks of a provider and of this machine may differ.",
        ),
        Spec::new(
            "confluence_url",
            "Confluence URL",
            Kind::Optional {
                example: "http://127.0.0.1:8090/confluence",
            },
            "Where your proxy reaches Confluence, context path included. \"Test\" under Confluence \
             access, and nothing else, sends a stored credential there.",
        ),
        Spec::new(
            "activity_retention_days",
            "Keep activity",
            Kind::Number { unit: "days" },
            "How long the counts and events of decisions are kept.",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::settings::Settings;

    #[test]
    fn every_setting_of_the_gate_has_its_field_and_no_other_but_the_exceptions() {
        let document = Settings::default().export();
        let keys: BTreeSet<_> = document["global"]
            .as_object()
            .expect("an object")
            .keys()
            .filter(|key| *key != "basic_exceptions")
            .cloned()
            .collect();
        let names: BTreeSet<_> = specs().iter().map(|spec| spec.name.clone()).collect();
        assert_eq!(names, keys);
    }
}
