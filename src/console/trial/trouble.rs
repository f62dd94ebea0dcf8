//! Why there is no token, in an administrator's words, with what helps.

use crate::provider::{FetchError, GrantError};

/// Something that went wrong on the way to a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// One sentence; the page's title.
    pub what: String,
    /// What to do.
    pub cure: String,
    /// The provider's own words; empty where it said none.
    pub said: String,
}

/// What providers say, and what helps: the first row of which a text occurs in the error's code or
/// description, in lower case.
const CURES: &[(&[&str], &str)] = &[
    (
        &["aadsts9002325", "aadsts9002326", "aadsts9002327"],
        "The Callback URL is registered for a single-page application. Register it as one of the \
         kind \"Web\".",
    ),
    (
        &[
            "redirect_uri",
            "redirect uri",
            "aadsts50011",
            "aadb2c90006",
            "reply url",
        ],
        "Register the Callback URL at the provider, exactly as it is shown here, as a reply \
         (redirect) URL of the kind \"Web\".",
    ),
    (
        &["aadsts7000218"],
        "The provider wants a client secret: enter it in the provider's form, or register the \
         application as a public client.",
    ),
    (
        &[
            "invalid_client",
            "aadsts7000215",
            "aadsts7000222",
            "aadb2c90081",
        ],
        "The provider doesn't accept the client ID with this secret. Enter the secret anew in the \
         provider's form: its value, not its ID, and one that has not expired.",
    ),
    (
        &["aadsts65001", "consent_required", "aadb2c90205"],
        "Nobody has consented to these scopes for the application: grant them at the provider.",
    ),
    (
        &[
            "invalid_scope",
            "aadsts70011",
            "aadsts500011",
            "aadb2c90117",
        ],
        "The provider doesn't know one of the scopes. Write those of your API with their whole name, \
         for example https://contoso.onmicrosoft.com/api/demo.read; an application asks Microsoft for \
         …/.default alone.",
    ),
    (
        &[
            "unauthorized_client",
            "unsupported_grant_type",
            "unsupported_response_type",
        ],
        "The application may not get a token in this way: allow the authorization code (or the client \
         credentials) grant at its registration.",
    ),
    (
        &["access_denied", "login_required", "interaction_required"],
        "The sign-in was cancelled, or this user may not use the application. Try again, perhaps as \
         another user.",
    ),
    (
        &["invalid_grant"],
        "The code was used already, has expired, or was made for another Callback URL. Sign in once \
         more.",
    ),
    (
        &["server_error", "temporarily_unavailable"],
        "The provider has trouble of its own: try again later.",
    ),
];

const UNKNOWN_ERROR: &str = "The provider's documentation explains its error.";
/// What of a provider's own words is shown, in characters.
const SHOWN: usize = 600;

/// The provider sent the user back, or answered the request for a token, with an error.
pub fn said_no(error: &str, description: &str) -> Trouble {
    let text = format!("{error} {description}").to_lowercase();
    let cure = CURES
        .iter()
        .find(|(texts, _)| texts.iter().any(|known| text.contains(known)));
    let said = [error, description].map(str::trim);
    let said: Vec<_> = said.into_iter().filter(|part| !part.is_empty()).collect();
    Trouble {
        what: "The provider gave no token".to_owned(),
        cure: cure.map_or(UNKNOWN_ERROR, |(_, cure)| *cure).to_owned(),
        said: said.join(": ").chars().take(SHOWN).collect(),
    }
}

