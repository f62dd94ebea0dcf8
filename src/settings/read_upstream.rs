//! From a member of `upstream_credentials` to an [`UpstreamCredential`].

use super::read::required_string;
use super::reader::Reader;
use super::{Secret, Serves, UpstreamCredential};

const MATCH_EXAMPLE: &str = r#"{"provider": "azure-b2c", "username": "alice"}"#;

/// A credential that serves nobody whom one could name can't be read further.
pub(super) fn credential(reader: Reader<'_>) -> Option<UpstreamCredential> {
    let id = required_string(&reader, "id", "\"alice\"");
    let authorization = reader
        .optional_string("authorization")
        .map(|text| Secret::new(&text));
    let serves = reader
        .required_object("match", MATCH_EXAMPLE)
        .and_then(|of_match| serves(of_match, &reader));
    reader.finish();
    let serves = serves?;
    Some(UpstreamCredential {
        id,
        serves,
        authorization,
    })
}

fn serves(of_match: Reader<'_>, credential: &Reader<'_>) -> Option<Serves> {
    let provider = of_match.optional_string("provider");
    let kinds = ["username", "group", "everyone"];
    let there: Vec<_> = kinds
        .into_iter()
        .filter(|kind| of_match.has(kind))
        .collect();
    let serves = match there[..] {
        ["username"] => Some(Serves::User {
            provider,
            username: of_match.string_or("username", ""),
        }),
        ["group"] => Some(Serves::Group {
            provider,
            group: of_match.string_or("group", ""),
        }),
        ["everyone"] => {
            if provider.is_some() {
                let detail = "must not be there: everyone means the users of every provider";
                of_match.fault("provider", detail);
            }
            if !of_match.bool_or("everyone", true) {
                of_match.fault("everyone", "must be true; else remove the credential");
            }
            Some(Serves::Everyone)
        }
        _ => {
            let detail = format!(
                "must have one of username, group and everyone; for example {MATCH_EXAMPLE}"
            );
            credential.fault("match", detail);
            None
        }
    };
    of_match.finish();
    serves
}
