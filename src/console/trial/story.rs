//! From a trial of the gate to its story in words.

use serde_json::Value;
use time::OffsetDateTime;

use super::lab::Chosen;
use super::page::{Check, Claim, Fitness, Story};
use super::preview;
use crate::console::form::Typed;
use crate::console::page::{Moment, Tone};
use crate::decision::claims::{self, Claims};
use crate::decision::{Reason, Refusal};
use crate::gate::{Snapshot, Trial};
use crate::settings::{AttributePath, Provider, Stability, TokenValidation};

/// Claims about the token itself, which say nothing about a user.
const PROTOCOL: &[&str] = &[
    "iss",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "ver",
    "tfp",
    "acr",
    "amr",
    "azp",
    "appid",
    "scp",
    "scope",
    "nonce",
    "auth_time",
    "typ",
    "tid",
    "idp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "uti",
    "rh",
    "client_id",
    "token_use",
];
const TIMES: &[&str] = &["exp", "iat", "nbf", "auth_time", "updated_at"];

/// The story of a trial under a snapshot; what was typed is for the preview.
pub fn tell(trial: Trial, snapshot: &Snapshot, typed: &Typed) -> Story {
    let judge = trial.told.provider.as_deref();
    let provider = judge.and_then(|id| snapshot.stored.settings.provider(id));
    let refusal = trial.outcome.as_ref().err();
    let is_wrong_audience = refusal.is_some_and(|refusal| refusal.reason == Reason::WrongAudience)
        && provider.is_some();
    let audiences = trial.claims.as_ref().filter(|_| is_wrong_audience);
    // One that the vendor gives to every application must not be offered: it would let all in.
    let foreign = provider
        .map(|provider| provider.preset.foreign_audiences)
        .unwrap_or_default();
    let is_foreign = |audience: &&str| foreign.iter().any(|(name, _)| name == audience);
    let audiences = audiences.map(|claims| {
        let offered = claims::audiences(claims).filter(|audience| !is_foreign(audience));
        offered.map(ToOwned::to_owned).collect()
    });
    let claims = trial.told.attributes.as_ref().or(trial.claims.as_ref());
    Story {
        tone: if refusal.is_some() {
            Tone::Bad
        } else {
            Tone::Good
        },
        verdict: verdict(&trial),
        explanations: explanations(&trial, snapshot),
        audiences: audiences.unwrap_or_default(),
        claims_note: claims_note(&trial, provider),
        claims: claims
            .map(|claims| all_claims(claims, provider))
            .unwrap_or_default(),
        token_claims: beside(&trial),
        preview: judge
            .and_then(|id| Chosen::find(snapshot, id))
            .and_then(|judge| preview::of(&trial, judge, typed)),
        provider: provider.map(|provider| provider.id.clone()),
        checks: trial
            .told
            .steps
            .into_iter()
            .map(|step| Check {
                name: step.check,
                passed: step.passed,
                detail: step.detail,
            })
            .collect(),
    }
}

fn verdict(trial: &Trial) -> String {
    match &trial.outcome {
        Ok(allowed) => match &allowed.principal {
            Some(principal) => format!("This token passes, as {}", principal.username),
            None => "This token passes".to_owned(),
        },
        Err(Refusal { reason, .. }) => {
            format!(
                "This token is refused: {} {}",
                reason.status(),
                reason.code()
            )
        }
    }
}

fn explanations(trial: &Trial, snapshot: &Snapshot) -> Vec<String> {
    let mut sentences = Vec::new();
    match &trial.outcome {
        Ok(allowed) => {
            let principal = allowed.principal.as_ref();
            sentences.extend(
                principal.map(|one| format!("The provider \"{}\" vouches for it.", one.provider)),
            );
            let groups = principal
                .map(|one| one.groups.join(", "))
                .filter(|groups| !groups.is_empty());
            sentences.extend(groups.map(|groups| format!("Groups: {groups}.")));
        }
        Err(refusal) => sentences.push(refusal.reason.sentence().to_owned()),
    }
    if !snapshot
        .stored
        .settings
        .global
        .rest_api_authentication_enabled
    {
        sentences.push(
            "REST API authentication is off: until it is on, every request passes and Confluence alone decides."
                .to_owned(),
        );
    }
    sentences
}

fn claims_note(trial: &Trial, provider: Option<&Provider>) -> &'static str {
    let method = provider.map(|provider| provider.token_validation);
    match (&trial.outcome, &trial.told.attributes) {
        (_, Some(_)) if method == Some(TokenValidation::Introspection) => {
            "The answer of the provider's introspection endpoint."
        }
        (_, Some(_)) => "The answer of the provider's userinfo endpoint.",
        (Ok(_), None) => "Read from the token, whose signature is good.",
        (Err(_), None) => "Read from the token, which was refused: believe none of it.",
    }
}

