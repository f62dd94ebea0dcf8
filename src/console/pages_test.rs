//! Renders every page with its sample: escaped, labelled, without inline code.

use std::collections::HashSet;

use askama::Template;
use scraper::{ElementRef, Html, Selector};

use super::activity::ActivityPage;
use super::administrators::{AdministratorPage, AdministratorsPage};
use super::api_keys::{ApiKeysPage, NewKeyPage, RevokeKeyPage};
use super::basic_exceptions::{BasicExceptionPage, BasicExceptionsPage, RemoveExceptionPage};
use super::changes::{ChangesPage, RestorePage, RevisionPage};
use super::conflict::ConflictPage;
use super::confluence_access::{ConfluenceAccessPage, RemoveCredentialPage, ReplaceCredentialPage};
use super::connect::{CheckPage, ConnectPage};
use super::error::ErrorPage;
use super::global::GlobalSettingsPage;
use super::impact::ImpactPage;
use super::providers::{DeleteProviderPage, ProviderPage, ProvidersPage};
use super::sign_in::{AccountPage, LoginPage, SetupPage};
use super::trial::TestPage;
use super::typed_again::SECRETS;
use super::username_map::{ImportPage, RemoveMapPage, UsernameMapPage};

fn pages() -> Vec<(&'static str, Html)> {
    fn rendered(name: &'static str, page: &impl Template) -> (&'static str, Html) {
        let text = page
            .render()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, Html::parse_document(&text))
    }
    vec![
        rendered("account", &AccountPage::sample()),
        rendered("activity", &ActivityPage::sample()),
        rendered("activity, none", &ActivityPage::empty_sample()),
        rendered("activity, no events", &ActivityPage::quiet_sample()),
        rendered("administrators", &AdministratorsPage::sample()),
        rendered("administrator", &AdministratorPage::sample()),
        rendered("administrator, oneself", &AdministratorPage::own_sample()),
        rendered("API keys", &ApiKeysPage::sample()),
        rendered("API keys, none", &ApiKeysPage::empty_sample()),
        rendered("API key, new", &NewKeyPage::sample()),
        rendered("API key, revoke", &RevokeKeyPage::sample()),
        rendered("basic exceptions", &BasicExceptionsPage::sample()),
        rendered(
            "basic exceptions, none",
            &BasicExceptionsPage::empty_sample(),
        ),
        rendered("basic exception, new", &BasicExceptionPage::sample()),
        rendered("basic exception, remove", &RemoveExceptionPage::sample()),
        rendered("changes", &ChangesPage::sample()),
        rendered("changes, none", &ChangesPage::empty_sample()),
        rendered("changes, one", &RevisionPage::sample()),
        rendered("changes, go back", &RestorePage::sample()),
        rendered("changes, no way back", &RestorePage::faulty_sample()),
        rendered("conflict", &ConflictPage::sample()),
        rendered("confluence access", &ConfluenceAccessPage::sample()),
        rendered(
            "confluence access, none",
            &ConfluenceAccessPage::empty_sample(),
        ),
        rendered(
            "confluence access, replace",
            &ReplaceCredentialPage::sample(),
        ),
        rendered("confluence access, remove", &RemoveCredentialPage::sample()),
        rendered("connect", &ConnectPage::sample()),
        rendered("connect, faulty", &ConnectPage::faulty_sample()),
        rendered("connect, waiting", &CheckPage::waiting_sample()),
        rendered("connect, seen", &CheckPage::sample()),
        rendered("delete", &DeleteProviderPage::sample()),
        rendered("error", &ErrorPage::sample()),
        rendered("error, with a form", &ErrorPage::form_sample()),
        rendered("global settings", &GlobalSettingsPage::sample()),
        rendered("impact", &ImpactPage::sample()),
        rendered("login", &LoginPage::sample()),
        rendered("provider, new", &ProviderPage::sample()),
        rendered("provider, stored", &ProviderPage::stored_sample()),
        rendered("providers", &ProvidersPage::sample()),
        rendered("setup", &SetupPage::sample()),
        rendered("username map", &UsernameMapPage::sample()),
        rendered("username map, none", &UsernameMapPage::empty_sample()),
        rendered("username map, import", &ImportPage::sample()),
        rendered("username map, faulty import", &ImportPage::faulty_sample()),
        rendered("username map, remove", &RemoveMapPage::sample()),
        rendered("test, a story", &TestPage::sample()),
        rendered("test, no provider", &TestPage::empty_sample()),
        rendered("test, no token", &TestPage::trouble_sample()),
    ]
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("a selector of this test");
    page.select(&selector).collect()
}

