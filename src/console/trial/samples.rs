//! Samples of the Test page, hostile, for the test that renders every page.

use super::super::lab::LabProvider;
use super::super::preview::Outcome;
use super::*;
use crate::console::field::Choice;

const HOSTILE: &str = "</textarea><script>alert(1)</script>";

fn hostile() -> String {
    HOSTILE.to_owned()
}

fn lab() -> Lab {
    let choice = |value: &str| Choice {
        value: value.to_owned(),
        label: hostile(),
        is_selected: false,
    };
    let line = Control::CopyLines { value: hostile() };
    let chosen = LabProvider {
        id: hostile(),
        name: hostile(),
        scopes: Field::text("scopes", "Scopes", HOSTILE, "off"),
        callback: Field::new(
            "callback_url",
            "Callback URL",
            Control::Copy { value: hostile() },
        ),
        sign_in_path: "/test/authorize?provider=azure-b2c".to_owned(),
        has_secret: true,
        lines: vec![Field::new("curl.call", "The call to Confluence", line)],
    };
    Lab {
        providers: vec![choice("azure-b2c"), choice("azure-b2c-2")],
        chosen: Some(chosen),
    }
}

fn claim(fitness: Option<Fitness>) -> Claim {
    Claim {
        name: hostile(),
        value: hostile(),
        moment: Some(Moment(1_790_000_000)),
        fitness,
        is_current: false,
        can_be_used: true,
    }
}

fn preview() -> Preview {
    Preview {
        attribute: Field::text("attribute", "Attribute", HOSTILE, "off"),
        transform: Field::text("transform", "Transform", HOSTILE, "off"),
        outcome: Outcome {
            value: Some(hostile()),
            username: Ok(hostile()),
            steps: vec![hostile(), hostile()],
            tone: Tone::Bad,
            safety: "A user can edit it.",
            is_current: false,
        },
    }
}

impl TestPage {
    /// A refused token with hostile claims.
    pub fn sample() -> Self {
        let unprotected = Fitness {
            tone: Tone::Bad,
            label: "Not protected",
            explanation: "A user can edit it.",
        };
        let check = |name, passed| Check {
            name,
            passed,
            detail: hostile(),
        };
        let story = Story {
            tone: Tone::Bad,
            verdict: hostile(),
            explanations: vec![hostile()],
            provider: Some(hostile()),
            audiences: vec![hostile()],
            checks: vec![check("Shape", true), check("Signature", false)],
            claims_note: "Nothing of this is verified.",
            claims: vec![claim(Some(unprotected)), claim(None)],
            token_claims: vec![claim(None)],
            preview: Some(preview()),
        };
        let content = Content::Story(HOSTILE.into(), Box::new(story));
        Self::new(Frame::sample(), 7, lab(), content)
    }

    /// No token, with a provider's hostile words.
    pub fn trouble_sample() -> Self {
        let trouble = Trouble {
            what: hostile(),
            cure: "Register the Callback URL.".to_owned(),
            said: hostile(),
        };
        Self::new(Frame::sample(), 7, lab(), Content::Trouble(trouble))
    }

    /// No enabled provider.
    pub fn empty_sample() -> Self {
        let lab = Lab {
            providers: Vec::new(),
            chosen: None,
        };
        Self::new(Frame::sample(), 7, lab, Content::Nothing)
    }
}
