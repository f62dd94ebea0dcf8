//! Tokens whose signature was verified, with the answer that each gets: what a hot token costs.
//!
//! A token is remembered while nothing that spoke for it has changed: the snapshot it was judged by, what is known
//! of the providers ([`Sources::epoch`]), and the time. Where one of them has, the token is judged anew, and the
//! new answer takes the old one's place. Only good tokens are remembered, and only those that a signature
//! speaks for: what a provider was asked about has a memory of its own, and a bad token costs its verification each time.
//!
//! [`Sources::epoch`]: crate::provider::Sources::epoch

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use axum::http::HeaderValue;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::Snapshot;
use super::answer::{encoded, groups};
use super::decide::Decided;
use crate::decision::{Allowed, Decision, Principal, TokenFacts, Validity};

/// All that is remembered, in bytes.
const MOST_BYTES: u64 = 40 * 1024 * 1024;
/// About so many tokens fit: 1,200 bytes and what their answer takes.
const TOKENS: usize = 24_000;

/// The tokens that are remembered. Reads share a lock of one of many shards, which a write holds for the exchange of one
/// entry. A flood of tokens that come once pushes none out that came twice (S3-FIFO).
#[derive(Debug)]
pub(super) struct VerifiedTokens {
    tokens: Cache<Box<str>, Arc<Verified>, Bytes>,
    facts: SharedFacts,
}

/// What tokens say of themselves, kept once for all that say the same, as those of one application do. One that is not
/// found here any longer is kept twice.
#[derive(Debug)]
struct SharedFacts {
    slots: [ArcSwapOption<TokenFacts>; 64],
    hashes: RandomState,
}

/// A token that was verified, and what it gets.
#[derive(Debug)]
pub(super) struct Verified {
    /// The pass.
    pub(super) decision: Decision,
    /// Its headers.
    pub(super) identity: Identity,
    validity: Validity,
    under: Premises,
    /// The provider's place in the snapshot.
    provider: usize,
    bytes: u32,
}

/// The headers that say who a request acts for.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    /// `X-Auth-Username`.
    pub(super) username: HeaderValue,
    /// `X-Auth-Provider`.
    pub(super) provider: HeaderValue,
    /// `X-Auth-Groups`.
    pub(super) groups: HeaderValue,
}

/// What a judgement rests on; read before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Premises {
    /// The snapshot's serial number.
    pub(super) snapshot: u64,
    /// What is known of the providers.
    pub(super) epoch: u64,
}

impl VerifiedTokens {
    pub(super) fn new() -> Self {
        Self {
            tokens: Cache::with_weighter(TOKENS, MOST_BYTES, Bytes),
            facts: SharedFacts {
                slots: std::array::from_fn(|_| ArcSwapOption::empty()),
                hashes: RandomState::new(),
            },
        }
    }

    /// What is remembered of the token, where all that it rests on still holds.
    pub(super) fn find(
        &self,
        token: &str,
        premises: Premises,
        snapshot: &Snapshot,
        now: i64,
        client: Option<IpAddr>,
    ) -> Option<Arc<Verified>> {
        let known = self.tokens.get(token)?;
        let holds = known.under == premises
            && known.validity.holds(now)
            && (snapshot.providers.get(known.provider))
                .is_some_and(|provider| provider.rules.lets_in_from(client));
        holds.then_some(known)
    }

    /// Remembers a token that was judged good, where its signature spoke for it.
    pub(super) fn keep(
        &self,
        token: &str,
        premises: Premises,
        snapshot: &Snapshot,
        mut allowed: Allowed,
    ) -> Decided {
        let (Some(validity), Some(principal)) = (allowed.validity, &allowed.principal) else {
            return Decided::Otherwise(Decision::Allow(allowed));
        };
        let mut ids = snapshot.providers.iter().map(|one| &one.rules.id);
        let Some(provider) = ids.position(|id| *id == principal.provider) else {
            return Decided::Otherwise(Decision::Allow(allowed));
        };
        let identity = Identity::of(principal);
        let bytes = bytes(token, principal, allowed.token.as_deref(), &identity);
        allowed.token = allowed.token.map(|facts| self.facts.shared(facts));
        let verified = Arc::new(Verified {
            bytes,
            identity,
            validity,
            under: premises,
            provider,
            decision: Decision::Allow(allowed),
        });
        self.tokens.insert(token.into(), Arc::clone(&verified));
        Decided::Verified(verified)
    }

