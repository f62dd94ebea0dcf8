//! Rules of what belongs to the gate as a whole.

use super::super::Global;
use super::super::fault::Faults;
use super::UrlRule;

const MAX_PATHS: usize = 200;

pub(super) fn check(global: &mut Global, faults: &Faults) {
    check_context_path(global, faults);
    check_paths("protected_paths", &global.protected_paths, faults);
    check_paths("public_paths", &global.public_paths, faults);
    if global.protected_paths.is_empty() {
        faults.add(
            "/global/protected_paths",
            "must hold at least one path, such as \"/rest/\"",
        );
    }
    for (index, path) in global.public_paths.iter().enumerate() {
        if path.trim_matches('/').is_empty() {
            let detail = "would make every path public; to open the gate, turn \
                          rest_api_authentication_enabled off";
            faults.add(format!("/global/public_paths/{index}"), detail);
        }
    }
    check_confluence_url(global, faults);
    for (index, name) in global.session_cookie_names.iter().enumerate() {
        if !name.bytes().all(is_token_byte) {
            let detail = "is no cookie name; for example \"JSESSIONID\"";
            faults.add(format!("/global/session_cookie_names/{index}"), detail);
        }
    }
}

/// Brings the context path to its one form: `""`, or `/name` without a slash at the end.
fn check_context_path(global: &mut Global, faults: &Faults) {
    let Some(path) = &mut global.context_path else {
        return;
    };
    path.truncate(path.trim_end_matches('/').len());
    if path.is_empty() {
        return;
    }
    if let Err(detail) = check_path(path) {
        faults.add(
            "/global/context_path",
            format!("{detail}; for example \"/confluence\""),
        );
    }
}

/// Brings Confluence's URL to its one form: without a slash at the end. Plain HTTP is accepted: the proxy
/// reaches Confluence the same way.
fn check_confluence_url(global: &mut Global, faults: &Faults) {
    let Some(text) = &mut global.confluence_url else {
        return;
    };
    text.truncate(text.trim_end_matches('/').len());
    let detail = match (UrlRule { allow_http: true }).parse(text) {
        Ok(url) if url.query().is_some() => "must not hold a query (?…)".to_owned(),
        Ok(_) => return,
        Err(_) if !text.starts_with("http://") && !text.starts_with("https://") => {
            "must begin with http:// or https://".to_owned()
        }
        Err(detail) => detail,
    };
    faults.add(
        "/global/confluence_url",
        format!("{detail}; for example \"http://127.0.0.1:8090/confluence\""),
    );
}

fn check_paths(name: &str, paths: &[String], faults: &Faults) {
    if paths.len() > MAX_PATHS {
        let detail =
            format!("must hold at most {MAX_PATHS} paths; each is compared with each call");
        faults.add(format!("/global/{name}"), detail);
    }
    for (index, path) in paths.iter().enumerate() {
        if let Err(detail) = check_path(path) {
            let detail = format!("{detail}; for example \"/rest/\"");
            faults.add(format!("/global/{name}/{index}"), detail);
        }
    }
}

/// A path of the settings is compared with normalised paths, so it must be in that form itself.
pub(super) fn check_path(path: &str) -> Result<(), &'static str> {
    if path.trim() != path {
        return Err("must not begin or end with a blank");
    }
    let Some(rest) = path.strip_prefix('/') else {
        return Err("must begin with /");
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest
        .bytes()
        .any(|byte| matches!(byte, b'?' | b'#' | b'%' | b';' | b'\\' | b'*'))
    {
        return Err("must be a plain path, without ? # % ; \\ or *");
    }
    if !rest.is_empty() && rest.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err("must not have empty parts, \".\" or \"..\"");
    }
    Ok(())
}

/// RFC 9110, section 5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
