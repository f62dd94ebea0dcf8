//! 100,000 rows: neither a decision nor a save may notice them.

use std::time::{Duration, Instant};

use super::*;

const ROWS: usize = 100_000;
/// Of so many tries the fastest counts: others on the machine can only slow one down.
const TRIES: usize = 30;

fn file(rows: usize) -> String {
    let rows = (0..rows).map(|n| format!("user-{n:06}@customers.example.com,user-{n:06}"));
    format!("value,username\n{}", rows.collect::<Vec<_>>().join("\n"))
}

impl Scene {
    /// The fastest of many decisions on one token.
    async fn decision(&self, email: &str) -> Duration {
        let token = self.provider.token().with("emails", json!([email]));
        let token = self.provider.sign(token);
        let mut fastest = Duration::MAX;
        for _ in 0..TRIES {
            let request = self.browser.request(reqwest::Method::GET, "/validate");
            let begun = Instant::now();
            let page = self.browser.send(request.bearer_auth(&token)).await;
            fastest = fastest.min(begun.elapsed());
            assert_eq!(page.status, 200);
        }
        fastest
    }

    /// The fastest of many saves of the settings.
    async fn save(&self) -> Duration {
        let mut fastest = Duration::MAX;
        for skew in 0..TRIES {
            let mut form = self
                .browser
                .get("/global-settings")
                .await
                .form("/global-settings");
            form.set("clock_skew_seconds", &(30 + skew).to_string());
            let begun = Instant::now();
            let page = self.browser.submit(&form).await;
            fastest = fastest.min(begun.elapsed());
            assert_eq!(page.status, 303, "{}", page.text());
        }
        fastest
    }

    /// How long an import takes, with its preview.
    async fn timed_import(&self, rows: usize) -> Duration {
        let file = file(rows);
        let begun = Instant::now();
        self.import("replace", &file).await;
        begun.elapsed()
    }
}

#[tokio::test]
async fn a_map_of_100_000_rows_slows_neither_decisions_nor_saves() {
    let scene = Scene::start().await;
    let decision = scene.decision("user-099999@customers.example.com").await;
    let save = scene.save().await;
    let small = scene.timed_import(ROWS / 20).await;
    let large = scene.timed_import(ROWS).await;
    let page = scene.browser.get(MAP).await;
    assert_eq!(page.title(), "100,000 rows are mapped for Azure B2C");
    assert_eq!(
        scene.ask("user-099999@customers.example.com").await,
        "200 user-099999"
    );

    let mapped_decision = scene.decision("user-099999@customers.example.com").await;
    let mapped_save = scene.save().await;
    let told = format!(
        "decision {decision:?} → {mapped_decision:?}, save {save:?} → {mapped_save:?}, \
         import of {} rows {small:?}, of {ROWS} {large:?}",
        ROWS / 20
    );
    println!("{told}");
    assert!(mapped_decision < decision * 2, "{told}");
    assert!(mapped_save < save * 2, "{told}");
    // Twenty times the rows take about twenty times as long, not four hundred times.
    assert!(large < small * 60, "{told}");
}
