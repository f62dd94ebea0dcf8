//! One provider judges one token by being asked: its userinfo or its introspection endpoint.

use std::time::Duration;

use super::GateProvider;
use super::judge::Case;
use crate::decision::claims::{self, Claims};
use crate::decision::user::{self, Vouched};
use crate::decision::{Allowed, Audiences, Reason, Refusal, Story};
use crate::provider::{Answer, Call, ClientAuthentication, ClientCheck, Question, SourceState};
use crate::settings::{Secret, TokenValidation};

/// What [`GateProvider::ask`] calls its step, by the provider's method.
const fn step(method: TokenValidation) -> &'static str {
    match method {
        TokenValidation::Introspection => "Introspection",
        TokenValidation::Userinfo | TokenValidation::Jwks => "Userinfo",
    }
}

impl GateProvider {
    /// The provider says whether the token is good; `expiry` is what
    /// [`Self::check_before_asking`] read of the token.
    pub(super) async fn ask(
        &self,
        case: Case<'_>,
        expiry: Option<i64>,
        revision: i64,
        story: &mut Story,
    ) -> Result<Allowed, Refusal> {
        let step = step(self.rules.validation);
        let state = &self.source.state();
        let Some(call) = self.call(state) else {
            return Err(story.fail(step, Reason::ProviderUnavailable, || {
                "The provider's endpoint is not known.".into()
            }));
        };
        let life = expiry.map(|expiry| u64::try_from(expiry - case.moment.now).unwrap_or(0));
        let keep = life.map_or(self.cache, |life| self.cache.min(Duration::from_secs(life)));
        let question = Question {
            call,
            token: case.token,
            revision,
            keep,
        };
        let (answer, client) = match self.source.inquiry.ask(question).await {
            Ok(Answer::Yes { claims, client }) => (claims, client),
            Ok(Answer::No) => {
                return Err(story.fail(step, Reason::Inactive, || {
                    "The provider does not accept the token.".into()
                }));
            }
            Err(error) => {
                return Err(story.fail(step, Reason::ProviderUnavailable, || {
                    format!("The provider gave no answer that can be used: {error}.")
                }));
            }
        };
        story.pass(step, || "The provider accepts the token.".into());
        story.keep_attributes(&answer);
        match self.rules.validation {
            TokenValidation::Introspection => {
                let expiry = self
                    .check_introspected(case, &answer, state, story)?
                    .or(expiry);
                // An application is known by the token too, where that can be read.
                let payload = case.jwt.map(|jwt| &jwt.claims);
                let token = payload
                    .filter(|token| user::is_of_an_application(token, &self.rules))
                    .unwrap_or(&answer);
                let vouched = Vouched {
                    attributes: &answer,
                    token: Some(token),
                };
                self.admit(vouched, case, expiry, story)
            }
            TokenValidation::Userinfo | TokenValidation::Jwks => {
                self.check_issued_to(client.as_deref(), story)?;
                let token = case.jwt.map(|jwt| &jwt.claims);
                check_subject(token, &answer, story)?;
                self.admit(
                    Vouched {
                        attributes: &answer,
                        token,
                    },
                    case,
                    expiry,
                    story,
                )
            }
        }
    }

    /// Whether it has what it judges by: its keys, or the endpoint that it asks.
    #[must_use]
    pub fn is_equipped(&self) -> bool {
        let state = &self.source.state();
        if self.source.has_keys() {
            !state.keys.keys().is_empty()
        } else {
            self.call(state).is_some()
        }
    }

    fn call<'a>(&'a self, state: &'a SourceState) -> Option<Call<'a>> {
        let (id, secret) = (self.client.id.as_str(), self.client.secret.as_ref());
        if self.rules.validation == TokenValidation::Introspection {
            let endpoint = self.source.introspection_endpoint(state)?;
            let client = authentication(id, secret, state);
            return Some(Call::Introspection { endpoint, client });
        }
        let info = self.rules.preset.token_info.as_ref();
        let client_check = info
            .zip(self.client.token_info_url.as_deref())
            .map(|(info, url)| {
                let client_secret = secret.map_or("", Secret::expose);
                ClientCheck {
                    info,
                    url,
                    client_id: id,
                    client_secret,
                }
            });
        let endpoint = self.source.userinfo_endpoint(state)?;
        Some(Call::Userinfo {
            endpoint,
            client_check,
        })
    }

    /// What the token itself can be read to say, which can only make the gate refuse; its expiry.
    pub(super) fn check_before_asking(
        &self,
        case: Case<'_>,
        story: &mut Story,
    ) -> Result<Option<i64>, Refusal> {
        let Some(jwt) = case.jwt else {
            return self.check_opaque(story).map(|()| None);
        };
        let claims = &jwt.claims;
        claims::check_kind(claims, &self.rules, story)?;
        let expiry = if claims::has(claims, "exp") {
            Some(claims::check_times(claims, case.moment, story)?)
        } else {
            None
        };
        // An introspection answer says itself whom the token is for.
        if self.rules.validation != TokenValidation::Introspection {
            if self.rules.audiences != Audiences::Any || claims::has(claims, "aud") {
                claims::check_audience(claims, &self.rules, story)?;
            }
            claims::check_client(claims, &self.rules, story)?;
            claims::check_policy(claims, &self.rules, story)?;
        }
        Ok(expiry)
    }

