//! Rules 1 to 5: what the gate, the path and the kind of credential decide without a token.

use http::HeaderMap;

use super::credential::{Carrier, Credential};
use super::path::{Access, PathRules};
use super::{Allowed, Decision, Method, Reason, Refusal, Story};
use crate::settings::Global;

/// The gate's own rules, compiled from the settings.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the settings document"
)]
#[derive(Clone, Debug)]
pub struct GateRules {
    enabled: bool,
    basic_disabled: bool,
    paths: PathRules,
    allow_anonymous: bool,
    session_cookies: Vec<String>,
    allow_atlassian_tokens: bool,
    allow_oauth1: bool,
    /// How far clocks may differ, in seconds.
    pub clock_skew: i64,
}

impl GateRules {
    /// Compiles the gate's settings.
    #[must_use]
    pub fn compile(global: &Global) -> Self {
        Self {
            enabled: global.rest_api_authentication_enabled,
            basic_disabled: global.basic_authentication_disabled,
            paths: PathRules::new(
                global.context_path.as_deref(),
                &global.protected_paths,
                &global.public_paths,
            ),
            allow_anonymous: global.allow_anonymous,
            session_cookies: if global.allow_browser_sessions {
                global.session_cookie_names.clone()
            } else {
                Vec::new()
            },
            allow_atlassian_tokens: global.allow_atlassian_tokens,
            allow_oauth1: global.allow_oauth1,
            clock_skew: i64::from(global.clock_skew_seconds),
        }
    }

    /// Whether a bearer token is let in for a personal access token, which Confluence checks: base64 of
    /// digits, a colon and random bytes.
    #[must_use]
    pub fn is_atlassian_token(&self, token: &str) -> bool {
        use base64::Engine as _;
        if !self.allow_atlassian_tokens {
            return false;
        }
        let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(token) else {
            return false;
        };
        let digits = bytes
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        digits > 0 && bytes.get(digits) == Some(&b':') && bytes.len() > digits + 1
    }
}

/// A request to be decided.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The target as the client sent it; `None` where it is not known: a protected call.
    pub target: Option<&'a [u8]>,
    /// The headers.
    pub headers: &'a HeaderMap,
}

/// What rules 1 to 5 make of a request.
#[derive(Debug, PartialEq)]
pub enum Assessment<'a> {
    /// It is decided.
    Decided(Decision),
    /// A bearer token has to be judged.
    Token(&'a str),
}

/// Applies rules 1 to 5 of `interface.md`, section 3.
#[must_use]
pub fn assess<'a>(request: Request<'a>, rules: &GateRules, story: &mut Story) -> Assessment<'a> {
    let pass = |method| Assessment::Decided(Decision::Allow(Allowed::unidentified(method)));
    if !rules.enabled {
        story.pass("Gate", || {
            "REST API authentication is off: every request passes.".into()
        });
        return pass(Method::Disabled);
    }
    story.pass("Gate", || "REST API authentication is on.".into());
    let query = request.target.map_or(&b""[..], query_of);
    let carrier = Carrier {
        headers: request.headers,
        query,
    };
    match request
        .target
        .map_or(Access::Protected, |target| rules.paths.access(target))
    {
        Access::Public => {
            story.pass("Path", || "A public path.".into());
            return pass(Method::Public);
        }
        Access::Open => {
            story.pass("Path", || "Not a protected path.".into());
            let refusable = rules.basic_disabled && carrier.has_basic();
            if !(refusable || carrier.has_bearer()) {
                return pass(Method::Public);
            }
        }
        Access::Protected => story.pass("Path", || "A protected call.".into()),
    }
    match judge_credential(carrier, rules, story) {
        Ok(Credential::Bearer(token)) if rules.is_atlassian_token(token) => {
            story.pass("Credential", || {
                "An Atlassian personal access token.".into()
            });
            pass(Method::AtlassianToken)
        }
        Ok(Credential::Bearer(token)) => {
            story.pass("Credential", || "A bearer token.".into());
            Assessment::Token(token)
        }
        Ok(Credential::Basic) => pass(Method::Basic),
        Ok(Credential::OAuth1) => pass(Method::OAuth1),
        Ok(Credential::Session) => pass(Method::Session),
        Ok(Credential::Missing) => pass(Method::Anonymous),
        Err(refusal) => Assessment::Decided(Decision::Refuse(refusal)),
    }
}

/// The credential, if its kind is allowed.
fn judge_credential<'a>(
    carrier: Carrier<'a>,
    rules: &GateRules,
    story: &mut Story,
) -> Result<Credential<'a>, Refusal> {
    let credential = carrier
        .credential(&rules.session_cookies)
        .and_then(|found| match found {
            Credential::Basic if rules.basic_disabled => Err(Reason::BasicDisabled),
            Credential::OAuth1 if !rules.allow_oauth1 => Err(Reason::OAuth1Disabled),
            Credential::Missing if !rules.allow_anonymous => Err(Reason::MissingCredential),
            found => Ok(found),
        });
    credential.map_err(|reason| story.fail("Credential", reason, || reason.sentence().into()))
}

fn query_of(target: &[u8]) -> &[u8] {
    target
        .iter()
        .position(|&byte| byte == b'?')
        .map_or(b"", |at| &target[at + 1..])
}
