//! Proxies that the tests don't run, because no package registry has them: what each sends, as its
//! sources say, and as `docs/kubernetes.md` sets it up.

use super::scene::{Answer, Scene, document};
use bearergate_testkit::Provider;
use serde_json::json;

/// What a client sends.
#[derive(Clone, Copy)]
struct Call<'a> {
    method: &'a str,
    target: &'a str,
    authorization: Option<&'a str>,
}

/// What a proxy makes of it: method, path and headers of its question.
struct Question {
    method: String,
    path: String,
    headers: Vec<(&'static str, String)>,
}

impl Question {
    async fn ask(&self, scene: &Scene) -> Answer {
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        scene.ask(&self.method, &self.path, &headers).await
    }
}

const CLIENT: &str = "10.1.2.3";

fn authorization(call: Call<'_>) -> Vec<(&'static str, String)> {
    let value = call.authorization;
    value
        .map(|value| ("authorization", value.to_owned()))
        .into_iter()
        .collect()
}

/// With `auth-method`; all of the client's headers go along.
fn ingress_nginx(call: Call<'_>) -> Question {
    let mut question = ingress_nginx_without_auth_method(call);
    question.headers.extend([
        ("x-original-uri", call.target.to_owned()),
        ("x-scheme", "https".to_owned()),
    ]);
    question
}

/// Then it keeps the path to itself, but for a URL that bearergate does not read.
fn ingress_nginx_without_auth_method(call: Call<'_>) -> Question {
    let url = format!("https://confluence.example.com{}", call.target);
    let mut headers = authorization(call);
    headers.extend([
        ("x-original-url", url),
        ("x-original-method", call.method.to_owned()),
        ("x-sent-from", "nginx-ingress-controller".to_owned()),
        ("x-real-ip", CLIENT.to_owned()),
        ("x-forwarded-for", CLIENT.to_owned()),
        ("x-forwarded-proto", String::new()),
        ("x-auth-request-redirect", call.target.to_owned()),
        ("x-request-id", "0123456789abcdef".to_owned()),
    ]);
    Question {
        method: "GET".to_owned(),
        path: "/validate/auth-request".to_owned(),
        headers,
    }
}

/// Also Envoy Gateway and the Gateway API: the client's method, and its path behind the prefix.
fn istio(call: Call<'_>) -> Question {
    let mut headers = authorization(call);
    headers.extend([
        ("content-length", "0".to_owned()),
        ("x-forwarded-for", CLIENT.to_owned()),
        ("x-forwarded-proto", "https".to_owned()),
        ("x-envoy-internal", "true".to_owned()),
    ]);
    Question {
        method: call.method.to_owned(),
        path: format!("/validate/ext-authz{}", call.target),
        headers,
    }
}

fn apisix(call: Call<'_>) -> Question {
    let mut headers = authorization(call);
    headers.extend([
        ("x-forwarded-proto", "https".to_owned()),
        ("x-forwarded-method", call.method.to_owned()),
        ("x-forwarded-host", "confluence.example.com".to_owned()),
        ("x-forwarded-uri", call.target.to_owned()),
        ("x-forwarded-for", CLIENT.to_owned()),
    ]);
    Question {
        method: "GET".to_owned(),
        path: "/validate/forward-auth".to_owned(),
        headers,
    }
}

/// A gate that lets Alice in from the client's network alone.
async fn gate() -> (Scene, String) {
    let provider = Provider::start().await;
    let mut settings = provider.settings();
    settings["allowed_networks"] = json!(["10.0.0.0/8"]);
    let basic = json!({ "basic_authentication_disabled": true });
    let scene = Scene::on(provider, &document(&basic, &[settings]), &[]);
    let token = format!("Bearer {}", scene.provider.good_token());
    (scene, token)
}

#[tokio::test]
async fn each_shape_is_judged_by_the_request_that_it_is_about() {
    let (scene, token) = gate().await;
    let content = "/rest/api/content?limit=1&x=%2F";
    for shape in [ingress_nginx, istio, apisix] {
        for method in ["GET", "POST", "PROPFIND"] {
            let call = |target, authorization| Call {
                method,
                target,
                authorization,
            };
            let page = shape(call("/display/DS/Home?x=/rest/", None));
            page.ask(&scene).await.passes("public");
            let good = shape(call(content, Some(&token)));
            good.ask(&scene).await.passes("oauth");
            for (authorization, reason) in [
                (None, "missing_credential"),
                (Some("Bearer opaque"), "unknown_token"),
                (Some("Basic YWxpY2U6c2VjcmV0"), "basic_disabled"),
            ] {
                let bad = shape(call(content, authorization));
                bad.ask(&scene).await.refused(401, reason);
            }
            let hidden = shape(call("/pages/..;/rest/api/content", None));
            hidden.ask(&scene).await.refused(401, "missing_credential");
        }
    }
}

#[tokio::test]
async fn ingress_nginx_without_auth_method_opens_nothing() {
    let (scene, token) = gate().await;
    let call = |authorization| Call {
        method: "GET",
        target: "/display/DS/Home",
        authorization,
    };
    let page = ingress_nginx_without_auth_method(call(None));
    page.ask(&scene).await.refused(401, "missing_credential");
    let good = ingress_nginx_without_auth_method(call(Some(&token)));
    good.ask(&scene).await.passes("oauth");
}
