//! One provider judges one token, by its keys or by its userinfo endpoint.

use std::sync::Arc;
use std::time::Duration;

use super::GateProvider;
use super::judge::Case;
use crate::decision::claims::{self, Claims};
use crate::decision::token::UnverifiedToken;
use crate::decision::user::{Vouched, principal};
use crate::decision::{Allowed, Audiences, Method, Reason, Refusal, Story};
use crate::provider::{Answer, Question, SourceState};

impl GateProvider {
    /// Rule 6: the cheap checks first, then the signature, so that a flood of foreign tokens costs
    /// no cryptography and no fetch.
    pub(super) async fn verify(
        &self,
        case: Case<'_>,
        jwt: &UnverifiedToken<'_>,
        mut state: Arc<SourceState>,
        story: &mut Story,
    ) -> Result<Allowed, Refusal> {
        let algorithm = claims::check_header(jwt, &self.rules, story)?;
        claims::check_kind(&jwt.claims, &self.rules, story)?;
        let expiry = claims::check_times(&jwt.claims, case.moment, story)?;
        claims::check_recipient(&jwt.claims, &self.rules, story)?;
        if !state.keys.has_key_for(jwt, algorithm) {
            state = self.source.newer_than(state.generation).await;
            if state.fault.is_some() && !state.keys.has_key_for(jwt, algorithm) {
                return Err(story.fail("Key", Reason::ProviderUnavailable, || {
                    "The token's key is not known, and the provider's keys could not be fetched."
                        .into()
                }));
            }
        }
        state.keys.verify(jwt, algorithm, story)?;
        let vouched = Vouched {
            attributes: &jwt.claims,
            token: Some(&jwt.claims),
        };
        self.admit(vouched, case, Some(expiry), story)
    }

    /// The provider says whether the token is good. What the token itself can be read to say is
    /// checked before: it can only make the gate refuse.
    pub(super) async fn ask_userinfo(
        &self,
        case: Case<'_>,
        state: &SourceState,
        revision: i64,
        story: &mut Story,
    ) -> Result<Allowed, Refusal> {
        let expiry = self.check_before_asking(case, story)?;
        let endpoint = self.source.userinfo_endpoint(state);
        let Some(endpoint) = endpoint else {
            return Err(story.fail("Userinfo", Reason::ProviderUnavailable, || {
                "The provider's userinfo endpoint is not known.".into()
            }));
        };
        let life = expiry.map(|expiry| u64::try_from(expiry - case.moment.now).unwrap_or(0));
        let keep = life.map_or(self.cache, |life| self.cache.min(Duration::from_secs(life)));
        let question = Question {
            endpoint,
            token: case.token,
            revision,
            keep,
        };
        let attributes = match self.source.userinfo.ask(question).await {
            Ok(Answer::Yes(attributes)) => attributes,
            Ok(Answer::No) => {
                return Err(story.fail("Userinfo", Reason::Inactive, || {
                    "The provider does not accept the token.".into()
                }));
            }
            Err(error) => {
                return Err(story.fail("Userinfo", Reason::ProviderUnavailable, || {
                    format!("The provider gave no answer that can be used: {error}.")
                }));
            }
        };
        story.pass("Userinfo", || "The provider accepts the token.".into());
        story.keep_attributes(&attributes);
        let token = case.jwt.map(|jwt| &jwt.claims);
        if token.is_some_and(|token| !same_subject(token, &attributes)) {
            return Err(story.fail("Subject", Reason::Inactive, || {
                "The userinfo answer is about another subject than the token.".into()
            }));
        }
        let vouched = Vouched {
            attributes: &attributes,
            token,
        };
        self.admit(vouched, case, expiry, story)
    }

    fn check_before_asking(
        &self,
        case: Case<'_>,
        story: &mut Story,
    ) -> Result<Option<i64>, Refusal> {
        let any = self.rules.audiences == Audiences::Any;
        let Some(jwt) = case.jwt else {
            // An opaque token does not say whom it is for.
            let unknown = if !any {
                Reason::WrongAudience
            } else if !self.rules.authorized_clients.is_empty() {
                Reason::WrongClient
            } else {
                return Ok(None);
            };
            return Err(story.fail("Audience", unknown, || {
                "The token can't be read, so nobody can say whom it was issued for.".into()
            }));
        };
        claims::check_kind(&jwt.claims, &self.rules, story)?;
        let expiry = if claims::has(&jwt.claims, "exp") {
            Some(claims::check_times(&jwt.claims, case.moment, story)?)
        } else {
            None
        };
        if !any || claims::has(&jwt.claims, "aud") {
            claims::check_audience(&jwt.claims, &self.rules, story)?;
        }
        claims::check_client(&jwt.claims, &self.rules, story)?;
        claims::check_policy(&jwt.claims, &self.rules, story)?;
        Ok(expiry)
    }

    fn admit(
        &self,
        vouched: Vouched<'_>,
        case: Case<'_>,
        expires_at: Option<i64>,
        story: &mut Story,
    ) -> Result<Allowed, Refusal> {
        let principal = principal(vouched, &self.rules, case.client, story)?;
        Ok(Allowed {
            method: Method::OAuth,
            principal: Some(principal),
            expires_at,
        })
    }
}

/// OpenID Connect Core, section 5.3.2; some userinfo answers have no `sub`.
fn same_subject(token: &Claims, attributes: &Claims) -> bool {
    match (token.get("sub"), attributes.get("sub")) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}
