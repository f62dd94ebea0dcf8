//! What happens to each kind of request, in words, by the switches as they stand.
//!
//! The rules are written once, here: the page holds every outcome with its conditions, and the
//! script of the side panel evaluates the same conditions as the switches are moved.

use crate::console::page::Tone;
use crate::settings::Settings;

/// A kind of request with everything that can happen to it.
#[derive(Clone, Debug)]
pub struct Consequence {
    /// The kind of request.
    pub request: &'static str,
    /// The first one that holds is shown.
    pub outcomes: Vec<Outcome>,
}

/// What happens under some conditions.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Names of switches and facts that must hold, `!` for "not", separated by blanks.
    pub when: &'static str,
    /// One sentence.
    pub text: &'static str,
    /// Amber for what weakens the gate, red for what locks people out.
    pub tone: Tone,
    /// Whether this is the one that holds now.
    pub holds: bool,
}

/// A fact that is no switch: an enabled provider exists.
const HAS_PROVIDER: &str = "has_provider";

type Rule = (&'static str, Tone, &'static str);

const OFF: Rule = (
    "!rest_api_authentication_enabled",
    Tone::Plain,
    "Passes unjudged: Confluence alone decides.",
);

const UNJUDGED: &str =
    "Pass without being judged, where a public feature is ticked: Confluence alone decides.";

const RULES: &[(&str, &[Rule])] = &[
    (
        "Bearer token of a provider",
        &[
            OFF,
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
                "basic_authentication_disabled !has_provider",
                Tone::Bad,
                "401, and no enabled provider exists: scripts are locked out of the REST API.",
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

/// Facts that conditions may name beside the switches.
pub fn facts(settings: &Settings) -> &'static str {
    let has_provider = settings.providers.iter().any(|provider| provider.enabled);
    if has_provider { HAS_PROVIDER } else { "" }
}

/// Every kind of request, with the outcome that holds for these settings of the gate.
///
/// `is_on` tells whether a switch or fact holds.
pub fn consequences(is_on: impl Fn(&str) -> bool) -> Vec<Consequence> {
    let holds = |when: &str| {
        when.split_whitespace()
            .all(|condition| match condition.strip_prefix('!') {
                Some(name) => !is_on(name),
                None => is_on(condition),
            })
    };
    let consequence = |(request, rules): &(&'static str, &[Rule])| {
        let first = rules.iter().position(|(when, ..)| holds(when));
        let outcomes = rules
            .iter()
            .enumerate()
            .map(|(index, &(when, tone, text))| Outcome {
                when,
                text,
                tone,
                holds: Some(index) == first,
            });
        Consequence {
            request,
            outcomes: outcomes.collect(),
        }
    };
    RULES.iter().map(consequence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::form::Kind;
    use crate::console::global::controls;

    fn shown(request: &str, on: &[&str]) -> (Tone, &'static str) {
        let all = consequences(|name| on.contains(&name));
        let kind = all
            .iter()
            .find(|kind| kind.request.starts_with(request))
            .expect(request);
        let held: Vec<_> = kind
            .outcomes
            .iter()
            .filter(|outcome| outcome.holds)
            .collect();
        assert_eq!(
            held.len(),
            1,
            "exactly one outcome of {request} holds for {on:?}"
        );
        (held[0].tone, held[0].text)
    }

    const ON: &str = "rest_api_authentication_enabled";
    const BASIC_OFF: &str = "basic_authentication_disabled";

    #[test]
    fn words_follow_the_switches() {
        let cases: &[(&str, &[&str], Tone, &str)] = &[
            ("Bearer", &[], Tone::Plain, "Passes unjudged"),
            ("Bearer", &[ON], Tone::Bad, "401: no enabled"),
            ("Bearer", &[ON, "has_provider"], Tone::Good, "Passes when"),
            ("Basic", &[], Tone::Plain, "Passes unjudged"),
            ("Basic", &[BASIC_OFF], Tone::Warn, "Passes all the same"),
            ("Basic", &[ON], Tone::Warn, "Passes: Confluence"),
            ("Basic", &[ON, BASIC_OFF], Tone::Bad, "401, and no enabled"),
            (
                "Basic",
                &[ON, BASIC_OFF, "has_provider"],
                Tone::Good,
                "401, before",
            ),
            ("Browser", &[ON], Tone::Bad, "401"),
            (
                "Browser",
                &[ON, "allow_browser_sessions"],
                Tone::Plain,
                "Passes",
            ),
            ("Atlassian", &[ON], Tone::Plain, "401"),
            ("OAuth 1.0", &[ON, "allow_oauth1"], Tone::Plain, "Passes"),
            ("No credential", &[ON], Tone::Plain, "401"),
            (
                "No credential",
                &[ON, "allow_anonymous"],
                Tone::Warn,
                "Passes as anonymous",
            ),
            ("Paths", &[ON], Tone::Plain, "Judged"),
            (
                "Paths",
                &["public_features.git"],
                Tone::Plain,
                "Passes unjudged",
            ),
            (
                "Paths",
                &[ON, "public_features.git"],
                Tone::Warn,
                "Pass without",
            ),
            (
                "Paths",
                &[ON, "public_features.webdav"],
                Tone::Warn,
                "Pass without",
            ),
        ];
        for (request, on, tone, text) in cases {
            let (shown_tone, shown_text) = shown(request, on);
            assert!(
                shown_text.starts_with(text),
                "{request} {on:?}: {shown_text}"
            );
            assert_eq!(shown_tone, *tone, "{request} {on:?}");
        }
    }

    #[test]
    fn conditions_name_switches_that_the_page_has() {
        let flags: Vec<_> = controls()
            .into_iter()
            .filter(|spec| matches!(spec.kind, Kind::Switch { is_flag: true, .. }))
            .map(|spec| spec.name)
            .chain([HAS_PROVIDER.to_owned()])
            .collect();
        for (_, rules) in RULES {
            for condition in rules.iter().flat_map(|(when, ..)| when.split_whitespace()) {
                assert!(
                    flags
                        .iter()
                        .any(|flag| flag == condition.trim_start_matches('!')),
                    "{condition}"
                );
            }
        }
    }
}
