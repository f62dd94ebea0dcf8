//! Where a sign-in may lead: to pages of this console alone.

use url::{Position, Url};

/// The path and query as they stand if they lead to this console, else the root.
///
/// What counts is what a browser would make of it: it drops tabs and line ends and takes a
/// backslash for a slash, so the URL standard's own parser decides.
pub fn or_root(next: &str) -> String {
    local(next).unwrap_or_else(|| "/".to_owned())
}

fn local(next: &str) -> Option<String> {
    let here = Url::parse("http://console.invalid/").ok()?;
    let there = here.join(next).ok()?;
    let path = &there[Position::BeforePath..Position::AfterQuery];
    let stays = next.starts_with('/')
        && there.origin() == here.origin()
        && there.username().is_empty()
        && !path.starts_with("//");
    stays.then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::or_root;

    #[test]
    fn nothing_leads_away() {
        let away = [
            "",
            "oauth",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "https:evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "http://console.invalid/",
            " /oauth",
            "/..//evil.example",
            "/.//evil.example",
            "//console.invalid@evil.example",
        ];
        for next in away {
            assert_eq!(or_root(next), "/", "{next:?}");
        }
        let pages = [
            ("/oauth/new?preset=azure-b2c", "/oauth/new?preset=azure-b2c"),
            ("/test#claims", "/test"),
            ("/%2f%2fevil.example", "/%2f%2fevil.example"),
            ("/%09/evil.example", "/%09/evil.example"),
        ];
        for (next, path) in pages {
            assert_eq!(or_root(next), path);
        }
    }
}
