//! `POST /api/v1/check`: one decision, explained to a script.

use bearergate_testkit::Provider;
use bearergate_testkit::http::{Answer, send};
use serde_json::{Value, json};

use super::{CHECK, SETTINGS, Site, good, pointers};

/// A site that judges the tokens of a provider.
async fn site() -> (Site, Provider) {
    let (site, provider) = (Site::start(), Provider::start().await);
    let mut document = site.place.export();
    document["providers"] = json!([provider.settings()]);
    document["global"]["basic_authentication_disabled"] = json!(true);
    good(&site.send("PUT", SETTINGS, &document, &[]).await);
    (site, provider)
}

async fn check(site: &Site, question: &Value) -> Answer {
    let request = site.request("POST", CHECK).bearer_auth(&site.viewer);
    send(request.json(question)).await
}

fn with_token(token: &str) -> Value {
    let authorization = format!("Bearer {token}");
    json!({ "method": "GET", "uri": "/rest/api", "headers": [["Authorization", authorization]] })
}

#[tokio::test]
async fn a_decision_is_told_with_every_step() {
    let (site, provider) = site().await;
    let token = provider.good_token();
    let answer = check(&site, &with_token(&token)).await;
    let told = good(&answer);
    assert_eq!(told["status"], 200, "{told}");
    assert_eq!(
        (&told["reason"], &told["method"]),
        (&Value::Null, &json!("oauth"))
    );
    assert_eq!(told["username"], "Alice");
    let steps = told["steps"].as_array().expect("steps");
    assert!(steps.iter().all(|step| step["passed"] == true), "{told}");
    assert!(
        steps.iter().any(|step| step["check"] == "Signature"),
        "{told}"
    );
    assert!(!answer.body.contains(&token));

    let foreign = provider.sign(provider.token().with("aud", "other"));
    let told = good(&check(&site, &with_token(&foreign)).await);
    assert_eq!(
        (&told["status"], &told["reason"]),
        (&json!(401), &json!("wrong_audience"))
    );
    assert_eq!(
        (&told["username"], &told["method"]),
        (&Value::Null, &Value::Null)
    );
    let last = told["steps"]
        .as_array()
        .expect("steps")
        .last()
        .expect("a step");
    assert_eq!(
        (&last["check"], &last["passed"]),
        (&json!("Audience"), &json!(false))
    );

    let mut document = site.place.export();
    document["global"]["mode"] = json!("observe");
    good(&site.send("PUT", SETTINGS, &document, &[]).await);
    let observed = good(&check(&site, &with_token(&foreign)).await);
    assert_eq!(
        (
            &observed["status"],
            &observed["reason"],
            &observed["method"]
        ),
        (&json!(200), &json!("wrong_audience"), &json!("observed"))
    );
    document["global"]["mode"] = json!("enforce");
    good(&site.send("PUT", SETTINGS, &document, &[]).await);

    let nothing = good(&check(&site, &json!({})).await);
    assert_eq!(nothing["reason"], "missing_credential");
    let public = good(&check(&site, &json!({ "uri": "/login.action" })).await);
    assert_eq!(public["method"], "public");
}

#[tokio::test]
async fn a_credential_never_comes_back() {
    let (mut site, _provider) = site().await;
    let secret = "c2VjcmV0OnBhc3N3b3Jk";
    let basic = format!("Basic {secret}");
    let cookie = format!("JSESSIONID={secret}");
    let uri = format!("/rest/?os_username=a&os_password={secret}");
    for question in [
        json!({ "uri": uri }),
        json!({ "uri": [secret] }),
        json!({ "method": secret.repeat(2) + " " }),
        json!({ "headers": [["Authorization", basic]] }),
        json!({ "headers": [["Authorization", format!("{basic}\u{0}")]] }),
        json!({ "headers": [[basic, "x"]] }),
        json!({ "headers": [["Cookie", cookie]] }),
        json!({ "headers": { "Authorization": basic } }),
        json!({ "headers": [["Authorization", basic, "x"]] }),
        json!({ secret: 1 }),
        with_token(&format!("{secret}.{secret}.{secret}")),
        with_token(secret),
    ] {
        let answer = check(&site, &question).await;
        assert!(!answer.body.contains(secret), "{answer:?}");
        assert!([200, 422].contains(&answer.status.as_u16()), "{answer:?}");
    }
    site.server.signal("TERM");
    site.server.wait();
    assert!(!site.server.whole_log().contains(secret));
}

#[tokio::test]
async fn a_question_is_read_strictly() {
    let (site, _provider) = site().await;
    let pair = json!(["X", "y"]);
    for (question, expected) in [
        (json!([]), ""),
        (json!({ "url": "/rest/" }), ""),
        (json!({ "method": "G T" }), "/method"),
        (json!({ "method": 7 }), "/method"),
        (json!({ "uri": 7 }), "/uri"),
        (json!({ "headers": "X: y" }), "/headers"),
        (json!({ "headers": vec![pair.clone(); 201] }), "/headers"),
        (json!({ "headers": [pair, ["X"]] }), "/headers/1"),
        (json!({ "headers": [["X y", "z"]] }), "/headers/0"),
        (json!({ "headers": [["X", "a\nb"]] }), "/headers/0"),
    ] {
        assert_eq!(
            pointers(&check(&site, &question).await),
            [expected],
            "{question}"
        );
    }
}
