//! What the settings make of a recorded call, credential by credential.

use std::collections::{HashMap, HashSet};

use ipnet::IpNet;

use super::path::{self, Under};
use super::token;
use crate::activity::{OTHER, UsageKey};
use crate::decision::path::Access;
use crate::decision::{Method, Reason, credential::Kind};
use crate::settings::{Global, Mode, Settings, fold_case};

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It passes.
    Passes,
    /// It is refused, for the reason of this code.
    Refused(&'static str),
    /// That depends on more than is recorded.
    Untold,
}

impl From<Reason> for Verdict {
    fn from(reason: Reason) -> Self {
        Self::Refused(reason.code())
    }
}

/// Judges recorded calls by settings.
pub(super) struct Judge<'a> {
    settings: &'a Settings,
    /// The settings in force, under which the calls were recorded.
    today: &'a Settings,
    exceptions: Vec<Exception<'a>>,
    /// What the beginnings of paths that came so far ask for.
    paths: HashMap<String, Vec<Access>>,
}

/// An exception to Basic being disabled, ready to be compared with each of very many calls.
struct Exception<'a> {
    /// In folded case.
    users: HashSet<String>,
    /// None where it holds for every path.
    paths: Option<Under<'a>>,
    networks: &'a [IpNet],
}

impl<'a> Judge<'a> {
    /// By `settings` at the moment `now`, in Unix seconds.
    pub(super) fn new(settings: &'a Settings, today: &'a Settings, now: i64) -> Self {
        let global = &settings.global;
        let exceptions = global.basic_exceptions.iter();
        let in_force = exceptions.filter(|exception| now < exception.ends_at());
        let exceptions = in_force.map(|exception| Exception {
            users: exception
                .users
                .iter()
                .map(|user| fold_case(user).into_owned())
                .collect(),
            paths: (!exception.paths.is_empty()).then(|| Under::new(&exception.paths, global)),
            networks: &exception.networks,
        });
        Self {
            settings,
            today,
            exceptions: exceptions.collect(),
            paths: HashMap::new(),
        }
    }

    pub(super) fn judge(&mut self, call: &UsageKey) -> Verdict {
        let global = &self.settings.global;
        if !global.rest_api_authentication_enabled || global.mode == Mode::Observe {
            return Verdict::Passes;
        }
        if !self.paths.contains_key(&call.path_prefix) {
            let possible = path::possible_access(&call.path_prefix, global);
            self.paths.insert(call.path_prefix.clone(), possible);
        }
        let possible = self.paths[&call.path_prefix].iter();
        possible
            .map(|access| self.judge_on(*access, call))
            .reduce(|one, other| if one == other { one } else { Verdict::Untold })
            .unwrap_or(Verdict::Untold)
    }

    fn judge_on(&self, access: Access, call: &UsageKey) -> Verdict {
        let global = &self.settings.global;
        let is = |kind: Kind| call.credential == kind.as_str();
        if access == Access::Public {
            return Verdict::Passes;
        }
        if is(Kind::Bearer) {
            return bearer(call, self.settings, self.today);
        }
        if is(Kind::Basic) && global.basic_authentication_disabled {
            return self.basic_while_disabled(call);
        }
        if access == Access::Open || is(Kind::Basic) {
            return Verdict::Passes;
        }
        if is(Kind::OAuth1) {
            return passes_or(global.allow_oauth1, Reason::OAuth1Disabled);
        }
        let nothing = passes_or(global.allow_anonymous, Reason::MissingCredential);
        if is(Kind::Session) {
            return match global.allow_browser_sessions {
                false => nothing,
                // By which cookie it is a session is not recorded.
                true if keeps_cookies(&self.today.global, global) => Verdict::Passes,
                true => Verdict::Untold,
            };
        }
        if is(Kind::Nothing) {
            return nothing;
        }
        Verdict::from(Reason::UnsupportedScheme)
    }

    /// An exception may let it through.
    fn basic_while_disabled(&self, call: &UsageKey) -> Verdict {
        if self.settings.global.basic_observed {
            return Verdict::Passes;
        }
        let user = fold_case(&call.user);
        let mut verdict = Reason::BasicDisabled.into();
        for exception in &self.exceptions {
            match exception.serves(call, &user) {
                Some(true) => return Verdict::Passes,
                Some(false) => {}
                None => verdict = Verdict::Untold,
            }
        }
        verdict
    }
}

fn passes_or(allowed: bool, reason: Reason) -> Verdict {
    if allowed {
        Verdict::Passes
    } else {
        reason.into()
    }
}

fn keeps_cookies(today: &Global, new: &Global) -> bool {
    let new = &new.session_cookie_names;
    today
        .session_cookie_names
        .iter()
        .all(|name| new.contains(name))
}

fn bearer(call: &UsageKey, settings: &Settings, today: &Settings) -> Verdict {
    if call.method == Method::AtlassianToken.as_str() {
        return if settings.global.allow_atlassian_tokens {
            Verdict::Passes
        } else if settings.providers.iter().any(token::may_be_asked) {
            Verdict::Untold
        } else {
            Reason::UnknownToken.into()
        };
    }
    if call.method == Method::OAuth.as_str() {
        return token::judge(call, settings, today);
    }
    // Not let in by what it says: its reason holds as long as the rules for tokens do.
    match Reason::ALL
        .iter()
        .find(|reason| call.reason == reason.code())
    {
        Some(reason) if settings.providers == today.providers => (*reason).into(),
        _ => Verdict::Untold,
    }
}

impl Exception<'_> {
    /// Whether it serves a call of `user`, whose name is folded; `None` where that is not recorded.
    fn serves(&self, call: &UsageKey, user: &str) -> Option<bool> {
        let user = if self.users.is_empty() {
            Some(true)
        } else if call.is_coarse() {
            None
        } else {
            Some(self.users.contains(user))
        };
        let network = || match self.networks {
            [] => Some(true),
            networks => is_in(&call.network, networks),
        };
        let path = || match &self.paths {
            None => Some(true),
            Some(paths) => paths.holds(&call.path_prefix),
        };
        and(user, || and(network(), path))
    }
}

/// One no is enough, whatever the other would be.
fn and(one: Option<bool>, other: impl FnOnce() -> Option<bool>) -> Option<bool> {
    match one {
        Some(false) => Some(false),
        Some(true) => other(),
        None => other().filter(|is_true| !is_true),
    }
}

/// Whether all of a recorded network is in one of `networks`; `None` where a part is, or it is not known.
pub(super) fn is_in(recorded: &str, networks: &[IpNet]) -> Option<bool> {
    if recorded == OTHER {
        return None;
    }
    let Ok(recorded) = recorded.parse::<IpNet>() else {
        return Some(false);
    };
    if networks.iter().any(|network| network.contains(&recorded)) {
        Some(true)
    } else if networks.iter().any(|network| recorded.contains(network)) {
        None
    } else {
        Some(false)
    }
}
