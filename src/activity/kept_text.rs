//! Texts of others, cut and cleaned before they are kept.

use super::caps;
use super::record::Record;
use crate::api_key::is_api_key;

/// In place of what might be a secret.
pub(super) const WITHHELD: &str = "(withheld)";

/// How tokens begin that some clients send as the user's name.
const TOKEN_BEGINNINGS: &[&str] = &["eyJ", "gh", "glpat-", "github_pat_", "xox"];

/// The text with at most so many bytes, and without characters that a page or a terminal would obey.
pub(super) fn kept(text: &str, most: usize) -> String {
    let clean = |c: char| if is_printable(c) { c } else { '?' };
    cut(text, most).chars().map(clean).collect()
}

/// As [`kept`], of what need not be text.
pub(super) fn kept_bytes(bytes: &[u8], most: usize) -> String {
    // A byte that is no UTF-8 becomes three.
    let begin = &bytes[..bytes.len().min(most)];
    kept(&String::from_utf8_lossy(begin), most)
}

/// The longest beginning of whole characters that has at most so many bytes.
pub(super) fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// The user of a request. A name that nobody has vouched for may be a token that was sent in its place.
pub(super) fn kept_user(record: &Record<'_>) -> String {
    if record.vouched.is_none() && could_be_secret(record.user) {
        return WITHHELD.to_owned();
    }
    kept(record.user, caps::USER)
}

fn could_be_secret(name: &str) -> bool {
    begins_as_token(name) || is_long_code(name, "+/=_-.~")
}

/// Whether a segment of a path is a token. A title of a page is one of many words, and is none.
pub(super) fn is_token(segment: &[u8]) -> bool {
    let is_token = |text| begins_as_token(text) || is_long_code(text, "=_");
    std::str::from_utf8(segment).is_ok_and(is_token)
}

fn begins_as_token(text: &str) -> bool {
    let mut beginnings = TOKEN_BEGINNINGS.iter();
    is_api_key(text)
        || (text.len() >= 20 && beginnings.any(|beginning| text.starts_with(beginning)))
}

fn is_long_code(text: &str, punctuation: &str) -> bool {
    let is_code = |c: char| c.is_ascii_alphanumeric() || punctuation.contains(c);
    text.len() >= 40
        && text.chars().all(is_code)
        && text.contains(|c: char| c.is_ascii_digit())
        && text.contains(|c: char| c.is_ascii_uppercase())
        && text.contains(|c: char| c.is_ascii_lowercase())
}

/// No control character, and none that is invisible or turns the direction of what follows.
fn is_printable(c: char) -> bool {
    use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};
    let of_none = [
        GeneralCategory::Control,
        GeneralCategory::Format,
        GeneralCategory::LineSeparator,
        GeneralCategory::ParagraphSeparator,
        GeneralCategory::PrivateUse,
        GeneralCategory::Unassigned,
    ];
    c == ' ' || c.is_ascii_graphic() || !(c.is_ascii() || of_none.contains(&c.general_category()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_whole_characters_and_obeyed_by_nobody() {
        for (text, most, expected) in [
            ("alice", 10, "alice"),
            ("alice", 3, "ali"),
            ("añb", 2, "a"),
            ("a\r\nb\u{1b}[31m", 20, "a??b?[31m"),
            ("a\u{202e}b\u{200b}c\u{2028}d\u{7f}", 20, "a?b?c?d?"),
            ("Zoë 山", 20, "Zoë 山"),
        ] {
            assert_eq!(kept(text, most), expected, "{text:?}");
        }
        assert_eq!(kept_bytes(b"a\xffb", 10), "a\u{fffd}b");
        assert_eq!(kept_bytes(&[0xff; 400], 200).len(), 198);
    }

    #[test]
    fn what_may_be_a_token_is_no_name() {
        for secret in [
            "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln",
            "glpat-abcdefghijklmnopqrst",
            "NjE2NTQ4ODQ5MzQ3OmKhfh4WGgC8RKZmJXUcx5bZKdMw",
        ] {
            assert!(could_be_secret(secret), "{secret}");
            assert!(is_token(secret.as_bytes()), "{secret}");
        }
        for name in [
            "ghislaine",
            "svc-jenkins",
            "eyJolly",
            "Maximiliane.Mustermann-2@confluence.example.com",
            "5f0c7f1e-6a2e-4c3b-9a52-0b1d7c9e8f11",
        ] {
            assert!(!could_be_secret(name), "{name}");
            assert!(!is_token(name.as_bytes()), "{name}");
        }
        assert!(!is_token(b"Release-Notes-for-Version-7.4-and-later.pdf"));
    }
}
