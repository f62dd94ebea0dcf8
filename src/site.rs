//! What one listener serves: the console, validation, or both; health always.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tower::ServiceExt as _;

use crate::gate::Validation;
use crate::peer::Peer;

/// The routers of one listener. Each keeps its own fallback, which merged routers could not.
#[derive(Debug)]
pub struct Site {
    health: Router,
    control: Option<Control>,
    data: Option<Data>,
}

/// The control plane.
#[derive(Debug)]
pub struct Control {
    /// The console's pages.
    pub console: Router,
    /// The management API.
    pub management: Router,
}

/// The data plane.
#[derive(Debug)]
pub struct Data {
    /// The validation endpoints.
    pub validation: Validation,
    /// `/introspect` and `/metrics`.
    pub others: Router,
}

impl Site {
    /// Everything on one listener.
    #[must_use]
    pub fn whole(health: Router, control: Control, data: Data) -> Self {
        Self {
            health,
            control: Some(control),
            data: Some(data),
        }
    }

    /// The console and the management API; validation is on another listener and unknown here.
    #[must_use]
    pub fn control(health: Router, control: Control) -> Self {
        Self {
            health,
            control: Some(control),
            data: None,
        }
    }

    /// Validation alone.
    #[must_use]
    pub fn validation(health: Router, data: Data) -> Self {
        Self {
            health,
            control: None,
            data: Some(data),
        }
    }

    /// Answers one request of this peer.
    pub async fn answer(&self, mut request: Request<Body>, peer: Peer) -> Response {
        let router = match Plane::of(request.uri().path()) {
            Plane::Health => Some(&self.health),
            // Never the console: it would lead a caller to its public URL, or judge the Origin.
            Plane::Validation => match &self.data {
                Some(data) => return data.validation.answer(request, peer).await,
                None => None,
            },
            Plane::Data => self.data.as_ref().map(|data| &data.others),
            Plane::Management => self.control.as_ref().map(|control| &control.management),
            Plane::Console => self.control.as_ref().map(|control| &control.console),
        };
        match router {
            Some(router) => {
                request.extensions_mut().insert(peer);
                match router.clone().oneshot(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            }
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Plane {
    Health,
    Validation,
    Data,
    Management,
    Console,
}

impl Plane {
    fn of(path: &str) -> Self {
        match path {
            "/healthz" | "/readyz" => Self::Health,
            "/validate" => Self::Validation,
            "/introspect" | "/metrics" => Self::Data,
            "/api" => Self::Management,
            _ if path.starts_with("/validate/") => Self::Validation,
            _ if path.starts_with("/api/") => Self::Management,
            _ => Self::Console,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_is_served_by_its_plane() {
        for (path, plane) in [
            ("/", Plane::Console),
            ("/oauth/new", Plane::Console),
            ("/validated", Plane::Console),
            ("/Validate", Plane::Console),
            ("/api-keys", Plane::Console),
            ("/api", Plane::Management),
            ("/api/v1/settings", Plane::Management),
            ("/healthz", Plane::Health),
            ("/readyz", Plane::Health),
            ("/validate", Plane::Validation),
            ("/validate/", Plane::Validation),
            ("/validate/ext-authz/healthz", Plane::Validation),
            ("/introspect", Plane::Data),
            ("/metrics", Plane::Data),
        ] {
            assert_eq!(Plane::of(path), plane, "{path}");
        }
    }
}
