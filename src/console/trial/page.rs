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
    /// Why.
    pub explanation: String,
    /// What would help, in one click.
    pub cures: Vec<Cure>,
    /// The checks in their order.
    pub checks: Vec<Check>,
    /// How far the claims can be believed.
    pub claims_note: &'static str,
    /// The claims.
    pub claims: Vec<Claim>,
    /// The revision of the settings that judged it.
    pub revision: i64,
}

/// A change of the settings that would help.
#[derive(Debug)]
pub struct Cure {
    pub action: String,
    pub value: String,
    pub label: String,
    pub caution: &'static str,
}

/// One check.
#[derive(Debug)]
pub struct Check {
    /// What was checked.
    pub name: String,
    /// `None`: the decision fell before.
    pub passed: Option<bool>,
    /// What was found.
    pub detail: String,
}

impl Check {
    /// The class of the stylesheet.
    pub fn class(&self) -> &'static str {
        match self.passed {
            Some(true) => "passed",
            Some(false) => "failed",
            None => "open",
        }
    }
}

/// One claim.
#[derive(Debug)]
pub struct Claim {
    /// The attribute that names it, `emails[0]`.
    pub name: String,
    /// Its value as JSON, or plain where it is a text.
    pub value: String,
    /// The moment that it means.
    pub moment: Option<Moment>,
    /// How safe it is as a username.
    pub fitness: Option<Fitness>,
    /// It is the username attribute already.
    pub is_current: bool,
    /// Where "Use as username attribute" is sent.
    pub action: Option<String>,
}

/// How safe a claim is as a username.
#[derive(Debug)]
pub struct Fitness {
    pub tone: Tone,
    pub label: &'static str,
    pub explanation: &'static str,
}

impl TestPage {
    /// The page; the token stays in its field for another try, and nowhere else.
    pub fn new(frame: Frame, token: &str, story: Option<Story>) -> Self {
        let title = match &story {
            None => "Test a token".to_owned(),
            Some(story) => story.verdict.clone(),
        };
        let control = Control::Lines {
            value: token.to_owned(),
        };
        let mut token_field = Field::new("token", "Access token", control)
            .help("With or without \"Bearer\" before it.");
        token_field.autofocus = story.is_none();
        Self {
            frame: Frame {
                title,
                tab: Some(Tab::Test),
                ..frame
            },
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
            action: Some("/oauth/azure-b2c/username-attribute".to_owned()),
        };
        let unprotected = Fitness {
            tone: Tone::Bad,
            label: "Not protected",
            explanation: "A user can edit it.",
        };
        let story = Story {
            tone: Tone::Bad,
            verdict: hostile(),
            explanation: hostile(),
            cures: vec![Cure {
                action: "/oauth/azure-b2c/audiences".to_owned(),
                value: hostile(),
                label: hostile(),
                caution: "Only if it is yours.",
            }],
            checks: vec![
                Check {
                    name: "Shape".to_owned(),
                    passed: Some(true),
                    detail: hostile(),
                },
                Check {
                    name: "Signature".to_owned(),
                    passed: Some(false),
                    detail: hostile(),
                },
                Check {
                    name: "User".to_owned(),
                    passed: None,
                    detail: String::new(),
                },
            ],
            claims_note: "Nothing of this is verified.",
            claims: vec![claim(Some(unprotected)), claim(None)],
            revision: 7,
        };
        Self::new(
            Frame::sample(),
            "</textarea><script>alert(1)</script>",
            Some(story),
        )
    }
}
