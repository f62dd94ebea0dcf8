//! Rules of the exceptions to Basic being disabled: each says for whom, by whom and why.

use super::super::fault::Faults;
use super::super::{BasicException, username_fault};
use super::global::check_path;
use super::provider::is_id;

/// Each is compared with each call that uses Basic.
const MAX_EXCEPTIONS: usize = 200;
/// Of the users, paths or networks of one.
const MAX_NAMED: usize = 200;
/// Of the owner and the reason, in characters.
const MAX_TEXT: usize = 200;

/// Checks the exceptions, each with its place in the document.
pub(super) fn check(exceptions: &[(usize, BasicException)], faults: &Faults) {
    if exceptions.len() > MAX_EXCEPTIONS {
        let detail = format!("must hold at most {MAX_EXCEPTIONS} exceptions");
        faults.add("/global/basic_exceptions", detail);
    }
    for (at, (index, exception)) in exceptions.iter().enumerate() {
        let fault = |member: &str, detail: String| {
            faults.add(format!("/global/basic_exceptions/{index}/{member}"), detail);
        };
        if !is_id(&exception.id) {
            let detail = "must be 1 to 63 of a-z, 0-9 and -, and begin with a letter or digit; for \
                          example \"jenkins\"";
            fault("id", detail.to_owned());
        } else if exceptions[..at]
            .iter()
            .any(|(_, other)| other.id == exception.id)
        {
            let detail = format!("\"{}\" is the id of another exception", exception.id);
            fault("id", detail);
        }
        check_whom(exception, fault);
        for (member, text) in [("owner", &exception.owner), ("reason", &exception.reason)] {
            if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
                let detail = format!("must be a text of 1 to {MAX_TEXT} characters");
                fault(member, detail);
            }
        }
    }
}

fn check_whom(exception: &BasicException, fault: impl Fn(&str, String)) {
    if exception.users.is_empty() && exception.paths.is_empty() && exception.networks.is_empty() {
        let detail = "must hold a user, or there must be a path or a network: an exception for \
                      everything is no exception; to allow Basic again, turn \
                      basic_authentication_disabled off";
        fault("users", detail.to_owned());
    }
    for (member, count) in [
        ("users", exception.users.len()),
        ("paths", exception.paths.len()),
        ("networks", exception.networks.len()),
    ] {
        if count > MAX_NAMED {
            fault(member, format!("must hold at most {MAX_NAMED}"));
        }
    }
    for (index, user) in exception.users.iter().enumerate() {
        if let Some(why) = username_fault(user) {
            fault(
                &format!("users/{index}"),
                format!("is no username: it {why}"),
            );
        }
    }
    for (index, path) in exception.paths.iter().enumerate() {
        let place = format!("paths/{index}");
        if path.trim_matches('/').is_empty() {
            fault(
                &place,
                "would cover every path; for example \"/rest/api/\"".to_owned(),
            );
        } else if let Err(detail) = check_path(path) {
            fault(&place, format!("{detail}; for example \"/rest/api/\""));
        }
    }
}
