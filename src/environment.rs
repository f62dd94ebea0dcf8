//! The environment variables that have no flag: what holds or guards secrets must not stand in a process list.

use std::path::PathBuf;

use secrecy::SecretString;

/// What stands under the options in `--help`: the variables that have no flag.
pub const ENVIRONMENT_HELP: &str = "\
Environment variables without a flag:
  BEARERGATE_ADMIN_USERNAME          Name of the first administrator [default: admin]
  BEARERGATE_ADMIN_PASSWORD          Makes the first administrator; ignored once one exists
  BEARERGATE_ADMIN_PASSWORD_FILE     The same, read from the first line of a file
  BEARERGATE_SECRET_KEY_FILE         Key that encrypts secrets at rest [default: secret.key in the data directory]
  BEARERGATE_REQUIRE_STORE           true: a missing database is a start error [default: false]
  BEARERGATE_ALLOW_HTTP_PROVIDERS    true: accept http:// provider URLs on other hosts than loopback [default: false]
  RUST_LOG                           Filter of the log [default: info]";

/// The variables that have no flag.
#[derive(Debug)]
pub struct Environment {
    /// The first administrator.
    pub admin: FirstAdministrator,
    /// The key file, where it isn't the one in the data directory.
    pub secret_key_file: Option<PathBuf>,
    /// Whether a missing database is an error.
    pub require_store: bool,
    /// Whether providers may be reached over plain HTTP on other hosts than loopback.
    pub allow_http_providers: bool,
}

/// The administrator to make while none exists.
#[derive(Debug)]
pub struct FirstAdministrator {
    /// The name.
    pub username: String,
    password: Option<SecretString>,
    password_file: Option<PathBuf>,
}

impl Environment {
    /// Reads the variables of the process.
    ///
    /// # Errors
    /// One line that names the variable and the cure.
    pub fn read() -> Result<Self, String> {
        Self::from_variables(|name| match std::env::var(name) {
            Ok(value) => Ok(Some(value)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => Err(format!("{name} is not valid UTF-8")),
        })
    }

    fn from_variables(
        variable: impl Fn(&str) -> Result<Option<String>, String>,
    ) -> Result<Self, String> {
        let username = variable("BEARERGATE_ADMIN_USERNAME")?;
        Ok(Self {
            admin: FirstAdministrator {
                username: username.unwrap_or_else(|| "admin".to_owned()),
                password: variable("BEARERGATE_ADMIN_PASSWORD")?.map(SecretString::from),
                password_file: variable("BEARERGATE_ADMIN_PASSWORD_FILE")?.map(PathBuf::from),
            },
            secret_key_file: variable("BEARERGATE_SECRET_KEY_FILE")?.map(PathBuf::from),
            require_store: switch("BEARERGATE_REQUIRE_STORE", &variable)?,
            allow_http_providers: switch("BEARERGATE_ALLOW_HTTP_PROVIDERS", &variable)?,
        })
    }
}

impl FirstAdministrator {
    /// The password, where one is given. Its file is read here and not before: once an administrator exists it
    /// may be gone.
    ///
    /// # Errors
    /// One line that names the variable and the cure.
    pub fn password(&self) -> Result<Option<SecretString>, String> {
        match (&self.password, &self.password_file) {
            (Some(_), Some(_)) => Err(
                "BEARERGATE_ADMIN_PASSWORD and BEARERGATE_ADMIN_PASSWORD_FILE are both set; set one"
                    .to_owned(),
            ),
            (Some(password), None) => Ok(Some(password.clone())),
            (None, Some(path)) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    let path = path.display();
                    format!("BEARERGATE_ADMIN_PASSWORD_FILE: cannot read {path}: {error}; name a file that this user may read")
                })?;
                Ok(Some(text.lines().next().unwrap_or_default().into()))
            }
            (None, None) => Ok(None),
        }
    }
}

fn switch(
    name: &str,
    variable: impl Fn(&str) -> Result<Option<String>, String>,
) -> Result<bool, String> {
    match variable(name)?.as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(format!("{name} is `{other}`; set it to true or false")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use secrecy::ExposeSecret;

    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Result<Environment, String> {
        let variables: HashMap<_, _> = variables.iter().copied().collect();
        Environment::from_variables(|name| Ok(variables.get(name).map(ToString::to_string)))
    }

    #[test]
    fn switches_are_true_or_false_and_nothing_else() {
        assert!(
            environment(&[("BEARERGATE_REQUIRE_STORE", "true")])
                .unwrap()
                .require_store
        );
        assert!(!environment(&[]).unwrap().require_store);
        for wrong in ["", "1", "yes", "True"] {
            let error = environment(&[("BEARERGATE_REQUIRE_STORE", wrong)]).unwrap_err();
            assert!(error.contains("BEARERGATE_REQUIRE_STORE"), "{error}");
        }
    }

    #[test]
    fn the_first_password_comes_from_one_place() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "from the file\nnot this\n").unwrap();
        let path = file.path().to_str().unwrap();
        let read = environment(&[("BEARERGATE_ADMIN_PASSWORD_FILE", path)])
            .unwrap()
            .admin;
        assert_eq!(
            read.password().unwrap().unwrap().expose_secret(),
            "from the file"
        );
        assert_eq!(read.username, "admin");

        let refused = |variables: &[_]| {
            environment(variables)
                .unwrap()
                .admin
                .password()
                .unwrap_err()
        };
        let both = [
            ("BEARERGATE_ADMIN_PASSWORD_FILE", path),
            ("BEARERGATE_ADMIN_PASSWORD", "hush"),
        ];
        let error = refused(&both);
        assert!(
            error.contains("set one") && !error.contains("hush"),
            "{error}"
        );
        let error = refused(&[("BEARERGATE_ADMIN_PASSWORD_FILE", "/no/file")]);
        assert!(error.contains("/no/file"), "{error}");
    }
}
