//! `ETag` and `If-Match` (RFC 9110, sections 8.8.3 and 13.1.1): a change is made on the settings that were read.

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::header::IF_MATCH;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::Digest as _;

use super::problem::Problem;
use crate::store::StoredSettings;

/// How many bytes of the document's digest the tag holds.
const DIGEST_BYTES: usize = 12;

/// The strong entity tag of the settings, and of each part of them: the revision that changed the document last, and
/// the document's digest, since a database that was restored counts on from a lower revision. Username maps have no
/// part in it. All servers on one store give the same tag.
pub(super) fn entity_tag(stored: &StoredSettings) -> String {
    let digest = sha2::Sha256::digest(stored.settings.export().to_string());
    let digest = URL_SAFE_NO_PAD.encode(&digest[..DIGEST_BYTES]);
    format!("\"{}-{digest}\"", stored.document_revision)
}

/// The condition under which a change may be made.
#[derive(Debug)]
pub(super) enum IfMatch {
    /// None: the last save wins.
    Absent,
    /// `*`: the resource must exist.
    Anything,
    /// One of these strong tags; a list that can't be read has none.
    OneOf(Vec<String>),
}

impl IfMatch {
    /// Whether the condition holds for what is there now, if anything is.
    pub(super) fn holds(&self, current: Option<&str>) -> bool {
        match (self, current) {
            (Self::Absent, _) | (Self::Anything, Some(_)) => true,
            (Self::OneOf(tags), Some(current)) => tags.iter().any(|tag| tag == current),
            (Self::Anything | Self::OneOf(_), None) => false,
        }
    }

    fn read<'a>(values: impl Iterator<Item = &'a HeaderValue>) -> Self {
        let texts: Result<Vec<_>, _> = values.map(HeaderValue::to_str).collect();
        match texts.map(|texts| texts.join(",")) {
            Ok(text) if text.trim() == "*" => Self::Anything,
            Ok(text) => Self::OneOf(strong_tags(&text).unwrap_or_default()),
            Err(_) => Self::OneOf(Vec::new()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let values = parts.headers.get_all(IF_MATCH);
        Ok(match values.iter().next() {
            None => Self::Absent,
            Some(_) => Self::read(values.iter()),
        })
    }
}

/// The strong ones of a list of tags, with their quotes; none where the list can't be read.
fn strong_tags(list: &str) -> Option<Vec<String>> {
    let mut strong = Vec::new();
    let mut rest = list.trim_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let (is_weak, tag) = match rest.strip_prefix("W/") {
            Some(tag) => (true, tag),
            None => (false, rest),
        };
        let (opaque, after) = tag.strip_prefix('"')?.split_once('"')?;
        if !is_weak {
            strong.push(format!("\"{opaque}\""));
        }
        let after = after.trim_start_matches([' ', '\t']);
        if !after.is_empty() && !after.starts_with(',') {
            return None;
        }
        rest = after.trim_start_matches([' ', '\t', ',']);
    }
    Some(strong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_holds_for_the_strong_tag_alone() {
        let cases: &[(&[&str], bool)] = &[
            (&["\"7-a\""], true),
            (&["*"], true),
            (&[" * "], true),
            (&["\"6-x\", \"7-a\""], true),
            (&["\"6-x\"\t,, \"7-a\" ,"], true),
            (&["\"6,x\", \"7-a\""], true),
            (&["\"6-x\"", "\"7-a\""], true),
            (&["W/\"6-x\", \"7-a\""], true),
            (&["W/\"7-a\""], false),
            (&["w/\"7-a\""], false),
            (&["7-a"], false),
            (&["\"7-a"], false),
            (&["\"7-A\""], false),
            (&["\"6-x\" \"7-a\""], false),
            (&["\"7-a\"x"], false),
            (&["\"7-a\", *"], false),
            (&["*", "*"], false),
            (&[""], false),
            (&[","], false),
        ];
        for (values, expected) in cases {
            let values: Vec<_> = values
                .iter()
                .map(|value| HeaderValue::from_static(value))
                .collect();
            let condition = IfMatch::read(values.iter());
            assert_eq!(condition.holds(Some("\"7-a\"")), *expected, "{values:?}");
            assert!(!condition.holds(None), "{values:?}");
        }
        assert!(IfMatch::Absent.holds(None));
    }
}
