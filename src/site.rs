//! What one listener serves: the console, validation, or both; health always.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tower::ServiceExt as _;

/// The routers of one listener. Each keeps its own fallback, which merged routers could not.
#[derive(Debug)]
pub struct Site {
    health: Router,
    control: Option<Control>,
    validation: Option<Router>,
}

/// The control plane.
#[derive(Debug)]
pub struct Control {
    /// The console's pages.
    pub console: Router,
    /// The management API.
    pub management: Router,
}

impl Site {
    /// Everything on one listener.
    #[must_use]
    pub fn whole(health: Router, control: Control, validation: Router) -> Self {
        Self {
            health,
            control: Some(control),
            validation: Some(validation),
        }
    }

    /// The console and the management API; validation is on another listener and unknown here.
    #[must_use]
    pub fn control(health: Router, control: Control) -> Self {
        Self {
            health,
            control: Some(control),
            validation: None,
        }
    }

    /// Validation alone.
    #[must_use]
    pub fn validation(health: Router, validation: Router) -> Self {
        Self {
            health,
            control: None,
            validation: Some(validation),
        }
    }

    /// Answers one request.
    pub async fn answer(&self, request: Request<Body>) -> Response {
        let router = match Plane::of(request.uri().path()) {
            Plane::Health => Some(&self.health),
            // Never the console: it would lead a caller to its public URL, or judge the Origin.
            Plane::Validation => self.validation.as_ref(),
            Plane::Management => self.control.as_ref().map(|control| &control.management),
            Plane::Console => self.control.as_ref().map(|control| &control.console),
        };
        match router {
            Some(router) => match router.clone().oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            },
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Plane {
    Health,
    Validation,
    Management,
    Console,
}

impl Plane {
    fn of(path: &str) -> Self {
        match path {
            "/healthz" | "/readyz" => Self::Health,
            "/validate" | "/introspect" | "/metrics" => Self::Validation,
            "/api" => Self::Management,
            _ if path.starts_with("/validate/") => Self::Validation,
            _ if path.starts_with("/api/") => Self::Management,
            _ => Self::Console,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;

    use super::*;

    fn router(name: &'static str) -> Router {
        Router::new().fallback(get(move || async move { name }))
    }

    async fn answer(site: &Site, path: &str) -> String {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = site.answer(request).await;
        if response.status() != StatusCode::OK {
            return response.status().as_str().to_owned();
        }
        let body = axum::body::to_bytes(response.into_body(), 100)
            .await
            .unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn each_path_is_served_by_its_plane() {
        let control = || Control {
            console: router("console"),
            management: router("management"),
        };
        let whole = Site::whole(router("health"), control(), router("validation"));
        let console = Site::control(router("health"), control());
        let validation = Site::validation(router("health"), router("validation"));
        for (path, on_whole, on_console, on_validation) in [
            ("/", "console", "console", "404"),
            ("/oauth/new?preset=azure-b2c", "console", "console", "404"),
            ("/validated", "console", "console", "404"),
            ("/Validate", "console", "console", "404"),
            ("/api-keys", "console", "console", "404"),
            ("/api", "management", "management", "404"),
            ("/api/v1/settings", "management", "management", "404"),
            ("/healthz", "health", "health", "health"),
            ("/readyz?verbose", "health", "health", "health"),
            ("/validate", "validation", "404", "validation"),
            ("/validate/", "validation", "404", "validation"),
            (
                "/validate/ext-authz/healthz",
                "validation",
                "404",
                "validation",
            ),
            ("/introspect", "validation", "404", "validation"),
            ("/metrics", "validation", "404", "validation"),
        ] {
            assert_eq!(answer(&whole, path).await, on_whole, "{path}");
            assert_eq!(answer(&console, path).await, on_console, "{path}");
            assert_eq!(answer(&validation, path).await, on_validation, "{path}");
        }
    }
}
