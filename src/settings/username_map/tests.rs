//! Maps, their differences, and CSV in both directions.

use proptest::prelude::*;

use super::*;
use crate::settings::username_fault;

fn rows(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(value, username): &(&str, &str)| ((*value).to_owned(), (*username).to_owned());
    pairs.iter().map(owned).collect()
}

fn faults(file: impl AsRef<[u8]>) -> Vec<String> {
    let faults = UsernameMap::read_csv(file.as_ref()).expect_err("faults");
    faults.iter().map(ToString::to_string).collect()
}

/// Texts as hostile as an attribute's value may be: quotes, separators, formulas, every script.
fn field() -> impl Strategy<Value = String> {
    let tricky = proptest::collection::vec(
        proptest::sample::select(vec![
            "'", "=", "+", "-", "@", "＝", "\"", ",", ";", " ", "a", "é",
        ]),
        1..6,
    );
    let text = prop_oneof![tricky.prop_map(|parts| parts.concat()), "\\PC{1,30}"];
    text.prop_filter("a username", |text| username_fault(text).is_none())
}

fn any_rows() -> impl Strategy<Value = BTreeMap<String, String>> {
    proptest::collection::btree_map(field(), field(), 0..20)
}

proptest! {
    #[test]
    fn a_map_comes_back_from_its_export_as_it_was(rows in any_rows()) {
        let exported = UsernameMap::new(rows.clone()).to_csv();
        prop_assert_eq!(UsernameMap::read_csv(&exported), Ok(rows));
    }

    #[test]
    fn no_field_of_an_export_begins_as_a_formula(rows in any_rows()) {
        let exported = String::from_utf8(UsernameMap::new(rows).to_csv()).expect("UTF-8");
        for opening in ["\"=", "\"+", "\"-", "\"@"] {
            let starts = |field: &str| field.starts_with(opening);
            prop_assert!(!exported.split("\r\n").any(starts), "{}", exported);
            prop_assert!(!exported.contains(&format!("\",{opening}")), "{}", exported);
        }
    }

    #[test]
    fn an_update_names_exactly_the_rows_that_differ(old in any_rows(), new in any_rows()) {
        let update = MapUpdate::replacing(&UsernameMap::new(old.clone()), new.clone());
        let mut rebuilt = old;
        for change in update.changes() {
            prop_assert_ne!(&change.old, &change.new);
            let before = match &change.new {
                Some(new) => rebuilt.insert(change.value.clone(), new.clone()),
                None => rebuilt.remove(&change.value),
            };
            prop_assert_eq!(&before, &change.old);
        }
        prop_assert_eq!(update.map().digest() == update.base(), update.changes().is_empty());
        prop_assert_eq!(rebuilt, new);
    }
}

#[test]
fn the_digest_tells_where_a_field_ends() {
    let one = UsernameMap::new(rows(&[("ab", "c")]));
    let other = UsernameMap::new(rows(&[("a", "bc")]));
    assert_ne!(one.digest(), other.digest());
    assert_eq!(
        one.digest(),
        UsernameMap::new(rows(&[("ab", "c")])).digest()
    );
}

#[test]
fn what_a_spreadsheet_writes_is_read() {
    let expected = Ok(rows(&[("a@example.com", "alice"), ("b;c", "bob, \"b\"")]));
    for file in [
        "value,username\na@example.com,alice\nb;c,\"bob, \"\"b\"\"\"\n",
        "\u{feff}Value, Username\r\na@example.com,alice\r\n\r\nb;c,\"bob, \"\"b\"\"\"",
        "value;username\r\na@example.com;alice\r\n\"b;c\";bob, \"b\"\r\n",
        "value\tusername\na@example.com\talice\nb;c\tbob, \"b\"\n",
    ] {
        assert_eq!(UsernameMap::read_csv(file.as_bytes()), expected, "{file:?}");
    }
    assert_eq!(UsernameMap::read_csv(b"value,username\n"), Ok(rows(&[])));
}

#[test]
fn an_apostrophe_that_protects_nothing_stays() {
    let file = "value,username\n'tHooft,gerard\n'=1+1,'-x\n''=1,o'neil\n";
    let expected = rows(&[("'tHooft", "gerard"), ("=1+1", "-x"), ("'=1", "o'neil")]);
    assert_eq!(UsernameMap::read_csv(file.as_bytes()), Ok(expected));
}

#[test]
fn every_fault_of_a_file_is_told_by_its_line() {
    let long = "x".repeat(256);
    for end in ["\n", "\r\n"] {
        let lines = [
            "value,username",
            "a,alice",
            "",
            "a,bob",
            "b",
            "c,d,e",
            " f,g",
            ",h",
            "i,",
            "j,k\u{200b}l",
            &format!("m,{long}"),
            "n,nora",
        ];
        let expected = [
            "line 4: the value stands on line 2 already",
            "line 5: has 1 of the 2 fields value and username",
            "line 6: has 3 of the 2 fields value and username",
            "line 7: the value has blanks around it",
            "line 8: the value is empty",
            "line 9: the username is empty",
            "line 10: the username has an invisible character in it",
            "line 11: the username has more than 255 characters",
        ];
        assert_eq!(faults(lines.join(end)), expected);
    }
    assert_eq!(
        faults("a,alice\n"),
        ["line 1: must be the header value,username"]
    );
    assert_eq!(
        faults(""),
        ["line 1: is empty; the first line must be the header value,username"]
    );
    assert_eq!(
        faults(b"value,username\na,J\xfcrgen\n"),
        ["line 2: has bytes that are no UTF-8; save the file as \"CSV UTF-8\""]
    );
    // A quote that is never closed swallows the rest.
    assert_eq!(
        faults("value,username\na,\"alice\nb,bob\n"),
        ["line 2: the username has blanks around it"]
    );
}
