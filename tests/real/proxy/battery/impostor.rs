//! Another service where bearergate should be: its 200 is no permission.

use bearergate_testkit::http::send;
use reqwest::Client;

use super::CONTENT;
use crate::support::confluence::Confluence;
use crate::support::proxies::{Between, Product};

pub async fn a_200_of_another_service_is_no_permission<P: Product>() {
    let confluence = Confluence::start().await;
    let other = Confluence::start().await;
    let between = Between {
        gate: other.address,
        confluence: confluence.address,
    };
    let proxy = P::start(between).await;

    let url = format!("http://{}{CONTENT}", proxy.address);
    let answer = send(Client::new().get(url)).await;

    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(other.take().len(), 1);
    assert!(confluence.take().is_empty());
}
