//! Sign-ins at providers that are under way, kept in the web session of the administrator who
//! began them: each comes back once, within ten minutes, to the same session.

use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use crate::console::error::Error;
use crate::console::page::Moment;
use crate::provider::random_text;

/// How long a sign-in may take, in seconds.
const LIFE: i64 = 10 * 60;
/// Sign-ins at once in one session; a further one takes the place of the oldest.
const AT_ONCE: usize = 4;
const KEY: &str = "sign_ins_under_way";

/// A sign-in that is under way. The verifier is worth nothing without the code, which only comes
/// with the answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Comes back with the answer and finds this value again.
    pub state: String,
    /// Comes back in the ID token.
    pub nonce: String,
    /// The secret of PKCE.
    pub verifier: String,
    /// The provider's id.
    pub provider: String,
    /// The scopes that were asked for, separated by blanks.
    pub scopes: String,
    begun_at: i64,
}

impl Pending {
    /// A sign-in that begins now.
    pub fn new(provider: &str, scopes: &str) -> Self {
        Self {
            state: random_text(),
            nonce: random_text(),
            verifier: random_text(),
            provider: provider.to_owned(),
            scopes: scopes.to_owned(),
            begun_at: Moment::now().0,
        }
    }

    fn is_alive(&self, now: i64) -> bool {
        now - self.begun_at < LIFE
    }
}

/// Keeps a sign-in for its answer.
pub async fn keep(session: &Session, pending: Pending) -> Result<(), Error> {
    let mut under_way: UnderWay = session.get(KEY).await?.unwrap_or_default();
    under_way.add(pending, Moment::now().0);
    Ok(session.insert(KEY, under_way).await?)
}

/// The sign-in that an answer belongs to; it is used up, also in the store, before anything else
/// happens.
pub async fn take(session: &Session, state: &str) -> Result<Option<Pending>, Error> {
    let mut under_way: UnderWay = session.get(KEY).await?.unwrap_or_default();
    let found = under_way.take(state, Moment::now().0);
    session.insert(KEY, under_way).await?;
    session.save().await?;
    Ok(found)
}

#[derive(Default, Serialize, Deserialize)]
struct UnderWay(Vec<Pending>);

impl UnderWay {
    fn add(&mut self, pending: Pending, now: i64) {
        self.0.retain(|one| one.is_alive(now));
        if self.0.len() >= AT_ONCE {
            self.0.remove(0);
        }
        self.0.push(pending);
    }

    fn take(&mut self, state: &str, now: i64) -> Option<Pending> {
        self.0.retain(|one| one.is_alive(now));
        let place = self.0.iter().position(|one| one.state == state)?;
        Some(self.0.remove(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(begun_at: i64) -> Pending {
        Pending {
            begun_at,
            ..Pending::new("azure-b2c", "openid")
        }
    }

    #[test]
    fn a_sign_in_comes_back_once_within_ten_minutes() {
        let mut under_way = UnderWay::default();
        let (one, late) = (pending(1000), pending(1000));
        under_way.add(one.clone(), 1000);
        under_way.add(late.clone(), 1000);
        assert!(under_way.take("another", 1001).is_none());
        let found = under_way.take(&one.state, 1000 + LIFE - 1);
        assert!(found.is_some_and(|found| found == one));
        assert!(under_way.take(&one.state, 1000 + LIFE - 1).is_none());
        assert!(under_way.take(&late.state, 1000 + LIFE).is_none());
    }

    #[test]
    fn a_session_holds_a_few_sign_ins_and_forgets_the_oldest() {
        let mut under_way = UnderWay::default();
        let all: Vec<_> = (0..=4).map(|second| pending(1000 + second)).collect();
        for pending in &all {
            under_way.add(pending.clone(), 1010);
        }
        assert_eq!(under_way.0.len(), AT_ONCE);
        assert!(under_way.take(&all[0].state, 1010).is_none());
        assert!(under_way.take(&all[4].state, 1010).is_some());
    }

    #[test]
    fn no_two_sign_ins_share_a_secret() {
        let (one, other) = (pending(0), pending(0));
        let all = [&one, &other].map(|one| [&one.state, &one.nonce, &one.verifier]);
        let all = all.as_flattened();
        for (at, text) in all.iter().enumerate() {
            assert!(!all[..at].contains(text));
        }
    }
}
