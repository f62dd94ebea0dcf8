//! Samples of the pages, hostile and faulty, for the test that renders every page.

use super::add::{AddForm, field_faults};
use super::page::{ConfluenceAccessPage, RemoveCredentialPage, ReplaceCredentialPage, Subject};
use crate::console::form::FieldFaults;
use crate::console::page::Frame;
use crate::console::providers::sample_provider;
use crate::settings::{Fault, Secret, Serves, Settings, UpstreamCredential};

const HOSTILE: &str = "\"><script>alert(1)</script>";

fn credential(id: &str, serves: Serves) -> UpstreamCredential {
    UpstreamCredential {
        id: id.to_owned(),
        serves,
        authorization: Some(Secret::new("Bearer s3cret-in-the-store")),
    }
}

fn of_user() -> UpstreamCredential {
    let serves = Serves::User {
        provider: Some("azure-b2c".to_owned()),
        username: HOSTILE.to_owned(),
    };
    credential("alice", serves)
}

fn faults() -> FieldFaults {
    let fault = |member: &str| Fault {
        pointer: format!("/upstream_credentials/2/{member}"),
        detail: HOSTILE.to_owned(),
    };
    let members = ["match/username", "match/provider", "authorization", "id"];
    field_faults(members.map(fault).to_vec(), 2, "")
}

impl ConfluenceAccessPage {
    /// A list, and a form with every field wrong.
    pub fn sample() -> Self {
        let mut settings = Settings {
            providers: vec![sample_provider()],
            upstream_credentials: vec![of_user(), credential("rest", Serves::Everyone)],
            ..Settings::default()
        };
        settings.global.confluence_url = Some(format!("http://wiki/{HOSTILE}"));
        let form = AddForm {
            kind: "group".to_owned(),
            name: HOSTILE.to_owned(),
            provider: "azure-b2c".to_owned(),
        };
        let subject = Subject {
            settings: &settings,
            hands_over: true,
            last_use: &|id| (id == "alice").then_some(1_790_000_000),
        };
        Self::new(Frame::sample(), &subject, &form, faults())
    }

    /// Nothing yet, on a server that hands nothing over.
    pub fn empty_sample() -> Self {
        let settings = Settings::default();
        let subject = Subject {
            settings: &settings,
            hands_over: false,
            last_use: &|_| None,
        };
        let (form, faults) = AddForm::empty(&settings);
        Self::new(Frame::sample(), &subject, &form, faults)
    }
}

impl ReplaceCredentialPage {
    /// A faulty form.
    pub fn sample() -> Self {
        Self::new(Frame::sample(), &of_user(), 7, faults())
    }
}

impl RemoveCredentialPage {
    /// The question about a hostile name.
    pub fn sample() -> Self {
        Self::new(Frame::sample(), &of_user(), 7)
    }
}
