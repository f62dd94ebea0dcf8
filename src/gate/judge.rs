//! Judges a request by the snapshot in force: pure rules, and the provider where nothing in memory
//! can answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::decision::claims::{self, Claims, Moment};
use crate::decision::token::{self, Shape, UnverifiedToken};
use crate::decision::user::{Vouched, principal};
use crate::decision::{
    Allowed, Assessment, Audiences, Decision, Method, Reason, Refusal, Request, Story, assess,
};
use crate::provider::{Answer, Question, SourceState, unix_now};
use crate::settings::TokenValidation;

use super::{GateProvider, Snapshot};

/// All calls of one decision.
const DECISION_TIMEOUT: Duration = Duration::from_secs(10);

/// A token with what judging it needs.
#[derive(Clone, Copy)]
struct Case<'a> {
    token: &'a str,
    jwt: Option<&'a UnverifiedToken<'a>>,
    moment: Moment,
    client: Option<IpAddr>,
}

impl Snapshot {
    /// Decides one request (`interface.md`, section 3).
    pub async fn decide(
        &self,
        request: Request<'_>,
        client: Option<IpAddr>,
        story: &mut Story,
    ) -> Decision {
        match assess(request, &self.rules, story) {
            Assessment::Decided(decision) => decision,
            Assessment::Token(token) => match self.judge(token, client, story).await {
                Ok(allowed) => Decision::Allow(allowed),
                Err(refusal) => Decision::Refuse(refusal),
            },
        }
    }

    /// Judges a bearer token (rules 5 to 7).
    ///
    /// # Errors
    /// Why the token is refused.
    pub async fn judge(
        &self,
        token: &str,
        client: Option<IpAddr>,
        story: &mut Story,
    ) -> Result<Allowed, Refusal> {
        tokio::time::timeout(DECISION_TIMEOUT, self.judge_in_time(token, client, story))
            .await
            .unwrap_or(Err(Reason::ProviderUnavailable.into()))
    }

    async fn judge_in_time(
        &self,
        token: &str,
        client: Option<IpAddr>,
        story: &mut Story,
    ) -> Result<Allowed, Refusal> {
        let shape = token::read(token)
            .map_err(|reason| story.fail("Form", reason, || "Longer than 16 KB.".into()))?;
        let (jwt, reading) = match &shape {
            Shape::Jwt(jwt) if jwt.issuer().is_none() => (Some(jwt), Reason::MissingClaim),
            Shape::Jwt(jwt) => (Some(jwt), Reason::UnknownIssuer),
            Shape::Opaque(reason) => (None, *reason),
        };
        let moment = Moment {
            now: unix_now(),
            skew: self.rules.clock_skew,
        };
        let case = Case {
            token,
            jwt,
            moment,
            client,
        };
        let mut unknown_provider = false;
        if let Some((jwt, issuer)) = jwt.and_then(|jwt| Some((jwt, jwt.issuer()?))) {
            match self.judge_by_issuer(case, jwt, issuer, story).await {
                Routed::Judged(outcome) => return outcome,
                Routed::NotListed { one_is_unknown } => unknown_provider = one_is_unknown,
            }
        }
        match self.ask_opaque_providers(case, story).await {
            Some(outcome) => outcome,
            None if unknown_provider => {
                Err(story.fail("Issuer", Reason::ProviderUnavailable, || {
                    "The discovery document of a provider could not be read yet, so its issuer is \
                     not known."
                        .into()
                }))
            }
            None => Err(story.fail("Provider", reading, || reading_of(case, reading))),
        }
    }

    /// The provider that lists the token's issuer judges it; of several, the one that the token's
    /// audience and policy fit.
    async fn judge_by_issuer(
        &self,
        case: Case<'_>,
        jwt: &UnverifiedToken<'_>,
        issuer: &str,
        story: &mut Story,
    ) -> Routed {
        let mut listing = self.listing(jwt, issuer);
        if listing.is_none() {
            // Only now is it worth waiting for providers whose first fetch is under way: a token of
            // a provider that is known waits for nobody else's.
            for provider in self
                .providers
                .iter()
                .filter(|provider| provider.is_unknown())
            {
                provider.first_fetch().await;
            }
            listing = self.listing(jwt, issuer);
        }
        let Some((provider, state)) = listing else {
            let one_is_unknown = self.providers.iter().any(GateProvider::is_unknown);
            return Routed::NotListed { one_is_unknown };
        };
        story.pass("Issuer", || {
            format!(
                "\"{issuer}\" is judged by the provider \"{}\".",
                provider.rules.id
            )
        });
        Routed::Judged(match provider.rules.validation {
            TokenValidation::Jwks => provider.verify(case, jwt, state, story).await,
            TokenValidation::Userinfo => {
                provider
                    .ask_userinfo(case, &state, self.stored.revision, story)
                    .await
            }
        })
    }

    fn listing(
        &self,
        jwt: &UnverifiedToken<'_>,
        issuer: &str,
    ) -> Option<(&GateProvider, Arc<SourceState>)> {
        let mut first = None;
        for provider in &self.providers {
            let state = provider.source.state();
            if !provider
                .source
                .issuers(&state)
                .any(|listed| listed == issuer)
            {
                continue;
            }
            let untold = &mut Story::untold();
            if claims::check_recipient(&jwt.claims, &provider.rules, untold).is_ok() {
                return Some((provider, state));
            }
            first.get_or_insert((provider, state));
        }
        first
    }

    /// Providers without an issuer are asked in their order; the first yes decides. `None` where
    /// there is none to ask.
    async fn ask_opaque_providers(
        &self,
        case: Case<'_>,
        story: &mut Story,
    ) -> Option<Result<Allowed, Refusal>> {
        let mut worst = None;
        for provider in self
            .providers
            .iter()
            .filter(|provider| !provider.source.has_issuer())
        {
            let state = provider.source.state();
            story.pass("Provider", || {
                format!("\"{}\" has no issuer, so it is asked.", provider.rules.id)
            });
            match provider
                .ask_userinfo(case, &state, self.stored.revision, story)
                .await
            {
                Err(refusal) if refusal.reason == Reason::ProviderUnavailable => {
                    worst = Some(refusal);
                }
                Err(refusal) if refusal.reason == Reason::Inactive => {
                    worst.get_or_insert(refusal);
                }
                decided => return Some(decided),
            }
        }
        worst.map(Err)
    }
}

enum Routed {
    Judged(Result<Allowed, Refusal>),
    NotListed { one_is_unknown: bool },
}

fn reading_of(case: Case<'_>, reading: Reason) -> String {
    match case.jwt.and_then(UnverifiedToken::issuer) {
        Some(issuer) => format!("No enabled provider lists the issuer \"{issuer}\"."),
        None => reading.sentence().to_owned(),
    }
}

impl GateProvider {
    /// Rule 6: the cheap checks first, then the signature, so that a flood of foreign tokens costs
    /// no cryptography and no fetch.
    async fn verify(
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
    async fn ask_userinfo(
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