/// The token's own claims, where the provider's answer stands in their place.
fn beside(trial: &Trial) -> Vec<Claim> {
    let claims = trial.claims.as_ref();
    let claims = claims.filter(|_| trial.told.attributes.is_some());
    claims
        .map(|claims| all_claims(claims, None))
        .unwrap_or_default()
}

/// Every claim; of a list or an object each member on its own, since a username attribute can name it.
fn all_claims(claims: &Claims, provider: Option<&Provider>) -> Vec<Claim> {
    let mut rows = Vec::new();
    for (name, value) in claims {
        match value {
            Value::Array(items) if !items.is_empty() && !PROTOCOL.contains(&name.as_str()) => {
                let items = items.iter().enumerate();
                rows.extend(items.map(|(at, item)| row(format!("{name}[{at}]"), item, provider)));
            }
            Value::Object(members) if !members.is_empty() => {
                let members = members.iter();
                rows.extend(
                    members.map(|(key, item)| row(format!("{name}.{key}"), item, provider)),
                );
            }
            value => rows.push(row(name.clone(), value, provider)),
        }
    }
    rows
}

fn row(name: String, value: &Value, provider: Option<&Provider>) -> Claim {
    let base = name.split('[').next().unwrap_or(&name);
    let is_protocol = PROTOCOL.contains(&base);
    let can_hold_a_name = !is_protocol && (value.is_string() || value.is_i64() || value.is_u64());
    let is_current = provider.is_some_and(|provider| is_attribute_of(provider, &name));
    let fitness = stability(provider, &name, base)
        .filter(|_| can_hold_a_name)
        .map(fitness);
    Claim {
        value: value
            .as_str()
            .map_or_else(|| value.to_string(), ToOwned::to_owned),
        moment: TIMES.contains(&base).then(|| moment(value)).flatten(),
        fitness,
        is_current,
        can_be_used: can_hold_a_name && provider.is_some() && AttributePath::parse(&name).is_ok(),
        name,
    }
}

fn is_attribute_of(provider: &Provider, name: &str) -> bool {
    let attribute = provider.username_attribute.as_str();
    attribute == name || provider.preset.other_spelling(attribute) == Some(name)
}

fn stability(provider: Option<&Provider>, name: &str, base: &str) -> Option<Stability> {
    let mut recommended = provider
        .into_iter()
        .flat_map(|provider| provider.preset.recommendations);
    let recommended = recommended.find(|recommended| recommended.attribute == name);
    recommended
        .map(|one| one.stability)
        .or_else(|| Stability::of_claim(base))
}

fn fitness(stability: Stability) -> Fitness {
    let (tone, label) = match stability {
        Stability::Stable => (Tone::Good, "Stable"),
        Stability::Reassignable => (Tone::Warn, "May be reassigned"),
        Stability::Unprotected => (Tone::Bad, "Not protected"),
    };
    Fitness {
        tone,
        label,
        explanation: stability.explanation(),
    }
}

fn moment(value: &Value) -> Option<Moment> {
    let seconds = value.as_i64()?;
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .map(|_| Moment(seconds))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(claims: &Value) -> Vec<Claim> {
        all_claims(claims.as_object().expect("an object"), None)
    }

    #[test]
    fn claims_that_can_be_a_username_are_marked_by_how_safe_they_are() {
        let claims = json!({
            "oid": "1", "emails": ["a@example.com"], "given_name": "Alice", "scp": "read",
            "exp": 1_790_000_000, "address": {"locality": "Bern"}, "admin": true,
        });
        let rows = rows(&claims);
        let label = |name: &str| {
            let row = rows.iter().find(|row| row.name == name).expect(name);
            row.fitness.as_ref().map(|fitness| fitness.label)
        };
        assert_eq!(label("oid"), Some("Stable"));
        assert_eq!(label("emails[0]"), Some("May be reassigned"));
        assert_eq!(label("given_name"), Some("Not protected"));
        for other in ["scp", "exp", "address.locality", "admin"] {
            assert_eq!(label(other), None, "{other}");
        }
        let expiry = rows.iter().find(|row| row.name == "exp").expect("exp");
        assert_eq!(expiry.moment, Some(Moment(1_790_000_000)));
        assert!(
            rows.iter().all(|row| !row.can_be_used),
            "without a provider nothing can be set"
        );
    }
}