    /// Forgets every token.
    pub(super) fn forget(&self) {
        self.tokens.clear();
        for slot in &self.facts.slots {
            slot.store(None);
        }
    }
}

impl SharedFacts {
    fn shared(&self, facts: Arc<TokenFacts>) -> Arc<TokenFacts> {
        let hash = self.hashes.hash_one(&*facts);
        let slot = &self.slots[usize::try_from(hash % 64).unwrap_or_default()];
        match slot.load_full() {
            Some(known) if known == facts => known,
            _ => {
                slot.store(Some(Arc::clone(&facts)));
                facts
            }
        }
    }
}

impl Identity {
    /// Of a principal.
    pub(super) fn of(principal: &Principal) -> Self {
        Self {
            username: encoded(&principal.username),
            provider: encoded(&principal.provider),
            groups: groups(principal),
        }
    }

    /// Of nobody: the headers are there all the same.
    pub(super) const fn nobody() -> Self {
        Self {
            username: HeaderValue::from_static(""),
            provider: HeaderValue::from_static(""),
            groups: HeaderValue::from_static(""),
        }
    }
}

/// About how much memory an entry takes.
fn bytes(
    token: &str,
    principal: &Principal,
    facts: Option<&TokenFacts>,
    identity: &Identity,
) -> u32 {
    /// An allocation's own share.
    const EACH: usize = 16;
    let text = |text: &str| text.len() + EACH;
    let facts = facts.map_or(0, |facts| {
        let texts = [
            &facts.issuer,
            &facts.audience,
            &facts.client_id,
            &facts.scopes,
        ];
        size_of::<TokenFacts>() + texts.into_iter().map(|one| text(one)).sum::<usize>()
    });
    let groups = principal.groups.iter();
    let sum = size_of::<Verified>()
        + text(token)
        + text(&principal.username)
        + groups
            .map(|one| size_of::<String>() + text(one))
            .sum::<usize>()
        + identity.username.len()
        + identity.groups.len()
        + identity.provider.len()
        + facts
        + 8 * EACH;
    u32::try_from(sum).unwrap_or(u32::MAX)
}

#[derive(Clone, Debug)]
struct Bytes;

impl Weighter<Box<str>, Arc<Verified>> for Bytes {
    fn weight(&self, _: &Box<str>, verified: &Arc<Verified>) -> u64 {
        u64::from(verified.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Method;

    const PREMISES: Premises = Premises {
        snapshot: 1,
        epoch: 1,
    };

    fn verified(tokens: &VerifiedTokens, token: &str) {
        let principal = Principal {
            username: "alice".to_owned(),
            provider: "b2c".into(),
            groups: Vec::new(),
        };
        let identity = Identity::of(&principal);
        let entry = Verified {
            bytes: bytes(token, &principal, None, &identity),
            decision: Decision::Allow(Allowed::unidentified(Method::OAuth)),
            identity,
            validity: Validity {
                from: 10,
                until: 20,
            },
            under: PREMISES,
            provider: 0,
        };
        tokens.tokens.insert(token.into(), Arc::new(entry));
    }

    fn token(number: usize) -> String {
        format!("{number:01200}")
    }

    #[test]
    fn a_flood_of_tokens_neither_grows_the_memory_nor_pushes_hot_ones_out() {
        let tokens = VerifiedTokens::new();
        let hot: Vec<String> = (0..1_000)
            .map(|number| format!("hot-{number:01200}"))
            .collect();
        for one in &hot {
            verified(&tokens, one);
        }
        for number in 0..200_000 {
            verified(&tokens, &token(number));
            // Each is asked for again now and then, as a client's token is.
            assert!(tokens.tokens.weight() <= MOST_BYTES);
            let _ = tokens.tokens.get(&*hot[number % hot.len()]);
        }
        let kept = hot
            .iter()
            .filter(|one| tokens.tokens.get(&***one).is_some());
        let kept = kept.count();
        assert!(kept > 950, "{kept} of {} are still there", hot.len());
    }

    #[test]
    fn a_validity_begins_and_ends_with_a_second() {
        let validity = Validity {
            from: 10,
            until: 20,
        };
        let holding: Vec<i64> = (8..23).filter(|&now| validity.holds(now)).collect();
        assert_eq!(holding, (10..20).collect::<Vec<_>>());
    }
}
