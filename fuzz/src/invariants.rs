//! What holds for every input. The fuzz targets look for inputs for which it does not; `tests/it/corpora.rs` replays
//! on stable Rust what they have found worth keeping. A panic is a finding.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bearergate::decision::credential::{Carrier, Credential, Kind, basic_password};
use bearergate::decision::path::{Access, PathRules, PathSet, Reading};
use bearergate::decision::token::{self, Shape};
use bearergate::decision::{Reason, TokenFacts, claims};
use bearergate::json;
use bearergate::peer::{Peer, TrustedProxies};
use bearergate::settings::{AttributePath, ReadContext, Settings, UsernameMap, username_fault};
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderValue};

/// A token that reads as a JWT says nothing that its own bytes don't say, and can be written in this one way only.
pub fn token(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let jwt = match token::read(text) {
        Ok(Shape::Jwt(jwt)) => jwt,
        Ok(Shape::Opaque(reason)) => {
            let dots = text.bytes().filter(|byte| *byte == b'.').count();
            assert_eq!(reason == Reason::EncryptedToken, dots == 4);
            assert_eq!(reason == Reason::MalformedToken, dots == 2);
            return;
        }
        Err(reason) => {
            assert_eq!(reason, Reason::MalformedToken);
            let is_token =
                text.len() <= token::MAX_BYTES && text.bytes().all(|b| b.is_ascii_graphic());
            assert!(!is_token);
            return;
        }
    };
    let signature = URL_SAFE_NO_PAD.encode(&jwt.signature);
    assert_eq!(format!("{}.{signature}", jwt.signed), text);
    let parts: Vec<&str> = text.split('.').collect();
    assert_eq!(parts.len(), 3);
    for part in &parts {
        let bytes = URL_SAFE_NO_PAD.decode(part).expect("strict base64url");
        assert_eq!(
            URL_SAFE_NO_PAD.encode(bytes),
            *part,
            "two spellings of one token"
        );
    }
    let members = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).expect("strict base64url");
        json::parse_object(&bytes).expect("an object without duplicates")
    };
    assert_eq!(
        (&jwt.header, &jwt.claims),
        (&members(parts[0]), &members(parts[1]))
    );
    assert_eq!(
        jwt.issuer(),
        jwt.claims.get("iss").and_then(|value| value.as_str())
    );
    for name in ["exp", "nbf", "iat"] {
        if let Some(value) = jwt.claims.get(name).filter(|value| !value.is_null()) {
            let seconds = token::numeric_date(value).expect("a date");
            assert!(seconds.abs() <= 253_402_300_799);
        }
    }
    if claims::has(&jwt.claims, "aud") {
        assert!(jwt.claims["aud"].is_string() || jwt.claims["aud"].is_array());
    }
    let _ = (
        claims::audiences(&jwt.claims).count(),
        claims::clients(&jwt.claims).count(),
    );
    let _ = TokenFacts::of(&jwt.claims);
}

/// What can be read in two ways is protected and freed by nothing; what can't, reads the same when it is written
/// again, and a query changes nothing.
pub fn path(input: &[u8]) {
    let owned = |paths: &[&str]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (protected, public) = (
        owned(&["/rest/", "/rpc/"]),
        owned(&["/public/", "/rest/open/"]),
    );
    let end = input
        .iter()
        .position(|byte| *byte == b'?')
        .unwrap_or(input.len());
    let bare = &input[..end];
    for context in [None, Some(""), Some("/wiki")] {
        let rules = PathRules::new(context, &protected, &public);
        let access = rules.access(input);
        assert_eq!(rules.access(bare), access, "the query decides");
        let everything = PathSet::new(context, &owned(&["/"]));
        let public = PathSet::new(context, &public);
        let Some(reading) = Reading::of(input) else {
            assert_eq!(access, Access::Protected);
            continue;
        };
        assert!(everything.covers(&reading));
        // What is covered in every reading is open to nobody by accident; too many readings are protected.
        if public.covers(&reading) {
            assert_ne!(access, Access::Open);
        }
        let longer = [bare.trim_ascii_end(), b"/x".as_slice()].concat();
        // No path at all is protected; with something behind it, it becomes one.
        if access == Access::Protected
            && bare.starts_with(b"/")
            && bare.trim_ascii_end() == bare
            && !bare.contains(&b';')
            && !bare.ends_with(b"/")
        {
            assert_ne!(
                rules.access(&longer),
                Access::Open,
                "below a protected path"
            );
        }
        again(&rules, bare, access);
    }
}

