//! Each class of credential, on protected and open paths.

use serde_json::json;

use super::scene::Scene;

const OAUTH1: &str =
    "OAuth oauth_consumer_key=\"k\", oauth_signature_method=\"RSA-SHA1\", oauth_signature=\"s\"";
const PAT: &str = "MTIzNDU2Nzg5MDEyOqrwyJJZp2VjMTIzNDU2Nzg5MDEy";

#[tokio::test]
async fn while_the_gate_is_off_everything_passes() {
    let scene = Scene::with(&json!({
        "rest_api_authentication_enabled": false, "basic_authentication_disabled": true,
    }))
    .await;
    for headers in [
        vec![],
        vec![("authorization", "Basic YTpi")],
        vec![("authorization", "Bearer nonsense")],
        vec![("authorization", "Bearer a"), ("authorization", "Bearer b")],
    ] {
        scene.target("/rest/api", &headers).await.passes("disabled");
    }
}

#[tokio::test]
async fn defaults_let_in_what_confluence_checks_itself() {
    let scene = Scene::with(&json!({})).await;
    let good = format!("Bearer {}", scene.provider.good_token());
    for (headers, method) in [
        (vec![("authorization", good.as_str())], "oauth"),
        (vec![("authorization", "Basic YTpi")], "basic"),
        (vec![("authorization", OAUTH1)], "oauth1"),
        (vec![("cookie", "JSESSIONID=abc")], "session"),
        (vec![("cookie", "x=y; seraph.confluence=abc")], "session"),
        (
            vec![
                ("cookie", "JSESSIONID=abc"),
                ("authorization", good.as_str()),
            ],
            "oauth",
        ),
        (
            vec![
                ("proxy-authorization", "Basic YTpi"),
                ("authorization", good.as_str()),
            ],
            "oauth",
        ),
        (
            vec![("authorization", ""), ("cookie", "JSESSIONID=abc")],
            "session",
        ),
    ] {
        scene.target("/rest/api", &headers).await.passes(method);
    }
    scene
        .target("/rest/api?os_username=a&os_password=b", &[])
        .await
        .passes("basic");
    let signed = "/rest/api?oauth_consumer_key=k&oauth_signature_method=x&oauth_signature=s";
    scene.target(signed, &[]).await.passes("oauth1");
}

#[tokio::test]
async fn a_strict_gate_refuses_everything_but_a_good_token() {
    let scene = Scene::with(&json!({
        "basic_authentication_disabled": true, "allow_oauth1": false, "allow_browser_sessions": false,
    }))
    .await;
    for (headers, reason) in [
        (vec![], "missing_credential"),
        (vec![("authorization", "Basic YTpi")], "basic_disabled"),
        (vec![("authorization", "basic YTpi")], "basic_disabled"),
        (vec![("authorization", "Basic")], "malformed_credential"),
        (vec![("authorization", "Bearer")], "malformed_credential"),
        (
            vec![("authorization", "Bearer a b")],
            "malformed_credential",
        ),
        (vec![("authorization", OAUTH1)], "oauth1_disabled"),
        (
            vec![("authorization", "OAuth realm=\"x\"")],
            "malformed_credential",
        ),
        (
            vec![("authorization", "Negotiate abc")],
            "unsupported_scheme",
        ),
        (
            vec![("authorization", "Bearer a"), ("authorization", "Bearer a")],
            "multiple_credentials",
        ),
        (
            vec![("authorization", "Basic YTpi, Bearer a")],
            "multiple_credentials",
        ),
        (vec![("cookie", "JSESSIONID=abc")], "missing_credential"),
        (
            vec![("proxy-authorization", "Bearer a")],
            "missing_credential",
        ),
        (
            vec![("authorization", &format!("Bearer {PAT}"))],
            "unknown_token",
        ),
        (
            vec![("user-agent", "kube-probe/1.33")],
            "missing_credential",
        ),
    ] {
        scene
            .target("/rest/api", &headers)
            .await
            .refused(401, reason);
    }
    for (target, reason) in [
        ("/rest/api?access_token=a", "missing_credential"),
        ("/rest/api?os_username=a", "basic_disabled"),
        ("/rest/api?os%5Fpassword=a", "basic_disabled"),
        ("/rest/api?oauth_signature=a", "malformed_credential"),
        ("/healthz?x=/rest/", "200"),
    ] {
        let answer = scene.target(target, &[]).await;
        match reason {
            "200" => answer.passes("public"),
            reason => answer.refused(401, reason),
        }
    }
    let good = format!("Bearer {}", scene.provider.good_token());
    for target in ["/rest/api?access_token=x", "/rest/api?a=b&os_username=x"] {
        let answer = scene.target(target, &[("authorization", &good)]).await;
        answer.refused(401, "multiple_credentials");
    }
}

#[tokio::test]
async fn on_an_open_path_only_what_is_offered_as_a_credential_is_judged() {
    let scene = Scene::strict().await;
    let good = format!("Bearer {}", scene.provider.good_token());
    let target = "/download/attachments/1/x.pdf";
    scene.target(target, &[]).await.passes("public");
    scene
        .target(target, &[("authorization", &good)])
        .await
        .passes("oauth");
    scene
        .target(target, &[("authorization", "Bearer bad")])
        .await
        .refused(401, "unknown_token");
    scene
        .target(target, &[("authorization", "Basic YTpi")])
        .await
        .refused(401, "basic_disabled");
    scene
        .target(target, &[("authorization", "Basic x, Bearer y")])
        .await
        .refused(401, "multiple_credentials");
    scene
        .target("/x?os_username=a", &[])
        .await
        .refused(401, "basic_disabled");
    scene
        .target(target, &[("authorization", OAUTH1)])
        .await
        .passes("public");
    scene
        .target(target, &[("cookie", "JSESSIONID=a")])
        .await
        .passes("public");
    let basic_allowed = Scene::with(&json!({})).await;
    basic_allowed
        .target(target, &[("authorization", "Basic YTpi")])
        .await
        .passes("public");
}

#[tokio::test]
async fn switches_open_what_they_name() {
    let scene = Scene::with(&json!({
        "basic_authentication_disabled": true, "allow_anonymous": true, "allow_atlassian_tokens": true,
        "session_cookie_names": ["SID"],
    }))
    .await;
    scene.target("/rest/api", &[]).await.passes("anonymous");
    scene
        .target("/rest/api", &[("authorization", &format!("Bearer {PAT}"))])
        .await
        .passes("atlassian-token");
    scene
        .target("/rest/api", &[("cookie", "SID=x")])
        .await
        .passes("session");
    scene
        .target("/rest/api", &[("cookie", "JSESSIONID=x")])
        .await
        .passes("anonymous");
    // The base64 of digits without a colon, of a colon without digits, of nothing behind the colon.
    for shapeless in ["MTIzNDU2", "OmFiY2RlZmc=", "MTIzNDo="] {
        let value = format!("Bearer {shapeless}");
        scene
            .target("/rest/api", &[("authorization", &value)])
            .await
            .refused(401, "unknown_token");
    }
}
