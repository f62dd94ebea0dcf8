//! Answers without end: each is cut off, and none is taken into memory or unpacked.

use bearergate_testkit::{Endpoint, Provider};
use serde_json::{Value, json};

use super::answers::{gzipped, oversized};
use super::line::Line;
use super::scene::{Crowd, all_refused, until};
use crate::validation::scene::{Scene, changed, document};

/// What the process may need more, in KiB: each answer is read to 1 MiB, the unpacked bomb would be 640 MiB.
const MORE: u64 = 64 * 1024;

/// The most memory that the process has ever had, in KiB.
fn most_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it lives");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.expect("a number").parse().expect("a number")
}

async fn bounded(endpoint: Endpoint) {
    let crowd = Crowd::start(endpoint, oversized(), false).await;
    crowd.all_pass(|member| crowd.token(member, 1)).await;
    let process = crowd.scene.server.id();
    let before = most_memory(process);
    for member in &crowd.members {
        member.breaks();
    }
    for number in 2..5 {
        let asked = crowd.ask_all(|member| crowd.calling(endpoint, member, number));
        all_refused(&asked.await, 503, "provider_unavailable");
    }
    let more = most_memory(process) - before;
    assert!(more < MORE, "{more} KiB more");
    for member in &crowd.members {
        member.line.heals();
    }
    crowd.all_pass(|member| crowd.token(member, 9)).await;
}

#[tokio::test]
async fn an_endless_key_set_costs_no_memory() {
    bounded(Endpoint::Keys).await;
}

#[tokio::test]
async fn an_endless_userinfo_answer_costs_no_memory() {
    bounded(Endpoint::Userinfo).await;
}

#[tokio::test]
async fn an_endless_introspection_answer_costs_no_memory() {
    bounded(Endpoint::Introspection).await;
}

#[tokio::test]
async fn an_endless_discovery_document_costs_no_memory() {
    let crowd = Crowd::start(Endpoint::Discovery, oversized(), true).await;
    let answers = crowd.ask_all(|member| crowd.token(member, 1)).await;
    all_refused(&answers, 503, "provider_unavailable");
    let most = most_memory(crowd.scene.server.id());
    assert!(most < 2 * MORE, "{most} KiB");
    for member in &crowd.members {
        member.line.heals();
    }
    crowd.all_pass(|member| crowd.token(member, 1)).await;
}

/// A good answer in a coding that nobody asked for is garbage: nothing is ever unpacked.
#[tokio::test]
async fn a_compressed_answer_is_not_unpacked() {
    let provider = Provider::start().await;
    let keys = json!({ "keys": [provider.signing_key().jwk()] }).to_string();
    let target = provider.base().trim_start_matches("http://").to_owned();
    let line = Line::to(&target, Some(gzipped(keys.as_bytes(), 1)));
    let jwks_uri = line.in_place_of(&provider.keys_url());
    let settings = changed(provider.settings(), &json!({ "jwks_uri": jwks_uri }));
    let scene = Scene::on(provider, &document(&json!({}), &[settings]), &[]);
    let good = scene.provider.good_token();
    scene
        .token(&good)
        .await
        .refused(503, "provider_unavailable");
    line.heals();
    until("found again", async || {
        scene.token(&good).await.status == 200
    })
    .await;
}

/// A megabyte of what is no key: what is noted of it for the administrator is bounded too.
#[tokio::test]
async fn a_key_set_of_half_a_million_broken_keys_costs_little_memory() {
    let scene = Scene::strict().await;
    let good = scene.provider.good_token();
    scene.token(&good).await.passes("oauth");
    let before = most_memory(scene.server.id());
    let broken = std::iter::repeat_n(Value::from(1), 500_000);
    let own = scene.provider.signing_key().jwk();
    scene.provider.publish_keys(broken.chain([own]));
    let unknown = scene.provider.token().with_header("kid", "unknown");
    let unknown = scene.provider.sign(unknown);
    scene.token(&unknown).await.refused(401, "unknown_key");
    scene.token(&good).await.passes("oauth");
    let more = most_memory(scene.server.id()) - before;
    assert!(more < MORE, "{more} KiB more");
}