/// Written with every byte of every segment encoded that may be, a path means the same.
fn again(rules: &PathRules, bare: &[u8], access: Access) {
    let mut written = Vec::new();
    let mut rest = bare;
    while let [byte, tail @ ..] = rest {
        match byte {
            // A dot may be encoded too; what a semicolon cuts off may hold anything.
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' => {
                written.extend_from_slice(format!("%{byte:02x}").as_bytes());
                rest = tail;
            }
            b'%' => {
                let length = rest.len().min(3);
                written.extend_from_slice(&rest[..length]);
                rest = &rest[length..];
            }
            other => {
                written.push(*other);
                rest = tail;
            }
        }
    }
    assert_eq!(rules.access(&written), access, "another spelling decides");
}

/// An attribute path that can be parsed is kept as it was written, and finds nothing that isn't there. The input is
/// a path, a line end, and claims.
pub fn attribute(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let (path, document) = text.split_once('\n').unwrap_or((text, "{}"));
    let Ok(parsed) = AttributePath::parse(path) else {
        return;
    };
    assert_eq!(parsed.as_str(), path);
    assert_eq!(path.trim(), path);
    assert_eq!(AttributePath::parse(parsed.as_str()).as_ref(), Ok(&parsed));
    let _ = parsed.names_an_email();
    let Ok(claims) = json::parse_object(document.as_bytes()) else {
        return;
    };
    let found = parsed.find(&claims);
    assert!(found.is_none_or(|value| !value.is_null()));
    // A claim of that very name wins.
    if let Some(literal) = claims.get(path) {
        assert_eq!(found, Some(literal).filter(|value| !value.is_null()));
    }
    let mut wins = claims.clone();
    wins.insert(path.to_owned(), "literal".into());
    assert_eq!(
        parsed.find(&wins).and_then(|value| value.as_str()),
        Some("literal")
    );
    let empty = serde_json::Map::new();
    assert_eq!(parsed.find(&empty), None);
}

/// A document has faults, or it is settings that read the same when they are exported and read again.
pub fn settings(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let nothing = Settings::default();
    let maps = BTreeMap::new();
    let against = |stored| ReadContext {
        stored,
        username_maps: &maps,
        allow_http_providers: false,
    };
    let settings = match Settings::read(text, against(&nothing)) {
        Ok(settings) => settings,
        Err(faults) => {
            assert!(!faults.is_empty());
            for fault in faults {
                assert!(
                    fault.pointer.is_empty() || fault.pointer.starts_with('/'),
                    "{fault}"
                );
                assert!(!fault.to_string().contains(char::is_control), "{fault:?}");
            }
            return;
        }
    };
    let exported = settings.export();
    let again = Settings::read(&exported.to_string(), against(&settings));
    let again = again.unwrap_or_else(|faults| panic!("an export is faulty: {faults:?} {exported}"));
    assert_eq!(again, settings);
    assert_eq!(again.export(), exported);
}

