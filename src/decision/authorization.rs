//! The grammar of the `Authorization` header (RFC 9110, section 11), and of what proxies make of it.

use memchr::memchr2;

/// The one value after a scheme: spaces, then visible ASCII that could not be a list or a quoted
/// string. RFC 6750's `b64token` is narrower, but real providers issue tokens with `|` and `!`.
pub(super) fn single_value<'a>(value: &'a [u8], scheme: &[u8]) -> Option<&'a [u8]> {
    let rest = &value[scheme.len()..];
    let spaces = rest.iter().take_while(|&&byte| byte == b' ').count();
    let single = &rest[spaces..];
    let allowed = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b',' | b'"' | b'\\');
    // All of it, without a way out in between: tokens are long, and so many bytes are looked at in one step.
    let all_are_allowed = single
        .iter()
        .fold(true, |so_far, byte| so_far & allowed(byte));
    (spaces > 0 && !single.is_empty() && all_are_allowed).then_some(single)
}

/// The scheme is the leading run of token characters (RFC 9110, section 11.1).
pub(super) fn split_scheme(value: &[u8]) -> (&[u8], &[u8]) {
    let end = value
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)));
    value.split_at(end.unwrap_or(value.len()))
}

/// The parts of a comma-separated list, commas in quoted strings left alone. Proxies join repeated
/// headers so.
pub(super) fn list_parts(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let list = rest.take()?;
        let Some(comma) = first_comma(list) else {
            return Some(list.trim_ascii());
        };
        rest = Some(&list[comma + 1..]);
        Some(list[..comma].trim_ascii())
    })
}

/// The first comma outside of quoted strings.
fn first_comma(list: &[u8]) -> Option<usize> {
    // Most values are long tokens with neither.
    let begin = memchr2(b',', b'"', list)?;
    let (mut quoted, mut escaped) = (false, false);
    let found = list[begin..].iter().position(|&byte| {
        let literal = std::mem::take(&mut escaped);
        match byte {
            b'\\' if quoted && !literal => escaped = true,
            b'"' if !literal => quoted = !quoted,
            _ => {}
        }
        byte == b',' && !quoted
    })?;
    Some(begin + found)
}

/// Whether a later part of a list is a credential of its own and no parameter of the one before:
/// a scheme and a value behind it, or a known scheme alone.
pub(super) fn begins_a_credential(part: &[u8]) -> bool {
    let (scheme, rest) = split_scheme(part);
    let known = [&b"bearer"[..], b"basic", b"oauth", b"negotiate", b"digest"];
    let value = rest.trim_ascii();
    if value.is_empty() {
        return known.iter().any(|name| scheme.eq_ignore_ascii_case(name));
    }
    !scheme.is_empty() && rest[0].is_ascii_whitespace() && value[0] != b'='
}