/// The request for a token failed.
pub fn of_grant(error: &GrantError) -> Trouble {
    let (what, cure) = match error {
        GrantError::Refused { error, description } => return said_no(error, description),
        GrantError::NoEndpoint => return no_endpoint("token"),
        GrantError::NoSecret => (
            "There is no client secret".to_owned(),
            "An application can get a token of its own only with a secret: enter it in the provider's \
             form.",
        ),
        GrantError::NoMethod => (
            "The provider accepts no client secret".to_owned(),
            "Its token endpoint wants another client authentication (token_endpoint_auth_methods_supported). \
             Get the token where you can, and paste it.",
        ),
        GrantError::Fetch(error) => (
            format!("The token endpoint can't be asked: {error}"),
            match error {
                FetchError::Url(_) => "Correct the Token Endpoint in the provider's form.",
                FetchError::Status(_) | FetchError::Content(_) | FetchError::TooLong => {
                    "Check the Token Endpoint in the provider's form: it should answer with JSON."
                }
                _ => {
                    "Check that this machine may reach the provider: DNS, firewall, TLS certificate."
                }
            },
        ),
    };
    Trouble::new(what, cure)
}

/// The provider's endpoint of this kind is not known.
pub fn no_endpoint(kind: &str) -> Trouble {
    Trouble::new(
        format!("The provider's {kind} endpoint is not known"),
        "Its discovery document names none, or could not be read. Look at the provider's state, or \
         enter the endpoint in its form, under Advanced.",
    )
}

/// The authorization endpoint is no address to send a user to.
pub fn bad_endpoint(error: &FetchError) -> Trouble {
    Trouble::new(
        format!("The authorization endpoint can't be used: {error}"),
        "Correct the Authorization Endpoint in the provider's form.",
    )
}

/// There is no client id, without which no token can be asked for.
pub fn no_client() -> Trouble {
    Trouble::new(
        "There is no Application (Client) ID",
        "Enter the one that you registered at the provider in its form.",
    )
}

/// An answer to no sign-in that is under way.
pub fn not_expected() -> Trouble {
    Trouble::new(
        "This sign-in is not expected",
        "It was used already, took longer than ten minutes, or was begun in another browser or \
         session. Nothing was asked of the provider. Begin it anew here.",
    )
}

/// The answer, or its ID token, is not the one to this sign-in.
pub fn mixed_up(what: &str) -> Trouble {
    Trouble::new(
        format!("The provider's answer belongs to another sign-in: {what}"),
        "Nothing of it was used. Begin anew; if that happens again, somebody may be tampering with \
         your sign-in.",
    )
}

/// An answer without a code and without an error.
pub fn no_code() -> Trouble {
    Trouble::new(
        "The provider sent no code",
        "Check the Authorization Endpoint in the provider's form, and that the application may use \
         the authorization code grant.",
    )
}

/// A good answer that holds no access token.
pub fn no_access_token(scopes: &str, client_id: &str) -> Trouble {
    Trouble::new(
        "The provider gave no access token",
        format!(
            "It answered the scopes \"{scopes}\" with an ID token alone. Ask for a scope of your API \
             too, for example https://contoso.onmicrosoft.com/api/demo.read; at Azure B2C the \
             application's own ID ({client_id}) serves as well."
        ),
    )
}

impl Trouble {
    fn new(what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            cure: cure.into(),
            said: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_errors_have_their_cure() {
        let cases = [
            (
                "invalid_request",
                "AADSTS50011: The redirect URI …",
                "Register the Callback URL",
            ),
            ("redirect_uri_mismatch", "", "Register the Callback URL"),
            (
                "invalid_request",
                "AADSTS9002327: Tokens issued …",
                "single-page",
            ),
            ("invalid_client", "", "its value, not its ID"),
            (
                "invalid_request",
                "AADB2C90117: The scope 'x' …",
                "doesn't know one of the scopes",
            ),
            ("access_denied", "AADB2C90091: cancelled", "cancelled"),
            ("invalid_grant", "", "Sign in once more"),
            ("unauthorized_client", "", "allow the authorization code"),
            ("something_new", "", "documentation"),
        ];
        for (error, description, cure) in cases {
            let trouble = said_no(error, description);
            assert!(trouble.cure.contains(cure), "{trouble:?}");
            assert!(trouble.said.starts_with(error), "{trouble:?}");
        }
    }

    #[test]
    fn a_providers_novel_is_cut() {
        let trouble = said_no("invalid_request", &"é".repeat(10_000));
        assert_eq!(trouble.said.chars().count(), SHOWN);
    }
}