    /// An opaque token does not say whom it is for; where nobody else does, it can't be accepted for
    /// somebody in particular.
    fn check_opaque(&self, story: &mut Story) -> Result<(), Refusal> {
        let somebody_says = self.rules.validation == TokenValidation::Introspection
            || self.rules.preset.token_info.is_some();
        let unknown = if somebody_says {
            return Ok(());
        } else if self.rules.audiences != Audiences::Any {
            Reason::WrongAudience
        } else if !self.rules.authorized_clients.is_empty() {
            Reason::WrongClient
        } else {
            return Ok(());
        };
        Err(story.fail("Audience", unknown, || {
            "The token can't be read, so nobody can say whom it was issued for.".into()
        }))
    }

    /// The vendor's own call said for which application an opaque token was issued.
    fn check_issued_to(&self, client: Option<&str>, story: &mut Story) -> Result<(), Refusal> {
        if self.rules.preset.token_info.is_none() {
            return Ok(());
        }
        let accepted = client.filter(|client| {
            let authorized = &self.rules.authorized_clients;
            self.rules.audiences.accept(std::iter::once(*client))
                && (authorized.is_empty() || authorized.iter().any(|one| one == client))
        });
        if accepted.is_none() {
            return Err(story.fail("Client", Reason::WrongClient, || match client {
                Some(client) => format!("The token was issued to the application \"{client}\"."),
                None => "The token was issued to another application.".into(),
            }));
        }
        story.pass("Client", || client.unwrap_or_default().to_owned());
        Ok(())
    }

    /// What an introspection answer says is checked as a token's claims are, where it says it
    /// (RFC 7662, section 4).
    fn check_introspected(
        &self,
        case: Case<'_>,
        answer: &Claims,
        state: &SourceState,
        story: &mut Story,
    ) -> Result<Option<i64>, Refusal> {
        let stated = answer.get("iss").and_then(|issuer| issuer.as_str());
        if let Some(stated) = stated
            && self.source.has_issuer()
            && !self.source.issuers(state).any(|issuer| issuer == stated)
        {
            return Err(story.fail("Issuer", Reason::UnknownIssuer, || {
                format!("The provider says that the issuer is \"{stated}\".")
            }));
        }
        claims::check_sender(answer, story)?;
        check_token_type(answer, story)?;
        let expiry = if claims::has(answer, "exp") {
            Some(claims::check_times(answer, case.moment, story)?)
        } else {
            None
        };
        let says_for_whom = claims::has(answer, "aud") || claims::clients(answer).next().is_some();
        let payload = case.jwt.map(|jwt| &jwt.claims).filter(|_| !says_for_whom);
        let source = payload.unwrap_or(answer);
        if claims::has(source, "aud") {
            claims::check_audience(source, &self.rules, story)?;
        } else if !self.rules.audiences.accept(claims::clients(source)) {
            return Err(story.fail("Audience", Reason::WrongAudience, || {
                "The provider names no accepted audience and no accepted client.".into()
            }));
        }
        claims::check_client(source, &self.rules, story)?;
        claims::check_policy(source, &self.rules, story)?;
        Ok(expiry)
    }
}

/// Basic, as every server must support it (RFC 6749, section 2.3.1), unless the discovery document
/// names the other way alone.
fn authentication<'a>(
    id: &'a str,
    secret: Option<&'a Secret>,
    state: &SourceState,
) -> ClientAuthentication<'a> {
    let Some(secret) = secret.map(Secret::expose) else {
        return ClientAuthentication::Public { id };
    };
    let methods = state
        .discovery
        .as_ref()
        .map(|one| one.introspection_auth_methods.as_slice());
    let offers = |name: &str| {
        methods
            .unwrap_or_default()
            .iter()
            .any(|method| method == name)
    };
    if offers("client_secret_post") && !offers("client_secret_basic") {
        ClientAuthentication::Post { id, secret }
    } else {
        ClientAuthentication::Basic { id, secret }
    }
}

/// Introspection knows refresh tokens too (RFC 7662, section 2.1); where the answer says that the
/// token is no access token, it opens nothing.
fn check_token_type(answer: &Claims, story: &mut Story) -> Result<(), Refusal> {
    let text = |name: &str| answer.get(name).and_then(|value| value.as_str());
    // "access_token" is Salesforce's word.
    let of_another_type = text("token_type").is_some_and(|stated| {
        !["bearer", "access_token"]
            .iter()
            .any(|known| stated.eq_ignore_ascii_case(known))
    });
    let of_another_kind = text("typ").is_some_and(|stated| {
        ["refresh", "offline", "id"]
            .iter()
            .any(|other| stated.eq_ignore_ascii_case(other))
    });
    if of_another_type || of_another_kind {
        return Err(story.fail("Token type", Reason::WrongTokenType, || {
            "The provider says that this is no access token.".into()
        }));
    }
    Ok(())
}

/// OpenID Connect Core, section 5.3.2; some userinfo answers have no `sub`.
fn check_subject(
    token: Option<&Claims>,
    answer: &Claims,
    story: &mut Story,
) -> Result<(), Refusal> {
    let stated = token
        .and_then(|token| token.get("sub"))
        .filter(|sub| !sub.is_null());
    let answered = answer.get("sub").filter(|sub| !sub.is_null());
    let subjects = stated.zip(answered);
    if subjects.is_some_and(|(one, other)| one != other) {
        return Err(story.fail("Subject", Reason::Inactive, || {
            "The userinfo answer is about another subject than the token.".into()
        }));
    }
    Ok(())
}
