//! Features of the Atlassian products that bring no credential the gate could judge: named choices that
//! fill the public paths.
//!
//! The document knows public paths alone. A choice is ticked when all of its paths stand there; ticking
//! it adds them, and unticking takes them away.

use serde_json::{Map, Value};

use crate::console::form::{Kind, Spec, Typed};

/// The member of a form that holds the choices; no member of the document.
const GROUP: &str = "public_features";

/// One choice.
struct Feature {
    /// Name of the checkbox.
    name: &'static str,
    label: &'static str,
    /// What ticking it opens.
    opens: &'static str,
    /// What it adds to the public paths.
    paths: &'static [&'static str],
}

/// Every choice, none of them ticked by default.
const FEATURES: &[Feature] = &[
    Feature {
        name: "public_features.application_links",
        label: "Application links",
        opens: "Opens /rest/applinks/1.0/manifest and /rest/capabilities, which linked products read without a \
                credential: product, version and id. Signed calls need \"Allow OAuth 1.0\" instead.",
        paths: &["/rest/applinks/1.0/manifest", "/rest/capabilities"],
    },
    Feature {
        name: "public_features.companion_app",
        label: "Companion app",
        opens: "Opens /rest/token-auth/api/, /download/token-auth/attachments/ and /plugins/servlet/imgFilter: the \
                app edits attachments there with tokens that Confluence alone can check.",
        paths: &[
            "/rest/token-auth/api/",
            "/download/token-auth/attachments/",
            "/plugins/servlet/imgFilter",
        ],
    },
    Feature {
        name: "public_features.mobile_app",
        label: "Mobile app",
        opens: "Opens /rest/nativemobile/, name and password included. Not needed while browser sessions are \
                allowed: the app signs in as a browser does.",
        paths: &["/rest/nativemobile/"],
    },
    Feature {
        name: "public_features.user_directory",
        label: "User directory for Jira",
        opens: "Opens /rest/usermanagement/, where another product asks for users and checks their passwords with \
                the name and password of an application. Restrict the callers in the product as well.",
        paths: &["/rest/usermanagement/"],
    },
    Feature {
        name: "public_features.webdav",
        label: "WebDAV",
        opens: "Opens /plugins/servlet/confluence/ to name and password, also while Basic is disabled: pages and \
                attachments can be read and written there.",
        paths: &["/plugins/servlet/confluence/"],
    },
    Feature {
        name: "public_features.git",
        label: "Git over HTTP (Bitbucket)",
        opens: "Opens /scm/ to name and password and to Bitbucket's own access tokens, also while Basic is disabled: \
                repositories can be cloned and pushed there.",
        paths: &["/scm/"],
    },
    Feature {
        name: "public_features.gadgets",
        label: "Gadgets in other products",
        opens: "Opens /rest/gadgets/1.0/g/, where other products read the descriptions of this one's gadgets. What a \
                gadget then asks for is judged as before.",
        paths: &["/rest/gadgets/1.0/g/"],
    },
];

/// The checkboxes.
pub fn specs() -> Vec<Spec> {
    let switch = Kind::Switch {
        is_major: false,
        is_flag: true,
    };
    FEATURES
        .iter()
        .map(|feature| Spec::new(feature.name, feature.label, switch.clone(), feature.opens))
        .collect()
}

/// The part `global` of a document with the choices that its public paths amount to.
pub fn shown(mut global: Value) -> Value {
    let public = paths_of(&global);
    let ticked: Map<_, _> = FEATURES
        .iter()
        .map(|feature| (feature.key().to_owned(), feature.is_in(&public).into()))
        .collect();
    global[GROUP] = ticked.into();
    global
}

/// Adds the paths of what was ticked to `typed`'s public paths in `global`, and takes those of what was
/// unticked away. What was typed about a choice that stays as it was `before` stays as it was typed.
pub fn write(typed: &Typed, before: &[String], global: &mut Value) {
    let mut public = paths_of(global);
    for feature in FEATURES {
        match (feature.is_in(before), typed.is_on(feature.name)) {
            (false, true) => feature.add_to(&mut public),
            (true, false) => public.retain(|path| !feature.has(path) || is_kept(path, typed)),
            _ => {}
        }
    }
    global["public_paths"] = public.into();
}

