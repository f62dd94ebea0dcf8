//! The bootstrap configuration: what is needed to open the store and to listen. Everything else is a setting.
//! Each option is a flag and an environment variable; what holds or guards secrets is an environment variable alone.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use crate::peer::TrustedProxies;
pub use crate::public_url::PublicUrl;

/// Where the store is: the options that every command has.
#[derive(Args, Clone, Debug)]
pub struct StoreOptions {
    /// Directory of the database and of the secret key
    #[arg(
        long,
        env = "BEARERGATE_DATA_DIR",
        value_name = "DIRECTORY",
        default_value = "./data"
    )]
    pub data_dir: PathBuf,

    /// Database, as `sqlite:PATH` [default: bearergate.db in the data directory]
    #[arg(
        long,
        env = "BEARERGATE_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub database_url: Option<DatabaseUrl>,
}

/// The options of `serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeOptions {
    /// Address of the console, the management API and validation: `host:port` or `unix:/path`
    #[arg(
        long,
        env = "BEARERGATE_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080"
    )]
    pub listen: ListenAddress,

    /// A second address that serves validation, health and metrics alone; the first then serves no validation
    #[arg(long, env = "BEARERGATE_VALIDATION_LISTEN", value_name = "ADDRESS")]
    pub validation_listen: Option<ListenAddress>,

    /// URL under which browsers reach the console [default: http://localhost:PORT]
    #[arg(long, env = "BEARERGATE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,

    /// Networks of the proxies that may speak for a client, comma-separated [default: loopback; Unix sockets always]
    #[arg(long, env = "BEARERGATE_TRUSTED_PROXIES", value_name = "CIDRS")]
    pub trusted_proxies: Option<TrustedProxies>,

    /// Format of the log on stderr
    #[arg(
        long,
        env = "BEARERGATE_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text"
    )]
    pub log_format: LogFormat,

    /// Where the store is.
    #[command(flatten)]
    pub store: StoreOptions,
}

/// An address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenAddress {
    /// `host:port`, where the host is an address or a name; port 0 takes any free one.
    Tcp(String),
    /// `unix:/path`: a socket file.
    Unix(PathBuf),
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const CURE: &str = "give host:port (127.0.0.1:8080, [::1]:8080) or unix:/path";
        if let Some(path) = text.strip_prefix("unix:") {
            return match path {
                "" => Err(format!("the path is missing; {CURE}")),
                path => Ok(Self::Unix(path.into())),
            };
        }
        let (host, port) = text
            .rsplit_once(':')
            .ok_or_else(|| format!("the port is missing; {CURE}"))?;
        if port.parse::<u16>().is_err() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("`{port}` is no port; {CURE}"));
        }
        let bracketed = host.starts_with('[') && host.ends_with(']');
        if host.is_empty()
            || host.contains(|c: char| c.is_whitespace() || c == '/')
            || (host.contains(':') && !bracketed)
        {
            return Err(format!("`{host}` is no host; {CURE}"));
        }
        Ok(Self::Tcp(text.to_owned()))
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => f.write_str(address),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// A database: the path of a SQLite file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseUrl(pub PathBuf);

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(rest) = text.strip_prefix("sqlite:") else {
            return Err(
                "only SQLite databases are known; give sqlite:/path/to/bearergate.db".to_owned(),
            );
        };
        let path = rest.strip_prefix("//").unwrap_or(rest);
        if path.is_empty() || path.starts_with(":memory:") || path.contains('?') {
            return Err(
                "give the path of a file and no parameters, as sqlite:/path/to/bearergate.db"
                    .to_owned(),
            );
        }
        Ok(Self(path.into()))
    }
}

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object a line.
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listen_addresses_are_read() {
        for text in [
            "127.0.0.1:8080",
            "[::1]:0",
            "localhost:80",
            "gate.internal:65535",
        ] {
            assert_eq!(text.parse(), Ok(ListenAddress::Tcp(text.to_owned())));
        }
        assert_eq!(
            "unix:/run/gate".parse(),
            Ok(ListenAddress::Unix("/run/gate".into()))
        );
        for wrong in [
            "",
            "8080",
            ":8080",
            "127.0.0.1",
            "host:",
            "host:65536",
            "host:+80",
            "::1:80",
            "unix:",
        ] {
            let error = wrong.parse::<ListenAddress>().unwrap_err();
            assert!(error.contains("host:port"), "{wrong}: {error}");
        }
    }

    #[test]
    fn database_urls_are_paths_of_sqlite_files() {
        let file = |path: &str| Ok(DatabaseUrl(path.into()));
        assert_eq!("sqlite:/var/lib/gate.db".parse(), file("/var/lib/gate.db"));
        assert_eq!(
            "sqlite:///var/lib/gate.db".parse(),
            file("/var/lib/gate.db")
        );
        assert_eq!("sqlite:gate.db".parse(), file("gate.db"));
        for wrong in [
            "",
            "gate.db",
            "postgres://db/gate",
            "sqlite:",
            "sqlite::memory:",
            "sqlite:a?b",
        ] {
            assert!(wrong.parse::<DatabaseUrl>().is_err(), "{wrong}");
        }
    }
}
