//! What an administrator does in the console with the test's own provider.

use bearergate_testkit::console::Administrator;

use super::gate::Gate;
use super::oidc::Oidc;

/// The first administrator of a new gate.
pub async fn set_up(gate: &Gate, javascript: bool) -> Administrator {
    Administrator::set_up(&gate.setup_link().await, javascript).await
}

/// Enters Azure B2C as the story tells it, and saves.
pub async fn enter_azure_b2c(administrator: &Administrator, oidc: &Oidc, attribute: &str) {
    administrator.new_provider("Azure B2C").await;
    let browser = &administrator.browser;
    browser.fill("Tenant Name", &oidc.tenant).await;
    browser.fill("Policy (User Flow)", &oidc.policy).await;
    browser.fill("Application (Client) ID", &oidc.api_id).await;
    browser.fill("Username Attribute", attribute).await;
    // The test's B2C is not where the tenant's name points.
    browser.unfold("Advanced").await;
    browser.fill("Discovery URL", &oidc.discovery_url).await;
    browser.picture("provider").await;
    browser.press("Save").await;
    browser.says("In force since").await;
}
