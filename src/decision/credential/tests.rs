use super::*;
use http::{HeaderName, HeaderValue};

fn find(headers: &[(&str, &str)], query: &'static str) -> Result<Credential<'static>, Reason> {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            let name: HeaderName = name.parse().expect("a header name");
            (
                name,
                HeaderValue::from_bytes(value.as_bytes()).expect("a header value"),
            )
        })
        .collect();
    let headers = Box::leak(Box::new(headers));
    Carrier {
        headers,
        query: query.as_bytes(),
    }
    .credential(&["JSESSIONID".to_owned()])
}

fn authorization(value: &str) -> Result<Credential<'static>, Reason> {
    find(&[("authorization", value)], "")
}

#[test]
fn schemes_are_read_without_case() {
    for value in ["Bearer abc", "bearer abc", "BEARER   abc"] {
        assert_eq!(
            authorization(value),
            Ok(Credential::Bearer("abc")),
            "{value}"
        );
    }
    for value in ["Basic YTpi", "bAsIc YTpi", "Basic Ojo="] {
        assert_eq!(authorization(value), Ok(Credential::Basic), "{value}");
    }
    assert_eq!(
        authorization("Bearer Atza|a!b"),
        Ok(Credential::Bearer("Atza|a!b"))
    );
}

#[test]
fn a_value_that_the_scheme_does_not_allow_is_malformed() {
    for value in [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer \"a\"",
        "Bearer\ta",
        "Bearer a,b",
        "Bearer é",
        "Basic",
        "Basic ***",
        "Basic\tYTpi",
        "Basic YWI=",
        "Basic YTpi YTpi",
        "OAuth",
        "OAuth ",
        "OAuth realm=\"x\"",
        "OAuth oauth_signature=\"x\", oauth_consumer_key=\"y\"",
    ] {
        assert_eq!(
            authorization(value),
            Err(Reason::MalformedCredential),
            "{value}"
        );
    }
}

#[test]
fn another_scheme_is_not_supported() {
    for value in [
        "Token abc",
        "BearerT",
        "Negotiate abc",
        "Digest username=\"x\"",
        "JWT a.b.c",
    ] {
        assert_eq!(
            authorization(value),
            Err(Reason::UnsupportedScheme),
            "{value}"
        );
    }
}

#[test]
fn two_credentials_are_refused_wherever_they_stand() {
    for value in [
        "Bearer a, Bearer b",
        "Basic YTpi, Bearer b",
        "Bearer a,Basic YTpi",
        "Bearer a, Bearer",
        "OAuth oauth_consumer_key=\"k\", Bearer a",
    ] {
        assert_eq!(
            authorization(value),
            Err(Reason::MultipleCredentials),
            "{value}"
        );
    }
    let twice = [("authorization", "Bearer a"), ("authorization", "Bearer a")];
    assert_eq!(find(&twice, ""), Err(Reason::MultipleCredentials));
    for query in [
        "access_token=x",
        "a=b&os_username=x",
        "access%5Ftoken=x",
        "os%5fpassword",
    ] {
        let found = find(&[("authorization", "Bearer a")], query);
        assert_eq!(found, Err(Reason::MultipleCredentials), "{query}");
    }
}

#[test]
fn the_query_carries_basic_and_oauth1_but_no_bearer_token() {
    assert_eq!(
        find(&[], "os_username=a&os_password=b"),
        Ok(Credential::Basic)
    );
    assert_eq!(find(&[], "os%5Fusername=a"), Ok(Credential::Basic));
    assert_eq!(find(&[], "access_token=T"), Ok(Credential::Missing));
    let signed = "oauth_consumer_key=k&oauth_signature_method=HMAC-SHA1&oauth_signature=s";
    assert_eq!(find(&[], signed), Ok(Credential::OAuth1));
    assert_eq!(
        find(&[], "oauth_signature=s"),
        Err(Reason::MalformedCredential)
    );
    assert_eq!(
        find(&[("authorization", "OAuth realm=\"\"")], signed),
        Ok(Credential::OAuth1)
    );
}

#[test]
fn oauth1_needs_its_three_parameters() {
    let value = "OAuth realm=\"a,b\",oauth_consumer_key=\"k\", oauth_signature_method=\"RSA-SHA1\", \
                 oauth_signature=\"s\"";
    assert_eq!(authorization(value), Ok(Credential::OAuth1));
}

#[test]
fn a_session_is_a_known_cookie_with_a_value() {
    let cookie = |value| find(&[("cookie", value)], "");
    assert_eq!(cookie("a=b; JSESSIONID=x"), Ok(Credential::Session));
    for value in [
        "",
        "JSESSIONID=",
        "JSESSIONID",
        "JSESSIONID=\"\"",
        "jsessionid=x",
        "XJSESSIONID=x",
    ] {
        assert_eq!(cookie(value), Ok(Credential::Missing), "{value}");
    }
    let both = [("cookie", "JSESSIONID=x"), ("authorization", "Bearer a")];
    assert_eq!(find(&both, ""), Ok(Credential::Bearer("a")));
    let other = [
        ("proxy-authorization", "Bearer a"),
        ("authorization_", "Bearer a"),
    ];
    assert_eq!(find(&other, ""), Ok(Credential::Missing));
}
