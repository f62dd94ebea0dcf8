//! The paths of targets, without what may hold a secret: the query, and what follows a `;`.

use super::caps::PATH;
use super::kept_text::{WITHHELD, is_token, kept_bytes};

/// The first two segments of a path, in lower case, on the stack.
#[derive(Clone, Copy)]
pub(super) struct PathPrefix {
    bytes: [u8; PATH],
    length: usize,
}

impl PathPrefix {
    pub(super) fn of(target: Option<&[u8]>) -> Self {
        let mut prefix = Self {
            bytes: [0; PATH],
            length: 0,
        };
        let Some(path) = target.and_then(path_of) else {
            return prefix;
        };
        for segment in segments(path).filter(|one| !one.is_empty()).take(2) {
            prefix.push(b"/");
            prefix.push(segment);
        }
        if prefix.length == 0 {
            prefix.push(b"/");
        }
        prefix
    }

    fn push(&mut self, bytes: &[u8]) {
        let free = &mut self.bytes[self.length..];
        let length = bytes.len().min(free.len());
        free[..length].copy_from_slice(&bytes[..length]);
        free[..length].make_ascii_lowercase();
        self.length += length;
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub(super) fn kept(&self) -> String {
        kept_bytes(self.as_bytes(), PATH)
    }
}

/// The path of a target; empty where it is not known.
pub(super) fn kept_path(target: Option<&[u8]>) -> String {
    let Some(path) = target.and_then(path_of) else {
        return String::new();
    };
    let mut whole = Vec::with_capacity(path.len().min(PATH));
    for (at, segment) in segments(path).enumerate() {
        if at > 0 {
            whole.push(b'/');
        }
        whole.extend_from_slice(segment);
        if whole.len() >= PATH {
            break;
        }
    }
    kept_bytes(&whole, PATH)
}

/// The path, as far as it can matter; none for a target that is no path: an absolute URI may hold a password.
fn path_of(target: &[u8]) -> Option<&[u8]> {
    let begin = &target[..target.len().min(2 * PATH)];
    let ends = |byte: &u8| matches!(byte, b'?' | b'#');
    let path = &begin[..begin.iter().position(ends).unwrap_or(begin.len())];
    (path.first() == Some(&b'/') && !path.starts_with(b"//")).then_some(path)
}

/// The segments, each up to a `;`, a `?` or a `#`, encoded ones too: some server may take them for these. One that is
/// a token is withheld.
fn segments(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').map(|segment| {
        let is_end = |(at, byte): (usize, &u8)| match byte {
            b';' => true,
            b'%' => matches!(
                segment[at..],
                [_, b'3', b'b' | b'B' | b'f' | b'F', ..] | [_, b'2', b'3', ..]
            ),
            _ => false,
        };
        let end = segment.iter().enumerate().position(is_end);
        let segment = &segment[..end.unwrap_or(segment.len())];
        if is_token(segment) {
            WITHHELD.as_bytes()
        } else {
            segment
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_kept_without_query_and_parameters() {
        for (target, path, prefix) in [
            (
                "/rest/api/content?os_password=x",
                "/rest/api/content",
                "/rest/api",
            ),
            ("/REST/Api;jsessionid=7/x", "/REST/Api/x", "/rest/api"),
            ("/rest/api%3Bjsessionid=7", "/rest/api", "/rest/api"),
            ("/rest%3Faccess_token=x/y", "/rest/y", "/rest/y"),
            ("/rest#access_token=x", "/rest", "/rest"),
            ("/rest//api", "/rest//api", "/rest/api"),
            ("/", "/", "/"),
            ("/;jsessionid=7", "/", "/"),
            ("/?a", "/", "/"),
            ("", "", ""),
            ("https://alice:secret@wiki/rest", "", ""),
            ("//alice:secret@wiki/rest", "", ""),
            ("*", "", ""),
            ("/rest\n/a", "/rest?/a", "/rest?/a"),
            (
                "/hook/glpat-abcdefghijklmnopqrst/x",
                "/hook/(withheld)/x",
                "/hook/(withheld)",
            ),
            (
                "/eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln;x",
                "/(withheld)",
                "/(withheld)",
            ),
        ] {
            let bytes = Some(target.as_bytes());
            assert_eq!(kept_path(bytes), path, "{target}");
            assert_eq!(PathPrefix::of(bytes).kept(), prefix, "{target}");
        }
        assert_eq!(kept_path(None), "");
        assert_eq!(PathPrefix::of(None).as_bytes(), b"");
        let long = format!("/{}", "x/".repeat(5_000));
        assert_eq!(kept_path(Some(long.as_bytes())).len(), PATH);
        let long = format!("/{}", "x".repeat(5_000));
        assert_eq!(PathPrefix::of(Some(long.as_bytes())).as_bytes().len(), PATH);
    }
}
