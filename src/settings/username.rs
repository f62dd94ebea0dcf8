//! What a username may look like.

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