/// A request carries one credential or is refused, and what is told of it fits. The input is header fields, a line
/// each: `a…` for `Authorization`, `c…` for `Cookie`, `q…` for the query.
pub fn credential(input: &[u8]) {
    let mut headers = HeaderMap::new();
    let mut query: &[u8] = b"";
    for line in input.split(|byte| *byte == b'\n') {
        let (Some(kind), Some(value)) = (line.first(), line.get(1..)) else {
            continue;
        };
        let field = HeaderValue::from_bytes(value);
        match (kind, field) {
            (b'a', Ok(field)) => drop(headers.append(AUTHORIZATION, field)),
            (b'c', Ok(field)) => drop(headers.append(COOKIE, field)),
            (b'q', _) => query = value,
            _ => {}
        }
    }
    let cookies = ["JSESSIONID".to_owned()];
    let carrier = Carrier {
        headers: &headers,
        query,
    };
    let found = carrier.credential(&cookies);
    let fields = headers.get_all(AUTHORIZATION).iter().count();
    if fields > 1 {
        assert_eq!(found, Err(Reason::MultipleCredentials));
    }
    match (found, carrier.kind(&cookies)) {
        (Ok(Credential::Bearer(token)), kind) => {
            assert_eq!(kind, Kind::Bearer);
            assert!(carrier.has_bearer() && !carrier.has_basic());
            assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
            assert!(!token.contains([',', '"', '\\']));
        }
        (Ok(Credential::Basic), kind) => {
            assert_eq!(kind, Kind::Basic);
            assert!(carrier.has_basic() && !carrier.has_bearer());
            let _ = carrier.basic_user();
        }
        (Ok(Credential::OAuth1), kind) => assert_eq!(kind, Kind::OAuth1),
        (Ok(Credential::Session), kind) => {
            assert_eq!(kind, Kind::Session);
            assert!(headers.contains_key(COOKIE) && !carrier.has_bearer() && !carrier.has_basic());
        }
        (Ok(Credential::Missing), kind) => {
            assert_eq!(kind, Kind::Nothing);
            assert!(!carrier.has_bearer() && !carrier.has_basic());
        }
        (Err(reason), _) => assert!(matches!(
            reason,
            Reason::MalformedCredential | Reason::MultipleCredentials | Reason::UnsupportedScheme
        )),
    }
    let _ = basic_password(&headers);
}

/// A file has faults, or it is a map that comes back as it was.
pub fn username_map(input: &[u8]) {
    let rows = match UsernameMap::read_csv(input) {
        Ok(rows) => rows,
        Err(faults) => {
            let lines = input.split(|byte| *byte == b'\n').count();
            assert!(!faults.is_empty());
            assert!(
                faults.iter().all(|fault| (1..=lines).contains(&fault.line)),
                "{faults:?}"
            );
            return;
        }
    };
    for (value, username) in &rows {
        assert_eq!(
            (username_fault(value), username_fault(username)),
            (None, None)
        );
    }
    let map = UsernameMap::new(rows.clone());
    let again = UsernameMap::read_csv(&map.to_csv()).expect("an export can be read");
    assert_eq!(again, rows);
    assert_eq!(UsernameMap::new(again).digest(), map.digest());
}

/// The client behind a trusted proxy is an address that stands in the header, and nothing that a client puts before
/// it changes who it is. A peer that is no proxy speaks for itself.
pub fn forwarded_for(input: &[u8]) {
    let proxies: TrustedProxies = "127.0.0.0/8,10.0.0.0/8".parse().expect("networks");
    let tcp = |a, b, c, d| Peer::Tcp(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(a, b, c, d)), 0));
    let (proxy, stranger) = (tcp(127, 0, 0, 1), tcp(203, 0, 113, 5));
    let lines = input.split(|byte| *byte == b'\n');
    let values: Vec<HeaderValue> = lines
        .filter_map(|line| HeaderValue::from_bytes(line).ok())
        .collect();
    assert_eq!(proxies.client(&stranger, &values), stranger.address());
    let client = proxies.client(&proxy, &values);
    let joined: Vec<&[u8]> = values.iter().map(HeaderValue::as_bytes).collect();
    let joined = HeaderValue::from_bytes(&joined.join(&b","[..])).expect("values, joined");
    if !values.is_empty() {
        assert_eq!(proxies.client(&proxy, [&joined]), client, "lines or commas");
    }
    let Some(client) = client else {
        return;
    };
    assert_eq!(client, client.to_canonical());
    if !proxies.trusts(&Peer::Tcp(SocketAddr::new(client, 0))) {
        for forged in [&b"192.0.2.66"[..], b"garbage", b"127.0.0.1", b"", b"\xff"] {
            let forged = HeaderValue::from_bytes(forged).expect("a field value");
            let all = std::iter::once(&forged).chain(&values);
            assert_eq!(proxies.client(&proxy, all), Some(client), "a client steers");
        }
    }
}
