//! One provider judges one token by its keys.

use std::sync::Arc;

use super::GateProvider;
use super::judge::Case;
use crate::decision::claims;
use crate::decision::token::UnverifiedToken;
use crate::decision::user::{Vouched, principal};
use crate::decision::{Allowed, Method, Reason, Refusal, Story, TokenFacts};
use crate::provider::SourceState;
use crate::settings::Algorithm;

impl GateProvider {
    /// Rule 6: the cheap checks first, then the signature, so that a flood of foreign tokens costs
    /// no cryptography and no fetch.
    pub(super) async fn verify(
        &self,
        case: Case<'_>,
        jwt: &UnverifiedToken<'_>,
        state: &SourceState,
        story: &mut Story,
    ) -> Result<Allowed, Refusal> {
        let algorithm = claims::check_header(jwt, &self.rules, story)?;
        claims::check_kind(&jwt.claims, &self.rules, story)?;
        let expiry = claims::check_times(&jwt.claims, case.moment, story)?;
        claims::check_recipient(&jwt.claims, &self.rules, story)?;
        self.check_signature(jwt, algorithm, state, story).await?;
        let vouched = Vouched {
            attributes: &jwt.claims,
            token: Some(&jwt.claims),
        };
        let allowed = self.admit(vouched, case, Some(expiry), story)?;
        Ok(Allowed {
            validity: claims::validity(&jwt.claims, case.moment.skew),
            ..allowed
        })
    }

    /// A key that is not known, or no longer the one that it was, is looked for in newer documents
    /// before the token is refused.
    async fn check_signature(
        &self,
        jwt: &UnverifiedToken<'_>,
        algorithm: Algorithm,
        state: &SourceState,
        story: &mut Story,
    ) -> Result<(), Refusal> {
        let mut verdict = state.keys.verify(jwt, algorithm);
        if verdict.is_err() {
            let newer = self.source.newer_than(state.generation).await;
            if newer.generation != state.generation {
                verdict = newer.keys.verify(jwt, algorithm);
            }
            if verdict == Err(Reason::UnknownKey) && newer.fault.is_some() {
                verdict = Err(Reason::ProviderUnavailable);
            }
        }
        let kid = || {
            jwt.header
                .get("kid")
                .map_or("no \"kid\"".to_owned(), ToString::to_string)
        };
        match verdict {
            Ok(()) => {
                story.pass("Key", kid);
                story.pass("Signature", || "Made by the provider's key.".into());
                Ok(())
            }
            Err(Reason::InvalidSignature) => {
                story.pass("Key", kid);
                Err(story.fail("Signature", Reason::InvalidSignature, || {
                    "The provider's key did not make this signature.".into()
                }))
            }
            Err(Reason::ProviderUnavailable) => {
                Err(story.fail("Key", Reason::ProviderUnavailable, || {
                    "The token's key is not known, and the provider's keys could not be fetched."
                        .into()
                }))
            }
            Err(reason) => Err(story.fail("Key", reason, || {
                format!(
                    "The token names {}; no usable key of the provider fits.",
                    kid()
                )
            })),
        }
    }

    pub(super) fn admit(
        &self,
        vouched: Vouched<'_>,
        case: Case<'_>,
        expires_at: Option<i64>,
        story: &mut Story,
    ) -> Result<Allowed, Refusal> {
        let token = vouched.token.map(|token| Arc::new(TokenFacts::of(token)));
        match principal(vouched, &self.rules, case.client, story) {
            Ok(principal) => Ok(Allowed {
                principal: Some(principal),
                expires_at,
                token,
                ..Allowed::unidentified(Method::OAuth)
            }),
            Err(refusal) => Err(Refusal { token, ..refusal }),
        }
    }
}
