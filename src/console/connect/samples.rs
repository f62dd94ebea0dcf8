//! Samples of the pages, hostile, for the test that renders every page.

use std::sync::Arc;

use super::super::published::Published;
use super::super::values;
use super::*;
use crate::console::form::Typed;
use crate::gate::Watches;
use crate::settings::Global;

const HOSTILE: &str = "</textarea><script>alert(1)</script>";

const LISTENER: ValidationListener = ValidationListener {
    address: None,
    is_separate: false,
};

fn check() -> Check {
    Check {
        proxy: &PROXIES[0],
        asks: PROXIES[0].asks.as_ref().expect("nginx can be checked"),
        values: Values::sample(),
        published: Published {
            url: HOSTILE.to_owned(),
            answer: Ok(200),
        },
        watch: Arc::clone(&Watches::default().begin(HOSTILE.to_owned())),
    }
}

impl ConnectPage {
    /// Hostile values in every field.
    pub fn faulty_sample() -> Self {
        let names = ["gate", "confluence", "host", "context_path"];
        let typed = names.map(|name| (name.to_owned(), HOSTILE.to_owned()));
        let read = values::read(&Typed::posted(typed.into()), &LISTENER, &Global::default());
        Self::new(Frame::sample(), &PROXIES[0], read, &LISTENER)
    }

    /// A configuration to copy.
    pub fn sample() -> Self {
        let gate = ("gate".to_owned(), "127.0.0.1:8081".to_owned());
        let read = values::read(&Typed::posted(vec![gate]), &LISTENER, &Global::default());
        let page = Self::new(Frame::sample(), &PROXIES[0], read, &LISTENER);
        assert!(!page.files.is_empty());
        page
    }
}

impl CheckPage {
    /// Nothing has come yet.
    pub fn waiting_sample() -> Self {
        Self::new(Frame::sample(), &check(), None, Vec::new(), WATCH_LIFE)
    }

    /// Something hostile has come.
    pub fn sample() -> Self {
        let finding = |tone| Finding {
            name: "Endpoint",
            tone,
            detail: HOSTILE.to_owned(),
            lines: vec![HOSTILE.to_owned(); 2],
        };
        let findings = [Tone::Good, Tone::Warn, Tone::Bad].map(finding).into();
        Self {
            notes: vec![HOSTILE.to_owned()],
            state: "seen",
            ..Self::new(Frame::sample(), &check(), None, findings, Duration::ZERO)
        }
    }
}
