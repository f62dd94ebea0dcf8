//! The console over HTTP: what an administrator's browser sends, and what it gets.

mod browser;
mod conflict;
mod global_settings;
mod protection;
mod providers;
mod sign_in;
mod trial;
mod username_map;

use bearergate_testkit::program::{Place, Server};

use self::browser::Browser;
use crate::support::new_place;

/// The password of the administrator `admin`.
const PASSWORD: &str = "correct horse battery";

/// A served console with an administrator.
struct Site {
    place: Place,
    server: Server,
}

impl Site {
    fn start() -> Self {
        Self::start_with(&[])
    }

    fn start_with(arguments: &[&str]) -> Self {
        let place = new_place();
        let all = ["serve", "--listen", "127.0.0.1:0"].iter().chain(arguments);
        let mut command = place.command(all);
        command.env("BEARERGATE_ADMIN_PASSWORD", PASSWORD);
        let server = Server::start(&mut command);
        Self { place, server }
    }

    /// A browser that has no session.
    fn browser(&self) -> Browser {
        Browser::new(&self.server.address)
    }

    /// A browser in which `admin` has signed in.
    async fn signed_in(&self) -> Browser {
        let browser = self.browser();
        let mut form = browser.get("/login").await.form("/login");
        form.fill("Username", "admin").fill("Password", PASSWORD);
        let answer = browser.submit(&form).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        browser
    }
}
