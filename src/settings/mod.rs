//! What an administrator can change while the program runs: the settings document, and beside it the username maps.
//!
//! Nothing here knows HTTP, SQL or an identity provider. A document is read with every fault it has
//! ([`Settings::read`]), so what exists as [`Settings`] is valid.

mod assignment;
mod attribute;
mod basic_exception;
mod changes;
mod draft;
mod fault;
mod presets;
mod provider;
mod read;
mod read_global;
mod read_upstream;
mod reader;
mod rules;
mod sealed;
mod secret;
mod upstream;
mod username;
mod username_map;

pub use assignment::Assignment;
pub use attribute::{AttributePath, PathError};
pub use basic_exception::BasicException;
pub use changes::Change;
pub use draft::ReadContext;
pub use fault::Fault;
pub use presets::{
    Mark, MarkValue, PRESETS, Parameter, ParameterForm, Preset, Recommendation, Stability,
    TokenInfo, TokenInfoCall,
};
pub use provider::{Algorithm, Provider, TokenValidation, UsernameTransform};

pub use rules::{UrlRule, never_called, origin};
pub use sealed::{SecretKey, UnsealError};
pub use secret::Secret;
pub use upstream::{Serves, UpstreamCredential, only_enabled};
pub use username::{fold_case, is_username, username_fault};
pub use username_map::{LineFault, MapDigest, MapUpdate, RowChange, UsernameMap, UsernameMaps};

use serde::Serialize;
use serde_json::{Value, json};

/// The whole of the settings: the gate's own, and the identity providers in the order in which they
/// are asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// What belongs to the gate as a whole.
    pub global: Global,
    /// The identity providers.
    pub providers: Vec<Provider>,
    /// The credentials of Confluence that good calls are handed over with; of several of one kind the
    /// first that fits wins.
    pub upstream_credentials: Vec<UpstreamCredential>,
}

/// What belongs to the gate as a whole.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the settings document"
)]
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Global {
    /// The main switch: off means that every request passes and the Atlassian application decides.
    pub rest_api_authentication_enabled: bool,
    /// Refuse Basic credentials.
    pub basic_authentication_disabled: bool,
    /// Whether refusals are put in force or only recorded.
    pub mode: Mode,
    /// Record what disabling Basic would refuse, and let it pass.
    pub basic_observed: bool,
    /// Who may use Basic although it is disabled.
    pub basic_exceptions: Vec<BasicException>,
    /// The path under which the application is deployed: `None` unknown, `""` the root.
    pub context_path: Option<String>,
    /// Paths that need a credential; each covers whole segments, compared without case.
    pub protected_paths: Vec<String>,
    /// Paths that pass without a credential; each covers whole segments, compared with case.
    pub public_paths: Vec<String>,
    /// Let a request without any credential pass.
    pub allow_anonymous: bool,
    /// Let a request with one of [`Global::session_cookie_names`] pass.
    pub allow_browser_sessions: bool,
    /// The application's own session cookies.
    pub session_cookie_names: Vec<String>,
    /// Let what has the shape of an Atlassian personal access token pass.
    pub allow_atlassian_tokens: bool,
    /// Let OAuth 1.0a (application links) pass.
    pub allow_oauth1: bool,
    /// How far the clocks of a provider and of this machine may differ, in seconds.
    pub clock_skew_seconds: u32,
    /// Where Confluence itself is reached, without the gate; only "Test" of Confluence access asks it.
    pub confluence_url: Option<String>,
    /// How long the activity is kept, in days.
    pub activity_retention_days: u32,
}

/// Whether refusals are put in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// What is refused is refused.
    Enforce,
    /// What would be refused passes, and is recorded.
    Observe,
}

impl Mode {
    pub(super) fn from_spelling(text: &str) -> Option<Self> {
        match text {
            "enforce" => Some(Self::Enforce),
            "observe" => Some(Self::Observe),
            _ => None,
        }
    }
}

impl Default for Global {
    fn default() -> Self {
        let owned = |values: &[&str]| values.iter().map(ToString::to_string).collect();
        Self {
            rest_api_authentication_enabled: false,
            basic_authentication_disabled: false,
            mode: Mode::Enforce,
            basic_observed: false,
            basic_exceptions: Vec::new(),
            context_path: None,
            protected_paths: owned(&["/rest/", "/rpc/"]),
            public_paths: Vec::new(),
            allow_anonymous: false,
            allow_browser_sessions: true,
            session_cookie_names: owned(&[
                "JSESSIONID",
                "seraph.confluence",
                "seraph.rememberme.cookie",
            ]),
            allow_atlassian_tokens: false,
            allow_oauth1: true,
            clock_skew_seconds: 60,
            confluence_url: None,
            activity_retention_days: 30,
        }
    }
}

impl Settings {
    /// The settings document: every key, secrets as `null`.
    #[must_use]
    pub fn export(&self) -> Value {
        json!({
            "version": 1,
            "global": self.global,
            "providers": self.providers,
            "upstream_credentials": self.upstream_credentials,
        })
    }

    /// The provider with this id.
    #[must_use]
    pub fn provider(&self, id: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    /// The upstream credential with this id.
    #[must_use]
    pub fn upstream_credential(&self, id: &str) -> Option<&UpstreamCredential> {
        self.upstream_credentials
            .iter()
            .find(|credential| credential.id == id)
    }
}
