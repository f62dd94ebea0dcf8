//! Which paths need a credential: one reading of a request target, or none.
//!
//! The proxy, the servlet container and the application behind it read a path each in its own way.
//! Whatever two of them could read differently has no normal form here and counts as protected.

use std::borrow::Cow;

use percent_encoding::percent_decode;

/// `_` segments whose readings are judged; real paths have one or two.
const MAX_MARKS: usize = 16;

/// What a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Under a public path: passes whatever it carries.
    Public,
    /// Under a protected path, or impossible to read without ambiguity.
    Protected,
    /// Neither: passes, but a bearer token is judged.
    Open,
}

/// The paths of the settings, cut into segments.
#[derive(Clone, Debug)]
pub struct PathRules {
    /// `None`: unknown. Empty: the root.
    context: Option<Vec<String>>,
    protected: Vec<Vec<String>>,
    public: Vec<Vec<String>>,
}

impl PathRules {
    /// Compiles the paths of the settings.
    #[must_use]
    pub fn new(context_path: Option<&str>, protected: &[String], public: &[String]) -> Self {
        Self {
            context: context_path.map(cut),
            protected: cut_all(protected),
            public: cut_all(public),
        }
    }

    /// Judges a request target (path and query, as the client sent it).
    #[must_use]
    pub fn access(&self, target: &[u8]) -> Access {
        // Some servers take a path to end at a `#`.
        let before = before_hash(path_of(target));
        if before.is_some_and(|path| self.access_of_path(path) == Access::Protected) {
            return Access::Protected;
        }
        self.access_of_path(target)
    }

    fn access_of_path(&self, target: &[u8]) -> Access {
        match normalise(target) {
            Some(segments) => self.access_of(without_context(self.context.as_deref(), &segments)),
            None => Access::Protected,
        }
    }

    fn access_of(&self, segments: &[Cow<'_, str>]) -> Access {
        // Confluence serves /s/<anything>/_/<path> as /<path>.
        if segments.iter().filter(|segment| **segment == "_").count() > MAX_MARKS {
            return Access::Protected;
        }
        let mut hidden = readings_behind_underscore(segments, self.context.is_none());
        let is_protected = |reading: &[Cow<'_, str>]| {
            is_cut_again(reading) || self.access_of_reading(reading) == Access::Protected
        };
        if hidden.any(is_protected) {
            return Access::Protected;
        }
        self.access_of_reading(segments)
    }

    fn access_of_reading(&self, segments: &[Cow<'_, str>]) -> Access {
        let is_protected = |segments: &[Cow<'_, str>]| {
            self.protected
                .iter()
                .any(|path| covers(path, segments, same_without_case))
        };
        // Where the context path is unknown, the first segment may be one.
        let behind_context = segments.get(1..).filter(|_| self.context.is_none());
        if self
            .public
            .iter()
            .any(|path| covers(path, segments, |one, other| one == other))
        {
            Access::Public
        } else if is_protected(segments) || behind_context.is_some_and(is_protected) {
            Access::Protected
        } else {
            Access::Open
        }
    }
}

/// Paths that mean more freedom for what is below them: a target is covered only if it can be read in no
/// other way.
#[derive(Clone, Debug)]
pub struct PathSet {
    context: Option<Vec<String>>,
    paths: Vec<Vec<String>>,
}

impl PathSet {
    /// Compiles paths of the settings.
    #[must_use]
    pub fn new(context_path: Option<&str>, paths: &[String]) -> Self {
        Self {
            context: context_path.map(cut),
            paths: cut_all(paths),
        }
    }

    /// Whether the path is under one of these, compared with case, in each of the ways to serve it.
    #[must_use]
    pub fn covers(&self, path: &Reading<'_>) -> bool {
        let segments = without_context(self.context.as_deref(), &path.0);
        let is_under = |segments: &[Cow<'_, str>]| {
            self.paths
                .iter()
                .any(|path| covers(path, segments, |one, other| one == other))
        };
        is_under(segments)
            && readings_behind_underscore(segments, self.context.is_none())
                .all(|reading| !is_cut_again(reading) && is_under(reading))
    }
}

/// The path of a request target, read.
#[derive(Clone, Debug)]
pub struct Reading<'a>(Vec<Cow<'a, str>>);

impl<'a> Reading<'a> {
    /// Reads a target (path and query, as the client sent it); `None` where it can be read in more than one way.
    #[must_use]
    pub fn of(target: &'a [u8]) -> Option<Self> {
        if before_hash(path_of(target)).is_some() {
            return None;
        }
        normalise(target).map(Self)
    }
}

fn cut(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|part| !part.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

fn cut_all(paths: &[String]) -> Vec<Vec<String>> {
    paths.iter().map(|path| cut(path)).collect()
}

fn without_context<'a, 'b>(
    context: Option<&[String]>,
    segments: &'b [Cow<'a, str>],
) -> &'b [Cow<'a, str>] {
    match context {
        Some(context) if covers(context, segments, same_without_case) => &segments[context.len()..],
        _ => segments,
    }
}

