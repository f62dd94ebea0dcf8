//! What the settings' paths make of the beginning of a path.

use crate::activity::OTHER;
use crate::decision::path::{Access, PathRules};
use crate::settings::Global;

/// What a recorded call's path may ask for: one thing, or each that a path with this beginning can. It is recorded in
/// lower case, as far as its second segment.
pub(super) fn possible_access(prefix: &str, global: &Global) -> Vec<Access> {
    if prefix.is_empty() {
        return vec![Access::Protected];
    }
    if !is_plain(prefix) {
        return vec![Access::Public, Access::Protected, Access::Open];
    }
    let context = global.context_path.as_deref();
    let rules = PathRules::new(context, &global.protected_paths, &global.public_paths);
    let here = rules.access(prefix.as_bytes());
    let mut possible = vec![here];
    // A public path is compared with case, which is lost.
    if here != Access::Public && touches(prefix, &global.public_paths, context) {
        possible.push(Access::Public);
    }
    let is_longer_protected =
        here == Access::Open && goes_beyond(prefix, &global.protected_paths, context);
    // What follows may be served as another path.
    let may_hide = here != Access::Protected && is_under_s(prefix, context);
    if is_longer_protected || may_hide {
        possible.push(Access::Protected);
    }
    possible
}

/// Paths of the settings that give more freedom to what is under them.
pub(super) struct Under<'a> {
    paths: &'a [String],
    context: Option<&'a str>,
    /// In lower case, as calls are recorded.
    rules: PathRules,
    is_lower: bool,
}

impl<'a> Under<'a> {
    pub(super) fn new(paths: &'a [String], global: &'a Global) -> Self {
        let context = global.context_path.as_deref();
        let lower: Vec<_> = paths.iter().map(|path| path.to_lowercase()).collect();
        Self {
            paths,
            context,
            rules: PathRules::new(context, &[], &lower),
            is_lower: lower == paths,
        }
    }

    /// Whether a recorded call's path is under one of them, compared with case; `None` where its beginning does not
    /// tell.
    pub(super) fn holds(&self, prefix: &str) -> Option<bool> {
        if !is_plain(prefix) {
            // Of a call without a path it is known that it is not.
            return if prefix.is_empty() { Some(false) } else { None };
        }
        match self.rules.access(prefix.as_bytes()) {
            Access::Public if self.is_lower && !is_under_s(prefix, self.context) => Some(true),
            Access::Public => None,
            _ if goes_beyond(prefix, self.paths, self.context) => None,
            _ => Some(false),
        }
    }
}

/// Whether the path can be read in one way as far as it is recorded.
fn is_plain(prefix: &str) -> bool {
    prefix != OTHER
        && !prefix.is_empty()
        && !prefix
            .bytes()
            .any(|byte| matches!(byte, b'%' | b'\\' | b'?' | b'#'))
        && !prefix
            .split('/')
            .any(|segment| matches!(segment, "." | ".."))
}

/// Whether a longer path of the settings, read without case, begins so, or is equal but for its case.
fn touches(prefix: &str, paths: &[String], context: Option<&str>) -> bool {
    let lower: Vec<_> = paths.iter().map(|path| path.to_lowercase()).collect();
    let rules = PathRules::new(context, &[], &lower);
    rules.access(prefix.as_bytes()) == Access::Public || goes_beyond(prefix, paths, context)
}

/// Whether one of `paths` is longer than what is recorded and begins with it. Of a path that ends before its second
/// segment all is recorded.
fn goes_beyond(prefix: &str, paths: &[String], context: Option<&str>) -> bool {
    let recorded: Vec<_> = segments(prefix).collect();
    let [first, _] = recorded[..] else {
        return false;
    };
    // Where the context path is not known, the first segment may be one.
    let contexts = context.map_or_else(|| vec!["", first], |context| vec![context]);
    let begins_so = |context: &str, path: &str| {
        let whole = format!("{context}/{path}").to_lowercase();
        let mut rest = segments(&whole);
        recorded.iter().all(|one| rest.next() == Some(one)) && rest.next().is_some()
    };
    paths
        .iter()
        .any(|path| contexts.iter().any(|context| begins_so(context, path)))
}

fn is_under_s(prefix: &str, context: Option<&str>) -> bool {
    let first = segments(prefix).next();
    match context {
        Some(context) => {
            let behind = segments(context).count();
            segments(prefix).nth(behind) == Some("s") || first == Some("s")
        }
        None => segments(prefix).take(2).any(|segment| segment == "s"),
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}