#[test]
fn nothing_typed_becomes_markup_and_no_code_is_inline() {
    for (name, page) in pages() {
        let scripts = all(&page, "script");
        assert!(!scripts.is_empty(), "{name}");
        for script in scripts {
            let source = script.attr("src").unwrap_or_default();
            assert!(
                source.starts_with("/static/"),
                "{name}: a script without our source"
            );
            assert_eq!(script.inner_html(), "", "{name}");
        }
        assert!(
            all(&page, "style, [style]").is_empty(),
            "{name}: inline style"
        );
        for element in all(&page, "*") {
            let inline = element
                .value()
                .attrs()
                .any(|(attribute, _)| attribute.starts_with("on"));
            assert!(
                !inline,
                "{name}: inline code in <{}>",
                element.value().name()
            );
        }
    }
}

#[test]
fn every_page_has_one_title_and_every_control_a_name_to_read() {
    for (name, page) in pages() {
        assert_eq!(all(&page, "h1").len(), 1, "{name}");
        let ids: Vec<_> = all(&page, "[id]")
            .iter()
            .filter_map(|e| e.attr("id"))
            .collect();
        let unique: HashSet<_> = ids.iter().copied().collect();
        assert_eq!(
            unique.len(),
            ids.len(),
            "{name}: an id occurs twice: {ids:?}"
        );
        for control in all(
            &page,
            "input:not([type=hidden]), select, textarea:not([hidden])",
        ) {
            let id = control.attr("id").unwrap_or_default();
            let labels = all(&page, &format!("label[for='{id}']"));
            assert_eq!(labels.len(), 1, "{name}: {}", control.html());
        }
        for described in all(&page, "[aria-describedby]") {
            let targets = described.attr("aria-describedby").unwrap_or_default();
            for target in targets.split_whitespace() {
                assert!(unique.contains(target), "{name}: {target}");
            }
        }
        for link in all(&page, "a[href^='#']") {
            let target = link
                .attr("href")
                .unwrap_or_default()
                .trim_start_matches('#');
            assert!(unique.contains(target), "{name}: #{target}");
        }
        assert!(all(&page, "[autofocus]").len() <= 1, "{name}: one caret");
    }
}

#[test]
fn a_wrong_field_says_so_where_it_stands() {
    for (name, page) in pages() {
        for message in all(&page, ".error") {
            let id = message.attr("id").unwrap_or_default();
            let control = all(&page, &format!("[aria-describedby~='{id}']"));
            assert_eq!(control.len(), 1, "{name}: {id}");
            assert_eq!(
                control[0].attr("aria-invalid"),
                Some("true"),
                "{name}: {id}"
            );
        }
    }
}

#[test]
fn a_stored_secret_is_never_shown() {
    for (name, page) in pages() {
        assert!(!page.html().contains("s3cret-in-the-store"), "{name}");
    }
}

#[test]
fn every_control_of_a_secret_is_known_as_one() {
    for (name, page) in pages() {
        for control in all(&page, "input[type=password]") {
            let control = control.attr("name").unwrap_or_default();
            assert!(SECRETS.contains(&control), "{name}: {control}");
        }
    }
}

#[test]
fn a_fault_under_advanced_opens_it() {
    let open = |page: &ProviderPage| {
        let page = Html::parse_document(&page.render().expect("it renders"));
        !all(&page, "details[open]").is_empty()
    };
    assert!(open(&ProviderPage::sample()));
    assert!(!open(&ProviderPage::stored_sample()));
}
