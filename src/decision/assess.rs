//! Rules 1 to 5: what the gate, the path and the kind of credential decide without a token.

use std::net::IpAddr;

use http::HeaderMap;

use super::credential::{Carrier, Credential, Kind};
use super::exception::{self, BasicCall, BasicExceptionRule};
use super::path::{Access, PathRules};
use super::{Allowed, Decision, Method, Reason, Refusal, Story};
use crate::settings::{Global, Mode};

/// The gate's own rules, compiled from the settings.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the settings document"
)]
#[derive(Clone, Debug)]
pub struct GateRules {
    enabled: bool,
    basic_disabled: bool,
    basic_exceptions: Vec<BasicExceptionRule>,
    observes: Observes,
    paths: PathRules,
    allow_anonymous: bool,
    allow_sessions: bool,
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
            basic_exceptions: global
                .basic_exceptions
                .iter()
                .map(|one| BasicExceptionRule::compile(one, global.context_path.as_deref()))
                .collect(),
            observes: match global.mode {
                Mode::Observe => Observes::Everything,
                Mode::Enforce if global.basic_observed => Observes::BasicAlone,
                Mode::Enforce => Observes::Nothing,
            },
            paths: PathRules::new(
                global.context_path.as_deref(),
                &global.protected_paths,
                &global.public_paths,
            ),
            allow_anonymous: global.allow_anonymous,
            allow_sessions: global.allow_browser_sessions,
            session_cookies: global.session_cookie_names.clone(),
            allow_atlassian_tokens: global.allow_atlassian_tokens,
            allow_oauth1: global.allow_oauth1,
            clock_skew: i64::from(global.clock_skew_seconds),
        }
    }

    /// A refusal, as it is put in force.
    #[must_use]
    pub fn put_in_force(&self, refusal: Refusal) -> Decision {
        match self.observes {
            Observes::Everything => Decision::Observe(refusal),
            Observes::BasicAlone if refusal.reason == Reason::BasicDisabled => {
                Decision::Observe(refusal)
            }
            Observes::BasicAlone | Observes::Nothing => Decision::Refuse(refusal),
        }
    }

    /// The kind of credential behind a decision, for what is told of it afterwards.
    #[must_use]
    pub fn kind(&self, request: Request<'_>, decision: &Decision) -> Kind {
        let look = || request.carrier().kind(&self.session_cookies);
        match decision {
            Decision::Allow(allowed) => match allowed.method {
                Method::OAuth | Method::AtlassianToken => Kind::Bearer,
                Method::Basic => Kind::Basic,
                Method::OAuth1 => Kind::OAuth1,
                Method::Session => Kind::Session,
                Method::Anonymous | Method::Public | Method::Disabled | Method::Observed => look(),
            },
            Decision::Observe(refusal) | Decision::Refuse(refusal) => match refusal.reason {
                Reason::BasicDisabled => Kind::Basic,
                Reason::OAuth1Disabled => Kind::OAuth1,
                Reason::MissingCredential
                | Reason::MalformedCredential
                | Reason::MultipleCredentials
                | Reason::UnsupportedScheme => look(),
                _ => Kind::Bearer,
            },
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

/// Which refusals are recorded alone.
#[derive(Clone, Copy, Debug)]
enum Observes {
    Nothing,
    BasicAlone,
    Everything,
}

/// A request to be decided.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The target as the client sent it; `None` where it is not known: a protected call.
    pub target: Option<&'a [u8]>,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The client's address, where it is known.
    pub client: Option<IpAddr>,
    /// Now, in Unix seconds.
    pub now: i64,
}

impl<'a> Request<'a> {
    /// What of it may hold a credential.
    #[must_use]
    pub fn carrier(&self) -> Carrier<'a> {
        Carrier {
            headers: self.headers,
            query: self.target.map_or(&b""[..], query_of),
        }
    }
}

/// What rules 1 to 5 make of a request.
#[derive(Debug, PartialEq)]
pub enum Assessment<'a> {
    /// It is decided.
    Decided(Result<Allowed, Refusal>),
    /// A bearer token has to be judged.
    Token(&'a str),
}

/// Applies rules 1 to 5 of `interface.md`, section 3.
#[must_use]
pub fn assess<'a>(request: Request<'a>, rules: &GateRules, story: &mut Story) -> Assessment<'a> {
    let pass = |method| Assessment::Decided(Ok(Allowed::unidentified(method)));
    if !rules.enabled {
        story.pass("Gate", || {
            "REST API authentication is off: every request passes.".into()
        });
        return pass(Method::Disabled);
    }
    story.pass("Gate", || "REST API authentication is on.".into());
    let carrier = request.carrier();
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
        Ok(Credential::Basic) if rules.basic_disabled => {
            basic_while_disabled(request, rules, story)
        }
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
        Err(refusal) => Assessment::Decided(Err(refusal)),
    }
}

/// Basic is disabled: only an exception lets it through.
fn basic_while_disabled<'a>(
    request: Request<'a>,
    rules: &GateRules,
    story: &mut Story,
) -> Assessment<'a> {
    let user = (!rules.basic_exceptions.is_empty())
        .then(|| request.carrier().basic_user())
        .flatten();
    let call = BasicCall {
        user: user.as_deref(),
        target: request.target,
        client: request.client,
        now: request.now,
    };
    let Some(exception) = exception::serving(&rules.basic_exceptions, &call) else {
        let reason = Reason::BasicDisabled;
        let refusal = story.fail("Credential", reason, || reason.sentence().into());
        return Assessment::Decided(Err(refusal));
    };
    story.pass("Credential", || {
        format!("Basic is disabled, but the exception \"{exception}\" lets this call through.")
    });
    Assessment::Decided(Ok(Allowed {
        exception: Some(exception),
        ..Allowed::unidentified(Method::Basic)
    }))
}

/// The credential, if its kind is allowed.
fn judge_credential<'a>(
    carrier: Carrier<'a>,
    rules: &GateRules,
    story: &mut Story,
) -> Result<Credential<'a>, Refusal> {
    let credential = carrier
        .credential(&rules.session_cookies)
        .map(|found| match found {
            // As if the cookie were not there.
            Credential::Session if !rules.allow_sessions => Credential::Missing,
            found => found,
        })
        .and_then(|found| match found {
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
