//! What a username may look like.

use std::borrow::Cow;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// The most characters that a username has.
const MAX_CHARACTERS: usize = 255;

/// Whether a text can be a username: 1 to 255 characters, no blanks around it, nothing invisible.
#[must_use]
pub fn is_username(text: &str) -> bool {
    username_fault(text).is_none()
}

/// Why a text can't be a username, as the end of a sentence; `None` where it can.
#[must_use]
pub fn username_fault(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        Some("is empty")
    } else if text.trim() != text {
        Some("has blanks around it")
    } else if text.chars().count() > MAX_CHARACTERS {
        Some("has more than 255 characters")
    } else if text.chars().any(is_invisible) {
        Some("has an invisible character in it")
    } else {
        None
    }
}

/// Characters that let two different names look alike, or break a line.
fn is_invisible(character: char) -> bool {
    let by_category = matches!(
        character.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    );
    // Letters and marks that are drawn as nothing (Unicode: Default_Ignorable_Code_Point).
    let by_name = matches!(
        character,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
    );
    by_category || by_name
}

/// A username as it is compared without case. A letter that would become one of ASCII (such as the
/// sign for Kelvin) stays as it is: two names that a provider tells apart must not become one user.
#[must_use]
pub fn fold_case(username: &str) -> Cow<'_, str> {
    if username
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
    {
        return Cow::Borrowed(username);
    }
    let mut folded = String::with_capacity(username.len());
    for character in username.chars() {
        if !character.is_ascii() && character.to_lowercase().any(|lower| lower.is_ascii()) {
            folded.push(character);
        } else {
            folded.extend(character.to_lowercase());
        }
    }
    Cow::Owned(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_folded_and_no_foreign_letter_becomes_one_of_ascii() {
        for (name, folded) in [
            ("alice.smith", "alice.smith"),
            ("Alice", "alice"),
            ("ÖZDEMIR", "özdemir"),
            ("\u{212a}evin", "\u{212a}evin"),
            ("\u{130}ris", "\u{130}ris"),
        ] {
            assert_eq!(fold_case(name), folded);
        }
    }
}
