//! Each step of the lab as a line for a shell, with every secret left out.

use url::Url;

use crate::console::field::{Control, Field};
use crate::provider::{ClientAuthentication, SignIn, Source, SourceState};
use crate::settings::{Global, Provider};

/// What the lines are about.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub provider: &'a Provider,
    pub source: &'a Source,
    pub state: &'a SourceState,
    /// Scopes, separated by blanks.
    pub scopes: &'a str,
    pub callback_url: &'a str,
    pub global: &'a Global,
}

/// The lines, as fields to copy from.
pub fn lines(subject: Subject<'_>) -> Vec<Field> {
    let Subject {
        provider,
        source,
        state,
        ..
    } = subject;
    let mut fields = Vec::new();
    let client = source.client_authentication(provider, state).ok();
    let token_endpoint = source.token_endpoint(provider, state).zip(client);
    if let Some((endpoint, client)) = token_endpoint {
        if let Some(url) = sign_in_url(subject) {
            fields.push(field("sign_in", "Sign in", sign_in(&url), SIGN_IN_HELP));
            let line = code_line(subject, &endpoint, client);
            fields.push(field("code", "From the code to the token", line, CODE_HELP));
        }
        if provider.client_secret.is_some() {
            let line = client_credentials_line(subject, &endpoint, client);
            fields.push(field(
                "client",
                "Token of the application itself",
                line,
                SECRET_HELP,
            ));
        }
    }
    if let Some(endpoint) = source.userinfo_endpoint(state) {
        let help = "What the provider says about the token's user.";
        fields.push(field("userinfo", "Userinfo", with_token(endpoint), help));
    }
    if let Some(endpoint) = source.introspection_endpoint(state) {
        let id = quoted(&provider.client_id);
        let token = "--data-urlencode \"token=$ACCESS_TOKEN\"";
        let line = format!(
            "curl -sS {token} --user {id}:\"$CLIENT_SECRET\" {}",
            quoted(endpoint)
        );
        fields.push(field("introspection", "Introspection", line, SECRET_HELP));
    }
    let context = subject.global.context_path.as_deref().unwrap_or_default();
    let call = format!("https://confluence.example.com{context}/rest/api/content");
    fields.push(field(
        "call",
        "The call to Confluence",
        with_token(&call),
        CALL_HELP,
    ));
    fields
}

const SIGN_IN_HELP: &str = "Prints an address to open in a browser. After the sign-in, the code stands in \
                            the address bar.";
const CODE_HELP: &str = "With the code in $CODE, and the client's secret, where it has one, in $CLIENT_SECRET. \
                         A code is good once, for a few minutes.";
const SECRET_HELP: &str = "With the client's secret in $CLIENT_SECRET.";
const CALL_HELP: &str = "With the access token in $ACCESS_TOKEN, and your own host.";

fn field(name: &str, label: &str, value: String, help: &str) -> Field {
    Field::new(&format!("curl.{name}"), label, Control::CopyLines { value }).help(help)
}

fn sign_in_url(subject: Subject<'_>) -> Option<Url> {
    let sign_in = SignIn {
        redirect_uri: subject.callback_url,
        scopes: subject.scopes,
        state: "by-hand",
        nonce: "by-hand",
        verifier: "",
    };
    let url = subject
        .source
        .sign_in_url(subject.provider, subject.state, sign_in);
    url.ok().flatten()
}

/// The shell makes verifier and challenge itself.
fn sign_in(url: &Url) -> String {
    let mut without_challenge = url.clone();
    let kept = url
        .query_pairs()
        .filter(|(name, _)| name != "code_challenge");
    without_challenge
        .query_pairs_mut()
        .clear()
        .extend_pairs(kept);
    let url = quoted(&format!("{without_challenge}&code_challenge="));
    format!(
        "CODE_VERIFIER=$(openssl rand -hex 32)\n\
         CODE_CHALLENGE=$(printf %s \"$CODE_VERIFIER\" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d =)\n\
         echo {url}\"$CODE_CHALLENGE\""
    )
}

fn code_line(subject: Subject<'_>, endpoint: &str, client: ClientAuthentication<'_>) -> String {
    let callback = format!("redirect_uri={}", subject.callback_url);
    let parameters = [
        "--data grant_type=authorization_code".to_owned(),
        "--data-urlencode \"code=$CODE\"".to_owned(),
        "--data \"code_verifier=$CODE_VERIFIER\"".to_owned(),
        format!("--data-urlencode {}", quoted(&callback)),
    ];
    token_line(endpoint, client, &parameters)
}

fn client_credentials_line(
    subject: Subject<'_>,
    endpoint: &str,
    client: ClientAuthentication<'_>,
) -> String {
    let mut parameters = vec!["--data grant_type=client_credentials".to_owned()];
    if !subject.scopes.is_empty() {
        let scope = format!("scope={}", subject.scopes);
        parameters.push(format!("--data-urlencode {}", quoted(&scope)));
    }
    token_line(endpoint, client, &parameters)
}

fn token_line(endpoint: &str, client: ClientAuthentication<'_>, parameters: &[String]) -> String {
    let id = |id: &str| quoted(&format!("client_id={id}"));
    let client = match client {
        ClientAuthentication::Public { id: own } => format!("--data-urlencode {}", id(own)),
        ClientAuthentication::Post { id: own, .. } => {
            let id = id(own);
            format!("--data-urlencode {id} --data-urlencode \"client_secret=$CLIENT_SECRET\"")
        }
        ClientAuthentication::Basic { id, .. } => {
            format!("--user {}:\"$CLIENT_SECRET\"", quoted(id))
        }
    };
    let parameters = parameters.join(" ");
    format!("curl -sS {parameters} {client} {}", quoted(endpoint))
}

fn with_token(url: &str) -> String {
    format!(
        "curl -sS --header \"Authorization: Bearer $ACCESS_TOKEN\" {}",
        quoted(url)
    )
}

/// One word for a POSIX shell, whatever stands in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn whatever_stands_in_a_value_stays_one_word_for_a_shell() {
        for text in ["it's", "$(id)`id`\"\\", "a b\n;c & d", "''", "é"] {
            let script = format!("printf %s {}", quoted(text));
            let output = Command::new("sh").arg("-c").arg(&script).output();
            let output = output.expect("a POSIX shell").stdout;
            assert_eq!(String::from_utf8(output).expect("UTF-8"), text);
        }
    }
}
