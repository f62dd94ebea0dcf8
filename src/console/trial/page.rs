//! The page "Test": the whole story of a token.

use askama::Template;
use askama_web::WebTemplate;
use secrecy::{ExposeSecret as _, SecretString};

use super::lab::Lab;
use super::preview::Preview;
use super::trouble::Trouble;
use crate::console::field::{Control, Field};
use crate::console::page::{Frame, Moment, Tab, Tone};

/// Where a token is got or pasted, and the story of the one that was.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/test.html")]
pub struct TestPage {
    frame: Frame,
    /// The page answers a request of its own, which the address bar need not show.
    is_answer: bool,
    revision: i64,
    token_field: Field,
    lab: Lab,
    trouble: Option<Trouble>,
    story: Option<Story>,
}

/// What the page is about.
pub enum Content {
    /// No token yet.
    Nothing,
    /// No token, and why.
    Trouble(Trouble),
    /// A token and its story.
    Story(SecretString, Box<Story>),
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
    /// The token's own claims, where `claims` are the provider's answer.
    pub token_claims: Vec<Claim>,
    /// From attribute to username; nothing where no provider judged the token.
    pub preview: Option<Preview>,
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
    /// The page; a token stays in its field for another try, and nowhere else.
    pub fn new(frame: Frame, revision: i64, lab: Lab, content: Content) -> Self {
        let title = match &content {
            Content::Nothing => "Test a token".to_owned(),
            Content::Trouble(trouble) => trouble.what.clone(),
            Content::Story(_, story) => story.verdict.clone(),
        };
        let (token, story, trouble) = match content {
            Content::Nothing => (None, None, None),
            Content::Trouble(trouble) => (None, None, Some(trouble)),
            Content::Story(token, story) => (Some(token), Some(*story), None),
        };
        let token = token.as_ref().map_or("", |token| token.expose_secret());
        let control = Control::Lines {
            value: token.to_owned(),
        };
        Self {
            is_answer: !token.is_empty(),
            frame: Frame {
                title,
                tab: Some(Tab::Test),
                ..frame
            },
            revision,
            token_field: Field::new("token", "Access token", control)
                .help("With or without \"Bearer\" before it. It is neither stored nor logged."),
            lab,
            trouble,
            story,
        }
    }
}

#[cfg(test)]
#[path = "samples.rs"]
mod samples;
