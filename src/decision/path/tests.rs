use super::Access::{Open, Protected, Public};
use super::*;
use proptest::prelude::*;

fn rules(context: Option<&str>, public: &[&str]) -> PathRules {
    let owned = |paths: &[&str]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    PathRules::new(context, &owned(&["/rest/", "/rpc/"]), &owned(public))
}

#[test]
fn plain_paths() {
    let rules = rules(Some(""), &["/rest/public/", "/health"]);
    for (target, access) in [
        ("/", Open),
        ("/rest", Protected),
        ("/rest/", Protected),
        ("/REST/api", Protected),
        ("/restful", Open),
        ("/download/x", Open),
        ("/x/rest/api", Open),
        ("/rest/public", Public),
        ("/rest/public/a", Public),
        ("/rest/Public/a", Protected),
        ("/rest/publicity", Protected),
        ("/health", Public),
        ("/health/x", Public),
        ("/healthy", Open),
        ("/rest/public?x=/rest/api", Public),
        ("/rest/api?next=/health", Protected),
        ("/rest/api#/health", Protected),
        ("/health#x", Open),
    ] {
        assert_eq!(rules.access(target.as_bytes()), access, "{target}");
    }
}

#[test]
fn every_trick_ends_at_a_protected_path() {
    let rules = rules(None, &["/public/"]);
    for target in [
        "",
        "*",
        "rest/api",
        "http://host/public/",
        "/public/../rest/api",
        "/public/%2e%2e/rest",
        "/public/.%2E/rest/api",
        "/public;a=b/../rest/api",
        "/public/..;/rest",
        "/public/.;x/rest",
        "//rest/api",
        "/./rest/api",
        "/%72est/api",
        "/rest;x=y/api",
        "/rest%2fapi",
        "/rest%2Fapi",
        "/public/%2frest",
        "/public\\..\\rest",
        "/public/%5c..%5crest",
        "/%252e%252e/rest",
        "/public/%252e",
        "/public/%00",
        "/public/%0a",
        "/public/%7f",
        "/public/%",
        "/public/%z1",
        "/public/%1",
        "/public/%ff",
        "/public/%c0%af",
        "/public/%c2%85",
        "/../public/",
        "/..",
        "/public//../x",
        "/public/;x/../y",
        "/public/%3b",
        "/a/rest/api",
        "/a/../rest/api",
        "/s/abc/_/rest/api",
        "/s/1/2/_/x/_/rest/api",
        "/S/abc/_/REST/api",
        "/a/s/abc/_/rest/api",
        "/s/abc/_/ctx/rest/api",
        "/s/_/rest",
        "/public/../s/x/_/rest/a",
        "/\u{202a}\u{7f}",
        "/rest#x",
        "/rest/#/../../public/",
        "/rest/api#/../../../display",
        "/ctx/rest#/../..",
        "/s/x/_/rest%3f",
        "/s/x/_/rest%3Fa/api",
        "/s/x/_/a%3f/b",
        "/a/s/x/_/rest%3fa",
        "/rest;x=%2F/%2e%2e",
        "/rest;x%2fy/..",
        "/public/x;%2f",
        "/rest/;x=%2Fy/public",
        "/s/x/_/rest%23",
        "/a/s/x/_/rest%23/x",
    ] {
        assert_eq!(rules.access(target.as_bytes()), Protected, "{target}");
    }
    assert_eq!(rules.access(b"/public/\xff"), Protected);
    assert_eq!(rules.access(b"/public/\x01"), Protected);
    let marks = format!("/s{}", "/_".repeat(20_000));
    assert_eq!(rules.access(marks.as_bytes()), Protected);
}

#[test]
fn what_a_semicolon_cuts_off_means_nothing() {
    let rules = rules(None, &["/public/"]);
    for target in [
        "/public;jsessionid=%zz/x",
        "/public/x;%5c",
        "/public/x;\\",
        "/public;%00/",
    ] {
        assert_eq!(rules.access(target.as_bytes()), Public, "{target}");
    }
}

#[test]
fn harmless_paths_are_not_protected() {
    let rules = rules(None, &["/public/"]);
    for (target, access) in [
        ("/public/a/../b", Public),
        ("/public/a//b", Public),
        ("/public/caf%C3%A9", Public),
        ("/public/a%20b/", Public),
        ("/public/rest/api", Public),
        ("/display/DS/page", Open),
        ("/s/abc/_/download/x.css", Open),
        ("/a/b/rest", Open),
        ("/a/public/", Open),
    ] {
        assert_eq!(rules.access(target.as_bytes()), access, "{target}");
    }
}

#[test]
fn a_known_context_path_is_taken_off_without_case() {
    let rules = rules(Some("/confluence"), &["/public"]);
    for (target, access) in [
        ("/confluence/rest/api", Protected),
        ("/Confluence/rest/api", Protected),
        ("/rest/api", Protected),
        ("/other/rest/api", Open),
        ("/confluence/public", Public),
        ("/confluence/confluence/rest", Open),
        ("/confluence/s/x/_/rest/api", Protected),
        ("/confluence;x/rest", Protected),
        ("/confluences/rest", Open),
    ] {
        assert_eq!(rules.access(target.as_bytes()), access, "{target}");
    }
}

#[test]
fn more_freedom_is_for_what_is_read_in_one_way() {
    let set = PathSet::new(None, &["/rest/hook/".to_owned(), "/s/".to_owned()]);
    for (target, is_covered) in [
        ("/rest/hook/x", true),
        ("/rest/hook/x?a#b", true),
        ("/rest/hook/%23", true),
        ("/rest/hook/#", false),
        ("/rest/api#/../hook", false),
        ("/s/a/_/rest/hook/x", true),
        ("/s/a/_/rest/hook/%3f", false),
    ] {
        let reading = Reading::of(target.as_bytes());
        let covers = reading.is_some_and(|reading| set.covers(&reading));
        assert_eq!(covers, is_covered, "{target}");
    }
}

proptest! {
    #[test]
    fn a_public_path_never_hides_a_protected_one(tail in "[a-z0-9/;?#%._-]{0,24}") {
        let rules = rules(Some(""), &["/public/"]);
        // However the tail is spelled, what stands after /rest/ stays protected unless the path
        // climbs out of it by a plain "..", which every reader resolves alike.
        let target = format!("/rest/{tail}");
        let path = tail.split('?').next().unwrap_or_default();
        let climbs = path.split('/').any(|segment| segment.replace("%2e", ".") == "..");
        prop_assume!(!climbs);
        prop_assert_eq!(rules.access(target.as_bytes()), Protected);
    }

    #[test]
    fn no_bytes_make_it_panic(target in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = rules(None, &["/public/"]).access(&target);
    }
}
