//! Samples of the pages, hostile and faulty, for the test that renders every page.

use time::macros::date;

use super::page::{BasicExceptionPage, BasicExceptionsPage, RemoveExceptionPage};
use super::{edit, fields};
use crate::console::form::Typed;
use crate::console::page::{Frame, Moment};
use crate::settings::{BasicException, Fault, Settings};
use crate::store::ExceptionUse;

const HOSTILE: &str = "\"><script>alert(1)</script>";
/// 2026-09-21
const NOW: Moment = Moment(1_790_000_000);

fn exception(id: &str, ends_on: time::Date) -> BasicException {
    BasicException {
        id: id.to_owned(),
        users: vec![HOSTILE.to_owned(), "svc-jenkins".to_owned()],
        paths: vec![format!("/rest/{HOSTILE}")],
        networks: vec!["10.0.0.0/8".parse().expect("a network")],
        owner: HOSTILE.to_owned(),
        reason: HOSTILE.to_owned(),
        ends_on,
    }
}

fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.global.basic_exceptions = vec![
        exception("ended", date!(2026 - 09 - 20)),
        exception("far", date!(2027 - 01 - 31)),
        exception("near", date!(2026 - 09 - 28)),
    ];
    settings
}

fn uses() -> [ExceptionUse; 1] {
    [ExceptionUse {
        exception: "near".to_owned(),
        calls: 1402,
        last_at: NOW.0,
    }]
}

impl BasicExceptionsPage {
    /// One of each kind.
    pub fn sample() -> Self {
        Self::new(Frame::sample(), &settings(), &uses(), NOW)
    }

    /// None yet.
    pub fn empty_sample() -> Self {
        Self::new(Frame::sample(), &Settings::default(), &[], NOW)
    }
}

impl BasicExceptionPage {
    /// A new one with every field wrong.
    pub fn sample() -> Self {
        let names = fields::new_specs().into_iter().map(|spec| spec.name);
        let typed = Typed::posted(names.map(|name| (name, HOSTILE.to_owned())).collect());
        let fault = |member: &str| Fault {
            pointer: format!("/global/basic_exceptions/3/{member}"),
            detail: HOSTILE.to_owned(),
        };
        let members = [
            "id",
            "users",
            "users/0",
            "paths/0",
            "networks/0",
            "owner",
            "reason",
            "ends_on",
        ];
        let faults = fields::field_faults(members.map(fault).to_vec(), 3, &typed);
        Self::new(Frame::sample(), None, 7, &typed, faults)
    }
}

impl RemoveExceptionPage {
    /// The question about a hostile one.
    pub fn sample() -> Self {
        let settings = settings();
        let near = &settings.global.basic_exceptions[2];
        Self::new(Frame::sample(), &settings, near, &uses(), 7)
    }
}

#[test]
fn those_that_serve_come_first_and_the_next_to_end_before_all() {
    let page = BasicExceptionsPage::sample();
    let shown = page.exceptions.iter();
    let shown = shown.map(|one| (one.id.as_str(), one.left.as_str(), one.tone.class()));
    let shown: Vec<_> = shown.collect();
    let expected = [
        ("near", "7 days left", "warn"),
        ("far", "132 days left", "good"),
        ("ended", "Ended", "bad"),
    ];
    assert_eq!(shown, expected);
    assert_eq!(
        page.frame.title,
        "2 Basic exceptions, 1 ends within a week, 1 ended"
    );
}

#[test]
fn a_form_writes_to_its_own_exception_or_adds_one() {
    let settings = settings();
    let typed = |owner: &str| {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Typed::posted(vec![pair("owner", owner), pair("id", "other")])
    };
    for (id, place, written) in [
        (Some("far"), 1, "far"),
        (Some("gone"), 3, "gone"),
        (None, 3, "other"),
    ] {
        let mut document = settings.export();
        fields::write(&typed("Build team"), id, &settings, &mut document);
        assert_eq!(fields::place(&settings, id), place);
        let exception = &document["global"]["basic_exceptions"][place];
        assert_eq!(exception["id"], written, "{}", edit::action(id));
        assert_eq!(exception["owner"], "Build team");
    }
}
