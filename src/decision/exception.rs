//! Who may use Basic although it is disabled: the exceptions of the settings, compiled.

use std::cell::LazyCell;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::path::{PathSet, Reading};
use crate::network;
use crate::settings::{BasicException, fold_case};

/// One exception, compiled.
#[derive(Clone, Debug)]
pub struct BasicExceptionRule {
    id: Arc<str>,
    /// Folded, as usernames are compared.
    users: Vec<String>,
    paths: Option<PathSet>,
    networks: Vec<IpNet>,
    /// In Unix seconds; from then on it serves nobody.
    ends_at: i64,
}

/// A call with Basic credentials.
#[derive(Clone, Copy, Debug)]
pub struct BasicCall<'a> {
    /// Whom the credentials name, where one name can be read.
    pub user: Option<&'a str>,
    /// The target as the client sent it, where it is known.
    pub target: Option<&'a [u8]>,
    /// The client's address, where it is known.
    pub client: Option<IpAddr>,
    /// Now, in Unix seconds.
    pub now: i64,
}

impl BasicExceptionRule {
    /// Compiles an exception; `context_path` is the gate's.
    #[must_use]
    pub fn compile(exception: &BasicException, context_path: Option<&str>) -> Self {
        let users = exception.users.iter();
        let paths = &exception.paths;
        Self {
            id: exception.id.as_str().into(),
            users: users.map(|user| fold_case(user).into_owned()).collect(),
            paths: (!paths.is_empty()).then(|| PathSet::new(context_path, paths)),
            networks: exception.networks.clone(),
            ends_at: exception.ends_at(),
        }
    }

    /// Whether the call is among all that the exception names. What is not known is not among them.
    fn serves<'a>(
        &self,
        call: &BasicCall<'_>,
        user: Option<&str>,
        path: impl Fn() -> Option<&'a Reading<'a>>,
    ) -> bool {
        let is_user = |user: &str| self.users.iter().any(|known| known == user);
        call.now < self.ends_at
            && (self.users.is_empty() || user.is_some_and(is_user))
            && (self.networks.is_empty()
                || call
                    .client
                    .is_some_and(|client| network::contains(&self.networks, client)))
            && self
                .paths
                .as_ref()
                .is_none_or(|paths| path().is_some_and(|path| paths.covers(path)))
    }
}

/// The id of the first exception that serves the call.
#[must_use]
pub fn serving(rules: &[BasicExceptionRule], call: &BasicCall<'_>) -> Option<Arc<str>> {
    // Name and path are as long as the client likes, so they are read once and not by each rule.
    let user = call.user.map(fold_case);
    let path = LazyCell::new(|| call.target.and_then(Reading::of));
    let rule = rules
        .iter()
        .find(|rule| rule.serves(call, user.as_deref(), || path.as_ref()))?;
    Some(Arc::clone(&rule.id))
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    const LAST_SECOND: i64 = 1_801_439_999; // 2027-01-31T23:59:59Z

    fn exception() -> BasicException {
        BasicException {
            id: "jenkins".to_owned(),
            users: Vec::new(),
            paths: Vec::new(),
            networks: Vec::new(),
            owner: "Build team".to_owned(),
            reason: "No OAuth yet".to_owned(),
            ends_on: date!(2027 - 01 - 31),
        }
    }

    fn call<'a>(user: &'a str, target: &'a str, client: &str) -> BasicCall<'a> {
        BasicCall {
            user: Some(user),
            target: Some(target.as_bytes()),
            client: Some(client.parse().expect(client)),
            now: LAST_SECOND,
        }
    }

    fn serves(exception: &BasicException, call: &BasicCall<'_>) -> bool {
        let rule = BasicExceptionRule::compile(exception, None);
        serving(&[rule], call).is_some()
    }

    #[test]
    fn a_call_has_to_be_among_all_that_is_named() {
        let all = BasicException {
            users: vec!["Svc-Jenkins".to_owned()],
            paths: vec!["/rest/api/".to_owned()],
            networks: vec![network::parse("10.0.0.0/8").expect("a network")],
            ..exception()
        };
        for good in [
            call("svc-jenkins", "/rest/api/content?a=/x", "10.1.2.3"),
            call("SVC-jenkins", "/rest/api/content", "10.1.2.3"),
        ] {
            assert!(serves(&all, &good), "{good:?}");
        }
        for other in [
            call("svc-bamboo", "/rest/api/content", "10.1.2.3"),
            call("svc-jenkins", "/rest/other", "10.1.2.3"),
            call("svc-jenkins", "/rest/apis", "10.1.2.3"),
            call("svc-jenkins", "/rest/api/../other", "10.1.2.3"),
            call("svc-jenkins", "/rest/api/%2e%2e/other", "10.1.2.3"),
            call("svc-jenkins", "/rest/api//../x", "10.1.2.3"),
            call("svc-jenkins", "/s/rest/api/_/rest/other", "10.1.2.3"),
            call("svc-jenkins", "/rest/api/content", "11.1.2.3"),
        ] {
            assert!(!serves(&all, &other), "{other:?}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_among_what_is_named() {
        let named = [
            BasicException {
                users: vec!["a".to_owned()],
                ..exception()
            },
            BasicException {
                paths: vec!["/rest/".to_owned()],
                ..exception()
            },
            BasicException {
                networks: vec![network::parse("0.0.0.0/0").expect("a network")],
                ..exception()
            },
        ];
        let unknown = BasicCall {
            user: None,
            target: None,
            client: None,
            now: LAST_SECOND,
        };
        for exception in &named {
            assert!(serves(exception, &call("a", "/rest/x", "10.0.0.1")));
            assert!(!serves(exception, &unknown), "{exception:?}");
        }
    }

    #[test]
    fn it_ends_with_its_last_day() {
        let exception = BasicException {
            users: vec!["a".to_owned()],
            ..exception()
        };
        let at = |now| BasicCall {
            now,
            ..call("a", "/rest/", "10.0.0.1")
        };
        assert!(serves(&exception, &at(LAST_SECOND)));
        assert!(!serves(&exception, &at(LAST_SECOND + 1)));
    }
}