fn covers(path: &[String], segments: &[Cow<'_, str>], same: fn(&str, &str) -> bool) -> bool {
    path.len() <= segments.len()
        && path
            .iter()
            .zip(segments)
            .all(|(one, other)| same(one, other))
}

fn same_without_case(one: &str, other: &str) -> bool {
    let lower = |text: &'_ str| {
        text.chars()
            .flat_map(char::to_lowercase)
            .collect::<String>()
    };
    one.eq_ignore_ascii_case(other)
        || (!(one.is_ascii() && other.is_ascii()) && lower(one) == lower(other))
}

/// What follows each `_` segment of a path under `/s/`, behind one leading segment too where the
/// context path is unknown.
fn readings_behind_underscore<'a, 'b>(
    segments: &'b [Cow<'a, str>],
    unknown_context: bool,
) -> impl Iterator<Item = &'b [Cow<'a, str>]> {
    let is_s = |at: usize| {
        segments
            .get(at)
            .is_some_and(|one| one.eq_ignore_ascii_case("s"))
    };
    let under_s = is_s(0) || (unknown_context && is_s(1));
    let marks = segments
        .iter()
        .enumerate()
        .filter(move |(_, segment)| under_s && *segment == "_");
    marks.map(|(at, _)| &segments[at + 1..])
}

/// Whether what follows a `_` is cut once more: it is served as a target of its own, decoded, and ends at a `?` or `#`.
fn is_cut_again(reading: &[Cow<'_, str>]) -> bool {
    reading.iter().any(|segment| segment.contains(['?', '#']))
}

fn path_of(target: &[u8]) -> &[u8] {
    target
        .split(|&byte| byte == b'?')
        .next()
        .unwrap_or_default()
}

/// What stands before a raw `#`; `None` where there is none.
fn before_hash(path: &[u8]) -> Option<&[u8]> {
    let at = path.iter().position(|&byte| byte == b'#')?;
    Some(&path[..at])
}

/// The segments of the path, or `None` where it can be read in more than one way.
fn normalise(target: &[u8]) -> Option<Vec<Cow<'_, str>>> {
    let raw_segments = path_of(target)
        .strip_prefix(b"/")?
        .split(|&byte| byte == b'/');
    let count = raw_segments.clone().count();
    let mut segments: Vec<Cow<'_, str>> = Vec::with_capacity(count);
    let (mut has_empty, mut has_parent) = (false, false);
    for (index, raw) in raw_segments.enumerate() {
        let cut_at = raw.iter().position(|&byte| byte == b';');
        let (raw, parameters) = raw.split_at(cut_at.unwrap_or(raw.len()));
        // A proxy that decodes before the parameters are cut off makes it a segment's end.
        if has_encoded_slash(parameters) {
            return None;
        }
        let segment = decode(raw)?;
        match segment.as_ref() {
            // A slash at the very end is no empty segment.
            "" => has_empty |= index + 1 < count,
            "." | ".." if cut_at.is_some() => return None,
            "." => {}
            ".." => {
                has_parent = true;
                segments.pop()?;
            }
            _ => segments.push(segment),
        }
    }
    (!(has_empty && has_parent)).then_some(segments)
}

fn has_encoded_slash(raw: &[u8]) -> bool {
    raw.windows(3).any(|code| code.eq_ignore_ascii_case(b"%2f"))
}

/// Percent-decodes one segment, once.
fn decode(raw: &[u8]) -> Option<Cow<'_, str>> {
    let mut rest = raw;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        if *byte == b'%' {
            let [high, low, after @ ..] = tail else {
                return None;
            };
            let decoded = char::from(*high).to_digit(16)? << 4 | char::from(*low).to_digit(16)?;
            if matches!(u8::try_from(decoded).ok()?, b'/' | b'%' | b';' | b'\\')
                || is_control(decoded)
            {
                return None;
            }
            rest = after;
        } else if *byte == b'\\' || is_control(u32::from(*byte)) {
            return None;
        }
    }
    let decoded = match percent_decode(raw).decode_utf8().ok()? {
        // C1 controls are two bytes in UTF-8.
        text if text.chars().any(char::is_control) => return None,
        text => text,
    };
    Some(decoded)
}

const fn is_control(byte: u32) -> bool {
    byte < 0x20 || byte == 0x7f
}

#[cfg(test)]
mod tests;
