//! What a token's header and claims must say, before and beside its signature.

use serde_json::{Map, Value};

use super::token::{UnverifiedToken, numeric_date};
use super::{Audiences, ProviderRules, Reason, Refusal, Story};
use crate::settings::Algorithm;

/// Claims by name.
pub type Claims = Map<String, Value>;

/// The moment of a decision and how far clocks may differ.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Now, in Unix seconds.
    pub now: i64,
    /// The clock skew that is allowed, in seconds.
    pub skew: i64,
}

/// The header's rules (RFC 7515, section 4.1; RFC 8725, sections 3.1 and 3.11).
///
/// # Errors
/// The reason why the token can't be accepted whatever its signature is.
pub fn check_header(
    token: &UnverifiedToken<'_>,
    rules: &ProviderRules,
    story: &mut Story,
) -> Result<Algorithm, Refusal> {
    if token.header.contains_key("crit") {
        return Err(
            story.fail("Critical header", Reason::UnsupportedCriticalHeader, || {
                "The header has \"crit\": the token demands an extension that is not supported."
                    .into()
            }),
        );
    }
    let stated = token.header.get("alg").and_then(Value::as_str);
    let algorithm = stated
        .and_then(Algorithm::from_spelling)
        .filter(|algorithm| rules.algorithms.contains(algorithm))
        .ok_or_else(|| {
            story.fail("Algorithm", Reason::UnsupportedAlgorithm, || {
                let accepted: Vec<_> = rules.algorithms.iter().map(|one| one.as_str()).collect();
                let stated = stated.unwrap_or("none");
                format!(
                    "The token says \"{stated}\"; accepted: {}.",
                    accepted.join(", ")
                )
            })
        })?;
    story.pass("Algorithm", || algorithm.as_str().to_owned());
    if !is_access_token_type(token.header.get("typ")) {
        return Err(story.fail("Token type", Reason::WrongTokenType, || {
            let stated = token
                .header
                .get("typ")
                .map(Value::to_string)
                .unwrap_or_default();
            format!(
                "The header's \"typ\" is {stated}; an access token has none, \"JWT\" or \"at+jwt\"."
            )
        }));
    }
    Ok(algorithm)
}

fn is_access_token_type(typ: Option<&Value>) -> bool {
    let Some(typ) = typ else { return true };
    let Some(typ) = typ.as_str() else {
        return false;
    };
    let typ = typ.to_ascii_lowercase();
    matches!(
        typ.strip_prefix("application/").unwrap_or(&typ),
        "jwt" | "at+jwt"
    )
}

/// What kind of token the claims describe: no ID token, and nothing whose proof can't be seen here.
///
/// # Errors
/// [`Reason::SenderConstrained`] (RFC 7800, RFC 8705, RFC 9449) or [`Reason::WrongTokenType`].
pub fn check_kind(
    claims: &Claims,
    rules: &ProviderRules,
    story: &mut Story,
) -> Result<(), Refusal> {
    if has(claims, "cnf") {
        return Err(
            story.fail("Sender constraint", Reason::SenderConstrained, || {
                "The token is bound to a key (\"cnf\"), and the proof does not arrive here.".into()
            }),
        );
    }
    let seems_an_id_token = match rules.preset.access_token_marker {
        Some(marker) => !has(claims, marker),
        None => {
            ["at_hash", "c_hash", "nonce"]
                .iter()
                .any(|name| has(claims, name))
                && !["scope", "scp", "client_id"]
                    .iter()
                    .any(|name| has(claims, name))
        }
    };
    if seems_an_id_token {
        return Err(story.fail("Token type", Reason::WrongTokenType, || {
            match rules.preset.access_token_marker {
                Some(marker) => format!(
                    "The token has no \"{marker}\": it is an ID token. Ask for an access token, with \
                     a scope of your API."
                ),
                None => "The token looks like an ID token. Send the access token.".into(),
            }
        }));
    }
    story.pass("Token type", || "An access token.".into());
    Ok(())
}

/// `exp`, `nbf` and `iat` (RFC 7519, section 4.1), with the clock skew.
///
/// # Errors
/// [`Reason::MissingClaim`], [`Reason::Expired`] or [`Reason::NotYetValid`].
pub fn check_times(claims: &Claims, moment: Moment, story: &mut Story) -> Result<i64, Refusal> {
    let date = |name: &str| claims.get(name).and_then(numeric_date);
    let Some(expiry) = date("exp") else {
        return Err(story.fail("Times", Reason::MissingClaim, || {
            "The token has no \"exp\".".into()
        }));
    };
    if moment.now >= expiry.saturating_add(moment.skew) {
        return Err(story.fail("Times", Reason::Expired, || {
            format!("It expired {} seconds ago.", moment.now - expiry)
        }));
    }
    for name in ["nbf", "iat"] {
        let early = date(name).map_or(0, |start| start - (moment.now + moment.skew));
        if early > 0 {
            return Err(story.fail("Times", Reason::NotYetValid, || {
                format!(
                    "Its \"{name}\" lies {} seconds in the future.",
                    early + moment.skew
                )
            }));
        }
    }
    story.pass("Times", || {
        format!("Valid for another {} seconds.", expiry - moment.now)
    });
    Ok(expiry)
}

