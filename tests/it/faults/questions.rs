//! Faults of what is asked about a token: userinfo and introspection.

use std::collections::HashMap;

use bearergate_testkit::Endpoint;

use super::documents::faults;
use super::scene::{Crowd, all_passed, all_refused};

/// What was answered serves on; what was not is no pass; and all is well as soon as the provider is.
async fn asked(endpoint: Endpoint) {
    let (faults, elsewhere) = faults();
    let crowd = Crowd::start(endpoint, faults, false).await;
    // The same tokens later: a token made a second later is another one.
    let tokens: HashMap<_, _> = crowd
        .members
        .iter()
        .map(|member| (member.name, crowd.token(member, 1)))
        .collect();
    let answers = crowd.ask_all(|member| tokens[member.name].clone()).await;
    all_passed(&answers);
    for member in &crowd.members {
        member.breaks();
    }
    let answers = crowd.ask_all(|member| crowd.token(member, 2)).await;
    all_refused(&answers, 503, "provider_unavailable");
    let answers = crowd.ask_all(|member| tokens[member.name].clone()).await;
    all_passed(&answers);
    assert_eq!(elsewhere.connections(), 0, "a redirect was followed");
    for member in &crowd.members {
        member.line.heals();
    }
    crowd.all_pass(|member| crowd.token(member, 2)).await;
    let answers = crowd.ask_all(|member| crowd.of_unknown_key(member)).await;
    all_refused(&answers, 401, "inactive");
}

#[tokio::test]
async fn no_fault_of_userinfo_is_a_yes() {
    asked(Endpoint::Userinfo).await;
}

#[tokio::test]
async fn no_fault_of_introspection_is_a_yes() {
    asked(Endpoint::Introspection).await;
}
