//! A browser's words about itself, as short as people say it.

/// What stands in the header, and how people call it; of several the first counts, since browsers also name those
/// that they want to be taken for.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];
/// How much is shown of what no browser says, in characters.
const SHOWN: usize = 40;

/// `Firefox 128, Linux`; the beginning of what is no browser's.
pub fn shortened(user_agent: &str) -> String {
    let browser = BROWSERS.iter().find_map(|(mark, name)| {
        let (_, version) = user_agent.split_once(mark)?;
        let end = version.find(|c: char| !c.is_ascii_digit());
        Some(format!(
            "{name} {}",
            &version[..end.unwrap_or(version.len())]
        ))
    });
    let Some(browser) = browser else {
        return user_agent.chars().take(SHOWN).collect();
    };
    match SYSTEMS.iter().find(|(mark, _)| user_agent.contains(mark)) {
        Some((_, system)) => format!("{browser}, {system}"),
        None => browser,
    }
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn browsers_are_called_as_people_call_them() {
        let cases = [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                "Firefox 128, Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.87",
                "Edge 126, Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
                "Chrome 126, Android",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
                "Safari 17, macOS",
            ),
            ("Firefox/", "Firefox "),
            ("curl/8.5.0", "curl/8.5.0"),
            ("", ""),
        ];
        for (user_agent, expected) in cases {
            assert_eq!(shortened(user_agent), expected);
        }
        assert_eq!(shortened(&"x".repeat(255)).len(), 40);
    }
}