/// Audience, client and policy: whether the token was issued for us.
///
/// # Errors
/// [`Reason::MissingClaim`], [`Reason::WrongAudience`], [`Reason::WrongClient`] or
/// [`Reason::WrongPolicy`].
pub fn check_recipient(
    claims: &Claims,
    rules: &ProviderRules,
    story: &mut Story,
) -> Result<(), Refusal> {
    check_audience(claims, rules, story)?;
    check_client(claims, rules, story)?;
    check_policy(claims, rules, story)
}

/// `aud` (RFC 7519, section 4.1.3).
///
/// # Errors
/// [`Reason::MissingClaim`] or [`Reason::WrongAudience`].
pub fn check_audience(
    claims: &Claims,
    rules: &ProviderRules,
    story: &mut Story,
) -> Result<(), Refusal> {
    if !has(claims, "aud") {
        let missing = || "The token has no \"aud\".".into();
        return Err(story.fail("Audience", Reason::MissingClaim, missing));
    }
    let accepted = match &rules.audiences {
        Audiences::Any => true,
        Audiences::OneOf(accepted) => {
            audiences(claims).any(|audience| accepted.iter().any(|one| one == audience))
        }
    };
    let stated = || audiences(claims).collect::<Vec<_>>().join(", ");
    if !accepted {
        return Err(story.fail("Audience", Reason::WrongAudience, || {
            format!(
                "The token is for \"{}\", which is not among the accepted audiences.",
                stated()
            )
        }));
    }
    story.pass("Audience", stated);
    Ok(())
}

/// The values of `aud`, which is a string or a list of strings.
pub fn audiences(claims: &Claims) -> impl Iterator<Item = &str> {
    let (one, many) = match claims.get("aud") {
        Some(Value::String(one)) => (Some(one.as_str()), None),
        Some(Value::Array(many)) => (None, Some(many)),
        _ => (None, None),
    };
    one.into_iter()
        .chain(many.into_iter().flatten().filter_map(Value::as_str))
}

/// The claims that name the client a token was issued to, in the spellings of the providers.
const CLIENT_CLAIMS: [&str; 4] = ["azp", "appid", "cid", "client_id"];

/// The clients that the token names; normally one.
pub fn clients(claims: &Claims) -> impl Iterator<Item = &str> {
    CLIENT_CLAIMS
        .iter()
        .filter_map(|name| claims.get(*name)?.as_str())
}

/// The client that the token was issued to.
///
/// # Errors
/// [`Reason::WrongClient`].
pub fn check_client(
    claims: &Claims,
    rules: &ProviderRules,
    story: &mut Story,
) -> Result<(), Refusal> {
    if rules.authorized_clients.is_empty() {
        return Ok(());
    }
    let mut stated = clients(claims).peekable();
    let accepted = stated.peek().is_some()
        && stated.all(|client| rules.authorized_clients.iter().any(|one| one == client));
    let names = || clients(claims).collect::<Vec<_>>().join(", ");
    if !accepted {
        return Err(story.fail("Client", Reason::WrongClient, || {
            format!(
                "The token was issued to \"{}\", which is not an authorized client.",
                names()
            )
        }));
    }
    story.pass("Client", names);
    Ok(())
}

/// The policy that the token was issued under, where it names one.
///
/// # Errors
/// [`Reason::WrongPolicy`].
pub fn check_policy(
    claims: &Claims,
    rules: &ProviderRules,
    story: &mut Story,
) -> Result<(), Refusal> {
    let Some(policy) = &rules.policy else {
        return Ok(());
    };
    for name in rules.preset.policy_claims {
        let Some(stated) = claims.get(*name).filter(|value| !value.is_null()) else {
            continue;
        };
        if !stated
            .as_str()
            .is_some_and(|stated| stated.eq_ignore_ascii_case(policy))
        {
            return Err(story.fail("Policy", Reason::WrongPolicy, || {
                format!("\"{name}\" is {stated}; expected \"{policy}\".")
            }));
        }
        story.pass("Policy", || policy.clone());
    }
    Ok(())
}

/// Whether a claim is there; `null` counts as absent.
#[must_use]
pub fn has(claims: &Claims, name: &str) -> bool {
    claims.get(name).is_some_and(|value| !value.is_null())
}
