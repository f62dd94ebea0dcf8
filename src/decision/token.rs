//! Reads a token strictly, without believing a word of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::Reason;
use crate::json;

/// The longest token that is read, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;

/// What a token looks like.
#[derive(Debug)]
pub enum Shape<'a> {
    /// Three parts that hold what a JWT holds (RFC 7519).
    Jwt(UnverifiedToken<'a>),
    /// Anything else that only its provider can read, and why it is no JWT.
    Opaque(Reason),
}

/// A JWT that was read but not verified: good for finding the provider that can verify it.
#[derive(Debug)]
pub struct UnverifiedToken<'a> {
    /// The JOSE header (RFC 7515, section 4).
    pub header: Map<String, Value>,
    /// The claims as the token states them.
    pub claims: Map<String, Value>,
    /// What the signature covers: header and payload as they were sent.
    pub signed: &'a str,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Reads a bearer token's shape.
///
/// # Errors
/// [`Reason::MalformedToken`] when it is longer than [`MAX_BYTES`] or not all visible ASCII.
pub fn read(token: &str) -> Result<Shape<'_>, Reason> {
    // A header can hold nothing else; a pasted text may have more lines.
    if token.len() > MAX_BYTES || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Reason::MalformedToken);
    }
    Ok(match token.bytes().filter(|&byte| byte == b'.').count() {
        2 => read_jwt(token).map_or(Shape::Opaque(Reason::MalformedToken), Shape::Jwt),
        4 => Shape::Opaque(Reason::EncryptedToken),
        _ => Shape::Opaque(Reason::UnknownToken),
    })
}

fn read_jwt(token: &str) -> Option<UnverifiedToken<'_>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    // Strict base64url: no padding, no stray bits, or one token could be written in many ways.
    let object = |part: &str| json::parse_object(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    let (header, claims) = (object(header)?, object(payload)?);
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    registered_claims_are_well_typed(&claims).then_some(UnverifiedToken {
        header,
        claims,
        signed,
        signature,
    })
}

/// RFC 7519, section 4.1; `null` counts as absent.
fn registered_claims_are_well_typed(claims: &Map<String, Value>) -> bool {
    claims.iter().all(|(name, value)| match name.as_str() {
        _ if value.is_null() => true,
        "iss" | "sub" | "jti" => value.is_string(),
        "aud" => match value {
            Value::Array(items) => items.iter().all(Value::is_string),
            value => value.is_string(),
        },
        "exp" | "nbf" | "iat" => numeric_date(value).is_some(),
        _ => true,
    })
}

/// A `NumericDate` in whole Unix seconds, up to the year 9999.
#[must_use]
pub fn numeric_date(value: &Value) -> Option<i64> {
    const LAST: f64 = 253_402_300_799.0;
    let seconds = value.as_f64().filter(|seconds| seconds.abs() <= LAST)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range was checked, fractions are cut"
    )]
    let seconds = seconds as i64;
    Some(seconds)
}

impl UnverifiedToken<'_> {
    /// The issuer that the token claims.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.claims.get("iss")?.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token(header: &str, claims: &str) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!(
            "{}.{}.{}",
            encode(header),
            encode(claims),
            encode("signature")
        )
    }

    fn refusal(token: &str) -> Option<Reason> {
        match read(token) {
            Ok(Shape::Jwt(_)) => None,
            Ok(Shape::Opaque(reason)) | Err(reason) => Some(reason),
        }
    }

    #[test]
    fn the_number_of_parts_tells_the_shape() {
        assert_eq!(refusal(&token("{}", "{}")), None);
        assert_eq!(refusal("a.b.c.d.e"), Some(Reason::EncryptedToken));
        for opaque in ["abc", "a.b", "a.b.c.d", &".".repeat(10_000)] {
            assert_eq!(refusal(opaque), Some(Reason::UnknownToken), "{opaque:.10}");
        }
        assert_eq!(
            refusal(&"a".repeat(MAX_BYTES + 1)),
            Some(Reason::MalformedToken)
        );
    }

    #[test]
    fn only_strict_base64url_of_objects_is_read() {
        let good = token("{}", "{}");
        let part = good.split('.').next().expect("a part");
        for bad in [
            "..".to_owned(),
            format!("{part}=.{part}.{part}"),
            format!("{part}.{part}.+/"),
            format!("{part}.{part}.AB"), // stray bits
            format!("{part}.{part} .{part}"),
            token("[]", "{}"),
            token("{}", "\"x\""),
            token("{}", "{\"a\":1,\"a\":2}"),
            token("{\"alg\":\"RS256\",\"alg\":\"none\"}", "{}"),
            token("{}", "{} "),
            token("{}", &"[".repeat(5000)),
        ] {
            let expected = if bad == token("{}", "{} ") {
                None
            } else {
                Some(Reason::MalformedToken)
            };
            assert_eq!(refusal(&bad), expected, "{bad:.60}");
        }
    }

    #[test]
    fn registered_claims_have_their_types() {
        for claims in [
            r#"{"exp":"never"}"#,
            r#"{"exp":"9999999999"}"#,
            r#"{"exp":[]}"#,
            r#"{"exp":true}"#,
            r#"{"exp":1e300}"#,
            r#"{"exp":253402300800}"#,
            r#"{"exp":9223372036854775808}"#,
            r#"{"nbf":"1"}"#,
            r#"{"iat":{}}"#,
            r#"{"iss":1}"#,
            r#"{"sub":1}"#,
            r#"{"jti":[]}"#,
            r#"{"aud":{"0":"a"}}"#,
            r#"{"aud":[1]}"#,
            r#"{"aud":7}"#,
        ] {
            assert_eq!(
                refusal(&token("{}", claims)),
                Some(Reason::MalformedToken),
                "{claims}"
            );
        }
        for claims in [
            r#"{"exp":null,"aud":null}"#,
            r#"{"exp":1.5e9,"aud":["a"]}"#,
            r#"{"exp":-1,"aud":""}"#,
        ] {
            assert_eq!(refusal(&token("{}", claims)), None, "{claims}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _ = read(&text);
        }
    }
}
