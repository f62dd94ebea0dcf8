//! Who asks, and what they may do.

use axum::Extension;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

use super::Management;
use super::problem::Problem;
use crate::api_key::{self, ApiKeys, Role};
use crate::decision::credential::{Carrier, Credential};
use crate::gate::RequestId;
use crate::peer::Peer;
use crate::provider::unix_now;
use crate::store::Author;

/// Whoever has shown a key that may read.
#[derive(Clone, Debug)]
struct Caller {
    role: Role,
    author: Author,
}

/// Lets nobody in without a key that may read the settings, whatever the path: a stranger learns nothing, and no
/// content of theirs is read.
pub(super) async fn identify(
    State(management): State<Management>,
    Extension(id): Extension<RequestId>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let api_key::Caller { name, role } = of(request.headers(), &management.api_keys)?;
    if !role.may_read_settings() {
        return Err(Problem::MayNotRead);
    }
    let peer = request.extensions().get::<Peer>();
    let forwarded_for = request.headers().get_all("x-forwarded-for");
    let address = peer.and_then(|peer| management.trusted_proxies.client(peer, forwarded_for));
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let author = Author {
        name: format!("api:{name}"),
        from: address.map_or_else(String::new, |address| address.to_string()),
    };
    request.extensions_mut().insert(Caller { role, author });
    let response = next.run(request).await;
    // At the level that is off by default, as for `/validate`; what is saved has its line anyway.
    tracing::debug!(
        request.id = id.as_str(),
        caller = name,
        %method,
        route = route.as_ref().map(MatchedPath::as_str),
        status = response.status().as_u16(),
        "answered"
    );
    Ok(response)
}

/// Nothing but memory is asked.
fn of(headers: &HeaderMap, keys: &ApiKeys) -> Result<api_key::Caller, Problem> {
    let carrier = Carrier {
        headers,
        query: b"",
    };
    match carrier.credential(&[]) {
        Ok(Credential::Bearer(key)) => keys.caller(key, unix_now()).ok_or(Problem::BadKey),
        Ok(Credential::Missing) => Err(Problem::NoKey),
        Ok(_) | Err(_) => Err(Problem::BadKey),
    }
}

/// A caller who may change the settings, as a save keeps them.
pub(super) struct Writer(pub(super) Author);

impl<S: Sync> FromRequestParts<S> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Caller>().ok_or(Problem::Mistake)?;
        if caller.role.may_write_settings() {
            Ok(Self(caller.author.clone()))
        } else {
            Err(Problem::MayNotWrite)
        }
    }
}
