//! bearergate itself, in a process of its own, set up as the guide says.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bearergate_testkit::Provider;
use bearergate_testkit::program::{Server, run};
use reqwest::redirect::Policy;
use serde_json::json;
use tempfile::TempDir;

use super::Fault;

/// The administrator's name.
pub const USERNAME: &str = "admin";

const PROGRAM: &str = "bearergate";

/// Whether this process was started to be bearergate: Cargo builds no program for an example, so
/// the demo starts itself once more under that name.
pub fn is_meant() -> bool {
    let name = std::env::args_os().next();
    name.is_some_and(|name| Path::new(&name).file_name() == Some(PROGRAM.as_ref()))
}

/// A running bearergate with a temporary directory, which goes with this value.
pub struct Gate {
    // Stands first to end first: the directory must not be removed under a running server.
    server: Server,
    directory: TempDir,
    password: String,
}

impl Gate {
    /// Imports the settings, then serves on a free port with a first administrator.
    pub fn start(provider: &Provider) -> Result<Self, Fault> {
        let directory = tempfile::Builder::new()
            .prefix("bearergate-demo-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir()?;
        symlink(std::env::current_exe()?, directory.path().join(PROGRAM))?;
        import(directory.path(), provider)?;

        let mut random = [0; 18];
        getrandom::fill(&mut random)?;
        let password = URL_SAFE_NO_PAD.encode(random);
        let mut serve = command(directory.path(), &["serve", "--listen", "127.0.0.1:0"]);
        serve
            .env("BEARERGATE_ADMIN_USERNAME", USERNAME)
            .env("BEARERGATE_ADMIN_PASSWORD", &password);
        Ok(Self {
            server: Server::start(&mut serve),
            directory,
            password,
        })
    }

    /// The console, under the name that its cookies are for.
    pub fn console_url(&self) -> String {
        let address = &self.server.address;
        let port = address.rsplit(':').next().unwrap_or(address);
        format!("http://localhost:{port}/")
    }

    /// What a proxy asks about each request.
    pub fn validation_url(&self) -> String {
        format!("http://{}/validate/auth-request", self.server.address)
    }

    /// The administrator's password.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The temporary directory.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a token to a file, so that the lines that use it stay short.
    pub fn write_token(&self, name: &str, token: &str) -> Result<PathBuf, Fault> {
        let path = self.directory.path().join(name);
        fs::write(&path, token)?;
        Ok(path)
    }

    /// Signs in to the console once.
    ///
    /// # Errors
    /// When the console does not let the administrator in.
    pub async fn check_sign_in(&self) -> Result<(), Fault> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .build()?;
        let form = [("username", USERNAME), ("password", &self.password)];
        let login = format!("{}login", self.console_url());
        let answer = client.post(login).form(&form).send().await?;
        match answer.status().as_u16() {
            303 => Ok(()),
            status => Err(format!("the console answers a sign-in with {status}").into()),
        }
    }

    /// Stops the server, and removes the directory.
    ///
    /// # Errors
    /// When the server ends otherwise than it should.
    pub fn stop(mut self) -> Result<(), Fault> {
        // Ctrl-C in a terminal has told it already; then this changes nothing.
        self.server.signal("TERM");
        match self.server.wait().0 {
            Some(0) => Ok(self.directory.close()?),
            code => Err(format!("bearergate has ended with {code:?}").into()),
        }
    }
}

/// The gate on, Basic disabled, and the provider with the username attribute of the guide.
fn import(directory: &Path, provider: &Provider) -> Result<(), Fault> {
    let document = json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": true,
        },
        "providers": [provider.settings()],
    });
    let mut import = command(directory, &["settings", "import", "-"]);
    let ended = run(&mut import, &document.to_string());
    match ended.code {
        Some(0) => Ok(()),
        _ => Err(format!("the settings could not be imported: {}", ended.stderr).into()),
    }
}

/// The program with its data in `directory`, and nothing of the caller's environment that steers it.
fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(directory.join(PROGRAM));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("BEARERGATE_") {
            command.env_remove(name);
        }
    }
    command
        .env("BEARERGATE_DATA_DIR", directory.join("data"))
        .args(arguments);
    command
}
