use super::*;
use crate::console::form::{Kind, Spec};
use crate::console::global::controls;

fn shown(request: &str, on: &[&str]) -> (Tone, String) {
    let facts = Facts {
        has_provider: on.contains(&HAS_PROVIDER),
        exceptions: if on.contains(&HAS_EXCEPTIONS) { 2 } else { 0 },
    };
    let all = consequences(facts, |name| on.contains(&name));
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
    (held[0].tone, held[0].text.clone())
}

const ON: &str = "rest_api_authentication_enabled";
const BASIC_OFF: &str = "basic_authentication_disabled";
const OBSERVE: &str = "mode=observe";

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
    said(cases);
}

fn said(cases: &[(&str, &[&str], Tone, &str)]) {
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
fn what_is_only_observed_is_not_called_refused() {
    said(&[
        ("Bearer", &[OBSERVE], Tone::Plain, "Passes unjudged"),
        ("Bearer", &[ON, OBSERVE], Tone::Warn, "Would be refused"),
        (
            "Bearer",
            &[ON, OBSERVE, HAS_PROVIDER],
            Tone::Warn,
            "Passes as ever when it is valid",
        ),
        ("Basic", &[ON, OBSERVE], Tone::Warn, "Passes: Confluence"),
        (
            "Basic",
            &[ON, BASIC_OFF, OBSERVE],
            Tone::Warn,
            "Would be refused, passes",
        ),
        (
            "Basic",
            &[ON, BASIC_OFF, "basic_observed"],
            Tone::Warn,
            "Would be refused, passes",
        ),
        ("Basic", &[ON, "basic_observed"], Tone::Warn, "Passes: C"),
        ("Browser", &[ON, OBSERVE], Tone::Warn, "Would be refused"),
        ("Browser", &[ON, "basic_observed"], Tone::Bad, "401"),
        ("Atlassian", &[ON, OBSERVE], Tone::Warn, "Would be refused"),
        ("OAuth 1.0", &[ON, OBSERVE], Tone::Warn, "Would be refused"),
        (
            "No credential",
            &[ON, OBSERVE],
            Tone::Warn,
            "Would be refused",
        ),
    ]);
}

#[test]
fn exceptions_are_counted() {
    const OFF: [&str; 3] = [ON, BASIC_OFF, HAS_EXCEPTIONS];
    let with = |more: &'static str| [OFF.as_slice(), &[more]].concat();
    said(&[
        (
            "Basic",
            &with(HAS_PROVIDER),
            Tone::Good,
            "401, but for 2 exceptions, before",
        ),
        (
            "Basic",
            &OFF,
            Tone::Bad,
            "401, but for 2 exceptions, and no enabled provider",
        ),
        (
            "Basic",
            &with(OBSERVE),
            Tone::Warn,
            "Would be refused, but for 2 exceptions. Passes for now",
        ),
        (
            "Basic",
            &with("basic_observed"),
            Tone::Warn,
            "Would be refused, but for 2 exceptions. Passes for now",
        ),
        (
            "Basic",
            &[ON, HAS_EXCEPTIONS],
            Tone::Warn,
            "Passes: Confluence",
        ),
    ]);
}

#[test]
fn an_exception_that_has_ended_is_none() {
    let exception = |ends_on| crate::settings::BasicException {
        id: "jenkins".to_owned(),
        users: vec!["svc-jenkins".to_owned()],
        paths: Vec::new(),
        networks: Vec::new(),
        owner: "Build team".to_owned(),
        reason: "No OAuth yet".to_owned(),
        ends_on,
    };
    let mut settings = Settings::default();
    settings.global.basic_exceptions = vec![
        exception(time::macros::date!(2020 - 01 - 31)),
        exception(time::macros::date!(2999 - 01 - 31)),
    ];
    let facts = Facts::of(&settings);
    assert_eq!(facts.exceptions_in_words(), "1 exception");
}

#[test]
fn conditions_name_switches_that_the_page_has() {
    let flags_of = |spec: Spec| match spec.kind {
        Kind::Switch { is_flag: true, .. } => vec![spec.name],
        Kind::Radio(choices) => {
            let choices = choices.iter();
            choices
                .map(|(value, ..)| format!("{}={value}", spec.name))
                .collect()
        }
        _ => Vec::new(),
    };
    let facts = [HAS_PROVIDER, HAS_EXCEPTIONS].map(str::to_owned);
    let flags: Vec<_> = controls()
        .into_iter()
        .flat_map(flags_of)
        .chain(facts)
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
