//! The page "Test": the whole story of a token.

use askama::Template;
use askama_web::WebTemplate;

use crate::console::field::{Control, Field};
use crate::console::page::{Frame, Moment, Tab, Tone};

/// A field for a token, and the story of the one that was sent.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/test.html")]
pub struct TestPage {
    frame: Frame,
    revision: i64,
    token_field: Field,
    story: Option<Story>,
}

/// Everything about one token.
#[derive(Debug)]
pub struct Story {
    /// The colour of the verdict.
    pub tone: Tone,
    /// The verdict in a sentence.
    pub verdict: String,
    /// Why, a sentence each.
    pub explanations: Vec<String>,
    /// The id of the provider that judged it, where there was one.
    pub provider: Option<String>,
    /// Audiences of the token that could be accepted in one click.
    pub audiences: Vec<String>,
    /// The checks in their order.
    pub checks: Vec<Check>,
    /// How far the claims can be believed.
    pub claims_note: &'static str,
    /// The claims.
    pub claims: Vec<Claim>,
}

/// One check.
#[derive(Debug)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// Whether it let the token go on.
    pub passed: bool,
    /// What was found.
    pub detail: String,
}

/// One claim.
#[derive(Debug, PartialEq)]
pub struct Claim {
    /// The attribute that names it, `emails[0]`.
    pub name: String,
    /// Its value, as JSON where it is no plain text.
    pub value: String,
    /// The moment that it means.
    pub moment: Option<Moment>,
    /// How safe it is as a username.
    pub fitness: Option<Fitness>,
    /// It is the username attribute already.
    pub is_current: bool,
    /// It can become the username attribute in one click.
    pub can_be_used: bool,
}

/// How safe a claim is as a username.
#[derive(Debug, PartialEq)]
pub struct Fitness {
    /// The colour.
    pub tone: Tone,
    /// In a word or two.
    pub label: &'static str,
    /// In a sentence.
    pub explanation: &'static str,
}

impl TestPage {
    /// The page; the token stays in its field for another try, and nowhere else.
    pub fn new(frame: Frame, revision: i64, token: &str, story: Option<Story>) -> Self {
        let title = match &story {
            None => "Test a token".to_owned(),
            Some(story) => story.verdict.clone(),
        };
        let control = Control::Lines {
            value: token.to_owned(),
        };
        let mut token_field = Field::new("token", "Access token", control)
            .help("With or without \"Bearer\" before it. It is neither stored nor logged.");
        token_field.autofocus = story.is_none();
        Self {
            frame: Frame {
                title,
                tab: Some(Tab::Test),
                ..frame
            },
            revision,
            token_field,
            story,
        }
    }
}

#[cfg(test)]
impl TestPage {
    /// A refused token with hostile claims.
    pub fn sample() -> Self {
        let hostile = || "<script>alert(1)</script>".to_owned();
        let claim = |fitness| Claim {
            name: hostile(),
            value: hostile(),
            moment: Some(Moment(1_790_000_000)),
            fitness,
            is_current: false,
            can_be_used: true,
        };
        let unprotected = Fitness {
            tone: Tone::Bad,
            label: "Not protected",
            explanation: "A user can edit it.",
        };
        let story = Story {
            tone: Tone::Bad,
            verdict: hostile(),
            explanations: vec![hostile()],
            provider: Some(hostile()),
            audiences: vec![hostile()],
            checks: vec![
                Check {
                    name: "Shape",
                    passed: true,
                    detail: hostile(),
                },
                Check {
                    name: "Signature",
                    passed: false,
                    detail: hostile(),
                },
            ],
            claims_note: "Nothing of this is verified.",
            claims: vec![claim(Some(unprotected)), claim(None)],
        };
        Self::new(
            Frame::sample(),
            7,
            "</textarea><script>alert(1)</script>",
            Some(story),
        )
    }
}
