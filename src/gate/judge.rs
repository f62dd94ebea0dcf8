//! Judges a request by the snapshot in force: pure rules, and the provider where nothing in memory
//! can answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::api_key::is_api_key;
use crate::decision::claims::Moment;
use crate::decision::token::{self, Shape, UnverifiedToken};
use crate::decision::{Allowed, Assessment, Decision, Reason, Refusal, Request, Story, assess};
use crate::provider::{SourceState, unix_now};
use crate::settings::TokenValidation;

use super::{GateProvider, Snapshot};

/// All calls of one decision.
const DECISION_TIMEOUT: Duration = Duration::from_secs(10);

/// A token with what judging it needs.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) token: &'a str,
    /// The same token, read but not believed, where it is a JWT.
    pub(super) jwt: Option<&'a UnverifiedToken<'a>>,
    pub(super) moment: Moment,
    pub(super) client: Option<IpAddr>,
}

impl Snapshot {
    /// Decides one request without a look at what is remembered, so that the whole story can be told.
    pub async fn decide(&self, request: Request<'_>, story: &mut Story) -> Decision {
        let judged = match assess(request, &self.rules, story) {
            Assessment::Decided(judged) => judged,
            Assessment::Token(token) => self.judge(token, request.client, story).await,
        };
        self.in_force(judged)
    }

    /// A judgement, as it is put in force.
    pub(super) fn in_force(&self, judged: Result<Allowed, Refusal>) -> Decision {
        match judged {
            Ok(allowed) => Decision::Allow(allowed),
            Err(refusal) => self.rules.put_in_force(refusal),
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
        if is_api_key(token) {
            // A provider that is asked about opaque tokens must not learn it.
            return Err(story.fail("Form", Reason::UnknownToken, || {
                "A key of the management API, which is no token.".into()
            }));
        }
        let shape = token::read(token).map_err(|reason| {
            story.fail("Form", reason, || {
                "Longer than 16 KB, or with characters that no token has.".into()
            })
        })?;
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
        if let Some((jwt, issuer)) = jwt.and_then(|jwt| Some((jwt, jwt.issuer()?)))
            && let Some(outcome) = self.judge_by_issuer(case, jwt, issuer, story).await
        {
            return outcome;
        }
        match self.ask_opaque_providers(case, story).await {
            Some(outcome) => outcome,
            None => Err(story.fail("Provider", reading, || self.reading_of(case, reading))),
        }
    }

    /// The provider that lists the token's issuer judges it; of several, the one that expects the
    /// token. `None` where no provider does.
    async fn judge_by_issuer(
        &self,
        case: Case<'_>,
        jwt: &UnverifiedToken<'_>,
        issuer: &str,
        story: &mut Story,
    ) -> Option<Result<Allowed, Refusal>> {
        // Asked before the issuers are read: a fetch may end in between.
        let one_is_unknown = || self.providers.iter().any(GateProvider::is_unknown);
        let mut is_incomplete = one_is_unknown();
        let mut listing = self.listing(jwt, issuer);
        if is_incomplete && !listing.as_ref().is_some_and(|(one, _)| one.expects(jwt)) {
            // Only now is it worth waiting for providers whose first fetch is under way: a token that
            // a known provider expects waits for nobody else's.
            for provider in self
                .providers
                .iter()
                .filter(|provider| provider.is_unknown())
            {
                provider.first_fetch().await;
            }
            is_incomplete = one_is_unknown();
            listing = self.listing(jwt, issuer);
        }
        let Some((provider, state)) = listing else {
            // Whose token it is can't be said yet, so it is shown to nobody else either.
            return is_incomplete.then(|| {
                Err(story.fail("Issuer", Reason::ProviderUnavailable, || {
                    "The discovery document of a provider could not be read yet, so its issuer is \
                     not known."
                        .into()
                }))
            });
        };
        story.keep_provider(&provider.rules.id);
        story.pass("Issuer", || {
            format!(
                "\"{issuer}\" is judged by the provider \"{}\".",
                provider.rules.id
            )
        });
        let judged = match provider.rules.validation {
            TokenValidation::Jwks => provider.verify(case, jwt, &state, story).await,
            TokenValidation::Userinfo | TokenValidation::Introspection => {
                match provider.check_before_asking(case, story) {
                    Ok(expiry) => {
                        provider
                            .ask(case, expiry, self.stored.revision, story)
                            .await
                    }
                    Err(refusal) => Err(refusal),
                }
            }
        };
        Some(judged.map_err(|refusal| refusal.by(&provider.rules.id)))
    }

    /// The provider that lists the issuer; of several, the one that expects the token, else the first.
    fn listing(
        &self,
        jwt: &UnverifiedToken<'_>,
        issuer: &str,
    ) -> Option<(&GateProvider, Arc<SourceState>)> {
        let mut listing = self.providers.iter().filter_map(|provider| {
            let state = provider.source.state();
            let mut issuers = provider.source.issuers(&state);
            let lists = issuers.any(|listed| listed == issuer);
            drop(issuers);
            lists.then_some((provider, state))
        });
        let first = listing.next()?;
        let Some(second) = listing.next() else {
            return Some(first);
        };
        if first.0.expects(jwt) {
            return Some(first);
        }
        let mut others = std::iter::once(second).chain(listing);
        let expecting = others.find(|(provider, _)| provider.expects(jwt));
        expecting.or(Some(first))
    }

    /// Providers without an issuer are asked in their order; the first yes decides. `None` where
    /// there is none to ask.
    async fn ask_opaque_providers(
        &self,
        case: Case<'_>,
        story: &mut Story,
    ) -> Option<Result<Allowed, Refusal>> {
        let mut no = None;
        for provider in self
            .providers
            .iter()
            .filter(|one| one.is_asked_about_opaque_tokens())
        {
            story.keep_provider(&provider.rules.id);
            story.pass("Provider", || {
                format!("\"{}\" has no issuer, so it is asked.", provider.rules.id)
            });
            let outcome = match provider.check_before_asking(case, story) {
                Ok(expiry) => {
                    provider
                        .ask(case, expiry, self.stored.revision, story)
                        .await
                }
                // It is not asked, and says no as far as it is concerned.
                Err(refusal) => {
                    no.get_or_insert(refusal.by(&provider.rules.id));
                    continue;
                }
            };
            match outcome.map_err(|refusal| refusal.by(&provider.rules.id)) {
                // The strongest of several: somebody could not be asked.
                Err(refusal) if refusal.reason == Reason::ProviderUnavailable => no = Some(refusal),
                Err(refusal) if refusal.reason == Reason::Inactive => {
                    let is_stronger = no.as_ref().is_none_or(|former: &Refusal| {
                        former.reason != Reason::ProviderUnavailable
                    });
                    if is_stronger {
                        no = Some(refusal);
                    }
                }
                decided => return Some(decided),
            }
        }
        no.map(Err)
    }

    /// Why nobody judges the token, in words for whoever tries it.
    fn reading_of(&self, case: Case<'_>, reading: Reason) -> String {
        let Some(issuer) = case.jwt.and_then(UnverifiedToken::issuer) else {
            return reading.sentence().to_owned();
        };
        let presets = self.providers.iter().map(|provider| provider.rules.preset);
        let mut known = presets.flat_map(|preset| preset.foreign_issuers);
        let advice = known.find(|(start, _)| issuer.starts_with(start));
        let advice = advice.map_or("", |(_, advice)| advice);
        format!("No enabled provider lists the issuer \"{issuer}\". {advice}")
            .trim_end()
            .to_owned()
    }
}
