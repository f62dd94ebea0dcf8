//! The rules of the side panel, as a table.

use crate::console::page::Tone;

/// Conditions, tone, and one sentence.
pub type Rule = (&'static str, Tone, &'static str);

const OFF: Rule = (
    "!rest_api_authentication_enabled",
    Tone::Plain,
    "Passes unjudged: Confluence alone decides.",
);

const UNJUDGED: &str =
    "Pass without being judged, where a public feature is ticked: Confluence alone decides.";

const BASIC_OBSERVED: &str = "Would be refused, passes for now: Confluence checks the password.";
const BASIC_OBSERVED_BUT: &str =
    "Would be refused, but for {exceptions}. Passes for now: Confluence checks the password.";

/// Of each kind of request, what can happen to it: the first one whose conditions hold.
pub const RULES: &[(&str, &[Rule])] = &[
    (
        "Bearer token of a provider",
        &[
            OFF,
            (
                "mode=observe has_provider",
                Tone::Warn,
                "Passes as ever when it is valid for an enabled provider. Any other would be refused, passes for now.",
            ),
            (
                "mode=observe",
                Tone::Warn,
                "Would be refused, passes for now: no enabled provider exists that could accept it.",
            ),
            (
                "has_provider",
                Tone::Good,
                "Passes when it is valid for an enabled provider, else 401.",
            ),
            (
                "",
                Tone::Bad,
                "401: no enabled provider exists that could accept it.",
            ),
        ],
    ),
    (
        "Basic (name and password)",
        &[
            (
                "!rest_api_authentication_enabled basic_authentication_disabled",
                Tone::Warn,
                "Passes all the same: disabling Basic takes effect only with REST API Authentication on.",
            ),
            OFF,
            (
                "basic_authentication_disabled mode=observe has_exceptions",
                Tone::Warn,
                BASIC_OBSERVED_BUT,
            ),
            (
                "basic_authentication_disabled basic_observed has_exceptions",
                Tone::Warn,
                BASIC_OBSERVED_BUT,
            ),
            (
                "basic_authentication_disabled mode=observe",
                Tone::Warn,
                BASIC_OBSERVED,
            ),
            (
                "basic_authentication_disabled basic_observed",
                Tone::Warn,
                BASIC_OBSERVED,
            ),
            (
                "basic_authentication_disabled !has_provider has_exceptions",
                Tone::Bad,
                "401, but for {exceptions}, and no enabled provider exists: other scripts are locked out of the REST \
                 API.",
            ),
            (
                "basic_authentication_disabled !has_provider",
                Tone::Bad,
                "401, and no enabled provider exists: scripts are locked out of the REST API.",
            ),
            (
                "basic_authentication_disabled has_exceptions",
                Tone::Good,
                "401, but for {exceptions}, before Confluence sees the password.",
            ),
            (
                "basic_authentication_disabled",
                Tone::Good,
                "401, before Confluence sees the password.",
            ),
            ("", Tone::Warn, "Passes: Confluence checks the password."),
        ],
    ),
    (
        "Browser session of Confluence",
        &[
            OFF,
            (
                "allow_browser_sessions",
                Tone::Plain,
                "Passes: Confluence checks the session.",
            ),
            (
                "mode=observe",
                Tone::Warn,
                "Would be refused, passes for now: Confluence checks the session.",
            ),
            (
                "",
                Tone::Bad,
                "401: Confluence's own pages that call the REST API stop working.",
            ),
        ],
    ),
    (
        "Atlassian personal access token",
        &[
            OFF,
            (
                "allow_atlassian_tokens",
                Tone::Warn,
                "Passes: Confluence checks the token.",
            ),
            (
                "mode=observe",
                Tone::Warn,
                "Would be refused, as any token of no enabled provider. Passes for now.",
            ),
            ("", Tone::Plain, "401, as any token of no enabled provider."),
        ],
    ),
    (
        "OAuth 1.0 (application links)",
        &[
            OFF,
            (
                "allow_oauth1",
                Tone::Plain,
                "Passes: Confluence checks the signature.",
            ),
            (
                "mode=observe",
                Tone::Warn,
                "Would be refused, passes for now: Confluence checks the signature.",
            ),
            ("", Tone::Bad, "401: application links stop working."),
        ],
    ),
    (
        "No credential",
        &[
            OFF,
            (
                "allow_anonymous",
                Tone::Warn,
                "Passes as anonymous, as far as Confluence lets it.",
            ),
            (
                "mode=observe",
                Tone::Warn,
                "Would be refused on protected paths, passes for now.",
            ),
            ("", Tone::Plain, "401 on protected paths; other pages pass."),
        ],
    ),
    (
        "Paths of a public feature",
        &[
            OFF,
            ("public_features.application_links", Tone::Warn, UNJUDGED),
            ("public_features.companion_app", Tone::Warn, UNJUDGED),
            ("public_features.mobile_app", Tone::Warn, UNJUDGED),
            ("public_features.user_directory", Tone::Warn, UNJUDGED),
            ("public_features.webdav", Tone::Warn, UNJUDGED),
            ("public_features.git", Tone::Warn, UNJUDGED),
            ("public_features.gadgets", Tone::Warn, UNJUDGED),
            (
                "",
                Tone::Plain,
                "Judged like all others: no public feature is ticked.",
            ),
        ],
    ),
];
