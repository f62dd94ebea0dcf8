//! Rules of the upstream credentials: who is served by which one is never in doubt.

use super::super::draft::Draft;
use super::super::fault::Faults;
use super::super::{Provider, Serves, Settings, UpstreamCredential, only_enabled, username_fault};
use super::origin;
use super::provider::is_id;

/// As long as an `Authorization` header of Confluence can be: far longer than any token of its own.
const MAX_AUTHORIZATION: usize = 4096;

pub(super) fn check(draft: &mut Draft, stored: &Settings, faults: &Faults) {
    let providers: Vec<_> = draft.providers.iter().map(|(_, one)| one).collect();
    let only = only_enabled(providers.iter().copied()).map(|provider| provider.id.as_str());
    let are_led_elsewhere = are_led_elsewhere(draft, stored);
    let known = &mut draft.upstream_credentials;
    for at in 0..known.len() {
        let (before, rest) = known.split_at_mut(at);
        let Some((index, credential)) = rest.first_mut() else {
            continue;
        };
        let place = Place {
            index: *index,
            faults,
        };
        check_id(credential, before, &place);
        check_serves(&credential.serves, &providers, &place);
        if let Some((_, twin)) = before
            .iter()
            .find(|(_, other)| other.serves.equals(&credential.serves, only))
        {
            let detail = format!(
                "\"{}\" already serves {}; remove one of the two",
                twin.id, credential.serves
            );
            place.fault("match", detail);
        }
        keep_stored(credential, stored, are_led_elsewhere, &place);
        check_authorization(credential, &place);
    }
}

/// Where a credential stands in the document.
struct Place<'a> {
    index: usize,
    faults: &'a Faults,
}

impl Place<'_> {
    fn fault(&self, member: &str, detail: impl Into<String>) {
        self.faults.add(
            format!("/upstream_credentials/{}/{member}", self.index),
            detail,
        );
    }
}

fn check_id(
    credential: &UpstreamCredential,
    before: &[(usize, UpstreamCredential)],
    place: &Place<'_>,
) {
    let id = &credential.id;
    if !is_id(id) {
        place.fault(
            "id",
            "must be 1 to 63 of a-z, 0-9 and -, and begin with a letter or digit; for example \"alice\"",
        );
    } else if before.iter().any(|(_, other)| other.id == *id) {
        let detail = format!("\"{id}\" is the id of another credential; ids are unique");
        place.fault("id", detail);
    }
}

fn check_serves(serves: &Serves, providers: &[&Provider], place: &Place<'_>) {
    match serves {
        Serves::User { username, .. } => {
            if let Some(fault) = username_fault(username) {
                place.fault("match/username", format!("is no username: it {fault}"));
            }
        }
        Serves::Group { group, .. } => {
            if group.is_empty() || group.trim() != group {
                place.fault("match/group", "must be a name without blanks around it");
            }
        }
        Serves::Everyone => return,
    }
    let enabled = providers.iter().filter(|provider| provider.enabled).count();
    match serves.provider() {
        Some(id) if providers.iter().all(|provider| provider.id != id) => place.fault(
            "match/provider",
            format!(
                "is \"{id}\", which is no provider here: the upstream credential for {serves} has to \
                 be removed, or given to another provider, first"
            ),
        ),
        None if enabled > 1 => place.fault(
            "match/provider",
            format!(
                "is missing: more than one provider is enabled, so the upstream credential for \
                 {serves} must say whose; for example \"{}\"",
                providers[0].id
            ),
        ),
        _ => {}
    }
}

/// Whether "Test" would send the credentials to another origin than it sent the stored ones.
///
/// Whoever may write settings, but never read a secret, must not lead a stored one to a host of their
/// own. Without a URL nothing is sent anywhere, so taking it away keeps the secrets. But then nothing
/// says any more which origin they were entered for, so any URL that follows is another one.
fn are_led_elsewhere(draft: &Draft, stored: &Settings) -> bool {
    let Some(url) = &draft.global.confluence_url else {
        return false;
    };
    let before = stored.global.confluence_url.as_deref().and_then(origin);
    before.is_none() || before != origin(url)
}

/// A document that leaves the secret out keeps the stored one, unless it would be led elsewhere.
fn keep_stored(
    credential: &mut UpstreamCredential,
    stored: &Settings,
    is_led_elsewhere: bool,
    place: &Place<'_>,
) {
    if credential.authorization.is_some() {
        return;
    }
    let stored = stored.upstream_credential(&credential.id);
    match stored.and_then(|stored| stored.authorization.clone()) {
        Some(_) if is_led_elsewhere => place.fault(
            "authorization",
            "has to be entered again: /global/confluence_url has another origin than before, and a \
             stored credential is not sent to a new address; enter it in the same document, or \
             leave that URL as it was",
        ),
        Some(authorization) => credential.authorization = Some(authorization),
        None => place.fault(
            "authorization",
            "has to be entered; for example \"Bearer <personal access token>\"",
        ),
    }
}

/// `Scheme value`, as a header can bear it. What is there is never repeated.
fn check_authorization(credential: &UpstreamCredential, place: &Place<'_>) {
    let Some(secret) = &credential.authorization else {
        return;
    };
    let text = secret.expose();
    if text.is_empty() {
        place.fault(
            "authorization",
            "has to be entered: without it the credential would serve nobody; to remove the \
             credential, take it out of the list",
        );
        return;
    }
    let is_well_formed = text.split_once(' ').is_some_and(|(scheme, value)| {
        !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && !value.is_empty()
            && value.bytes().all(|byte| byte.is_ascii_graphic())
    });
    if !is_well_formed || text.len() > MAX_AUTHORIZATION {
        place.fault(
            "authorization",
            "must be a scheme, one blank and a value of visible ASCII without blanks, 4096 \
             characters at most; for example \"Bearer <personal access token>\"",
        );
    }
}