/// Whether another choice that is ticked has this path too.
fn is_kept(path: &str, typed: &Typed) -> bool {
    FEATURES
        .iter()
        .any(|feature| typed.is_on(feature.name) && feature.has(path))
}

fn paths_of(global: &Value) -> Vec<String> {
    let paths = global["public_paths"].as_array().into_iter().flatten();
    paths.filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Feature {
    fn key(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }

    fn has(&self, path: &str) -> bool {
        self.paths.iter().any(|own| is_same(own, path))
    }

    fn is_in(&self, public: &[String]) -> bool {
        self.paths
            .iter()
            .all(|own| public.iter().any(|path| is_same(own, path)))
    }

    fn add_to(&self, public: &mut Vec<String>) {
        for own in self.paths {
            if !public.iter().any(|path| is_same(own, path)) {
                public.push((*own).to_owned());
            }
        }
    }
}

/// Paths cover whole segments, so a slash at the end changes nothing.
fn is_same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::settings::{ReadContext, Settings};

    /// What becomes of public paths for the named choices being ticked.
    fn written(before: &[&str], now: &[&str], ticked: &[&str]) -> Value {
        let pairs = ticked
            .iter()
            .map(|key| (format!("{GROUP}.{key}"), "on".to_owned()));
        let typed = Typed::posted(pairs.collect());
        let before: Vec<_> = before.iter().map(|path| (*path).to_owned()).collect();
        let mut global = json!({"public_paths": now});
        write(&typed, &before, &mut global);
        global["public_paths"].take()
    }

    #[test]
    fn only_a_choice_that_was_changed_touches_what_was_typed() {
        for (before, now, ticked, after) in [
            (&[][..], &["/a"][..], &[][..], json!(["/a"])),
            (&[], &["/a"], &["git"], json!(["/a", "/scm/"])),
            (&[], &["/scm"], &["git"], json!(["/scm"])),
            (&["/a", "/scm"], &["/a", "/scm"], &[], json!(["/a"])),
            (&["/scm/"], &["/b"], &["git"], json!(["/b"])),
            (&[], &["/scm/"], &[], json!(["/scm/"])),
            (
                &["/scm/"],
                &["/scm/"],
                &["webdav"],
                json!(["/plugins/servlet/confluence/"]),
            ),
        ] {
            assert_eq!(
                written(before, now, ticked),
                after,
                "{before:?} {now:?} {ticked:?}"
            );
        }
    }

    #[test]
    fn a_choice_is_ticked_when_all_of_its_paths_are_public() {
        let shown =
            |paths: Value| shown(json!({"public_paths": paths}))[GROUP]["application_links"].take();
        assert_eq!(shown(json!(["/rest/capabilities/"])), json!(false));
        let both = json!(["/rest/capabilities/", "/x", "/rest/applinks/1.0/manifest"]);
        assert_eq!(shown(both), json!(true));
    }

    #[test]
    fn every_choice_names_what_it_opens_and_the_rules_take_it() {
        let defaults = shown(Settings::default().export()["global"].take());
        for feature in FEATURES {
            assert_eq!(defaults[GROUP][feature.key()], false, "{}", feature.name);
            for path in feature.paths {
                assert!(feature.opens.contains(path), "{path}");
            }
        }
        let mut document = Settings::default().export();
        let all: Vec<_> = FEATURES.iter().flat_map(|feature| feature.paths).collect();
        document["global"]["public_paths"] = json!(all);
        let read = Settings::read_value(
            &document,
            ReadContext {
                stored: &Settings::default(),
                username_maps: &BTreeMap::new(),
                allow_http_providers: false,
            },
        );
        assert!(read.is_ok(), "{read:?}");
    }
}
