use super::*;
use crate::settings::AttributePath;

/// The places of a template, such as `tenant` in `https://{tenant}.example.com`.
fn places(template: &str) -> Vec<&str> {
    let ends = template.split('{').skip(1);
    ends.filter_map(|rest| rest.split('}').next()).collect()
}

fn templates(preset: &Preset) -> Vec<&'static str> {
    let Endpoints {
        userinfo,
        introspection,
        authorization,
        token,
    } = preset.endpoints;
    let info = preset.token_info.as_ref().map(|info| info.url);
    let all = [
        preset.discovery_url,
        userinfo,
        introspection,
        authorization,
        token,
        info,
    ];
    all.into_iter().flatten().collect()
}

#[test]
fn ids_are_unique_and_each_preset_has_a_method_and_an_algorithm() {
    for (index, preset) in PRESETS.iter().enumerate() {
        let former = &PRESETS[..index];
        assert!(
            former.iter().all(|other| other.id != preset.id),
            "{}",
            preset.id
        );
        assert!(
            !preset.label.is_empty() && !preset.recommendations.is_empty(),
            "{}",
            preset.id
        );
        assert!(
            !preset.methods.is_empty() && !preset.algorithms.is_empty(),
            "{}",
            preset.id
        );
    }
}

#[test]
fn every_place_of_a_template_is_a_parameter_and_every_parameter_has_a_place() {
    for preset in PRESETS {
        let used: Vec<_> = templates(preset).into_iter().flat_map(places).collect();
        for place in used.iter().filter(|place| **place != "client_id") {
            let known = preset.parameters.iter().any(|one| one.name == *place);
            assert!(known, "{} {place}", preset.id);
        }
        for parameter in preset.parameters {
            assert!(
                used.contains(&parameter.name),
                "{} {}",
                preset.id,
                parameter.name
            );
        }
    }
}

#[test]
fn every_attribute_is_a_path() {
    for preset in PRESETS {
        let clients = preset.token_info.iter().map(|info| info.client);
        let attributes = preset.recommendations.iter().map(|one| one.attribute);
        for path in attributes.chain(clients) {
            assert!(AttributePath::parse(path).is_ok(), "{} {path}", preset.id);
        }
    }
}

#[test]
fn a_preset_open_to_anybody_knows_for_whom_its_tokens_were_issued() {
    // Slack has no such call; it takes part in nothing without an allowed team.
    for preset in PRESETS.iter().filter(|preset| preset.is_open_to_anybody) {
        assert!(
            preset.token_info.is_some() || preset.id == "slack",
            "{}",
            preset.id
        );
    }
}

#[test]
fn each_spelling_leads_to_the_other() {
    let preset = Preset::find("azure-b2c").expect("a preset");
    assert_eq!(preset.other_spelling("givenName"), Some("given_name"));
    assert_eq!(preset.other_spelling("oid"), Some("objectId"));
    assert_eq!(preset.other_spelling("sub"), None);
}
