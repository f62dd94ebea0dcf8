//! What a token's header and claims must say, before and beside its signature.

use serde_json::{Map, Value};

use super::token::{UnverifiedToken, numeric_date};
use super::{ProviderRules, Reason, Refusal, Story, Validity};
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

/// That no proof is needed which can't be seen here (RFC 7800, RFC 8705, RFC 9449).
///
/// # Errors
/// [`Reason::SenderConstrained`].
pub fn check_sender(claims: &Claims, story: &mut Story) -> Result<(), Refusal> {
    if has(claims, "cnf") {
        return Err(
            story.fail("Sender constraint", Reason::SenderConstrained, || {
                "The token is bound to a key (\"cnf\"), and the proof does not arrive here.".into()
            }),
        );
    }
    Ok(())
}

/// What kind of token the claims describe: no ID token, and nothing whose proof can't be seen here.
///
/// # Errors
/// [`Reason::SenderConstrained`] or [`Reason::WrongTokenType`].
pub fn check_kind(
    claims: &Claims,
    rules: &ProviderRules,
    story: &mut Story,
) -> Result<(), Refusal> {
    check_sender(claims, story)?;
    let marks = rules.preset.access_token_marks;
    let is_access_token = if marks.is_empty() {
        !["at_hash", "c_hash", "nonce"]
            .iter()
            .any(|name| has(claims, name))
            || ["scope", "scp", "client_id"]
                .iter()
                .any(|name| has(claims, name))
    } else {
        marks.iter().any(|mark| mark.is_on(claims))
    };
    if !is_access_token {
        return Err(story.fail("Token type", Reason::WrongTokenType, || {
            let names: Vec<_> = marks.iter().map(|mark| mark.claim).collect();
            if names.is_empty() {
                return "The token looks like an ID token. Send the access token.".into();
            }
            format!(
                "The token has no \"{}\" of an access token: it is an ID token. Ask for an access \
                 token, with a scope of your API.",
                names.join("\" or \"")
            )
        }));
    }
    story.pass("Token type", || "An access token.".into());
    Ok(())
}

/// When a token of these claims is good, as [`check_times`] judges: `exp`, `nbf` and `iat` (RFC 7519, section 4.1).
/// None without `exp`.
#[must_use]
pub fn validity(claims: &Claims, skew: i64) -> Option<Validity> {
    let date = |name: &str| claims.get(name).and_then(numeric_date);
    let starts = ["nbf", "iat"].into_iter().filter_map(date);
    Some(Validity {
        from: starts
            .max()
            .map_or(i64::MIN, |start| start.saturating_sub(skew)),
        until: date("exp")?.saturating_add(skew),
    })
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
    let names = rules.preset.audience_claims;
    let Some(claim) = names
        .iter()
        .find_map(|name| claims.get(*name).filter(|one| !one.is_null()))
    else {
        return Err(story.fail("Audience", Reason::MissingClaim, || {
            format!("The token has no \"{}\".", names.join("\" and no \""))
        }));
    };
    let stated = || texts(claim).collect::<Vec<_>>().join(", ");
    if !rules.audiences.accept(texts(claim)) {
        return Err(story.fail("Audience", Reason::WrongAudience, || {
            let foreign = rules.preset.foreign_audiences.iter();
            let known = foreign
                .clone()
                .find(|(name, _)| texts(claim).any(|one| one == *name));
            let advice = known.map_or("It is not among the accepted audiences.", |(_, text)| text);
            format!("The token is for \"{}\". {advice}", stated())
        }));
    }
    story.pass("Audience", stated);
    Ok(())
}

/// The values of `aud`, which is a string or a list of strings.
pub fn audiences(claims: &Claims) -> impl Iterator<Item = &str> {
    claims.get("aud").into_iter().flat_map(texts)
}

/// A text, or the texts of a list.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let (one, many) = match value {
        Value::String(one) => (Some(one.as_str()), None),
        Value::Array(many) => (None, Some(many)),
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
