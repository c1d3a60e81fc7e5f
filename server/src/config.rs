//! The settings of a library. One table declares the flags, the environment variables and the keys of
//! `library.toml`; a test compares the sample file with it.
//!
//! A flag overrides the environment, the environment the file, the file the default. Unknown keys are
//! errors.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use serde::{Deserialize, Serialize};
use url::Url;
use vignette_library::LibrarySettings;

use crate::http::peer::Network;

/// The sample file: every setting, explained, with its default.
pub const SAMPLE: &str = include_str!("../library.sample.toml");

/// What a library is called that nobody has named.
const UNNAMED: &str = "Vignette";

/// Why a configuration could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or not readable.
    #[error("{path} could not be read")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file has a key that does not exist, or a value of the wrong kind.
    #[error("{path} is not a valid configuration")]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// The library's address cannot be part of links.
    #[error("url = {url} must be http:// or https:// with a host and no path")]
    Url {
        /// What was set.
        url: String,
    },
    /// There is no data folder in the settings, and the system names none.
    #[error("there is no data folder for this user: set `data`")]
    NoDataFolder,
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])* $key:ident: $kind:ty = $default:expr, $env:literal $(, $parse:expr)?;)*) => {
        /// Every setting, with a value.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Config {
            $($(#[doc = $doc])* pub $key: $kind,)*
        }

        impl Default for Config {
            fn default() -> Self {
                Self { $($key: $default,)* }
            }
        }

        impl Config {
            /// The keys, as they stand in the file.
            #[cfg(test)]
            pub(crate) const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];
        }

        /// Settings from flags and the environment.
        #[derive(Args, Clone, Debug, Default)]
        pub struct ConfigOverrides {
            $($(#[doc = $doc])* #[arg(long, global = true, env = $env, value_name = "VALUE" $(, value_parser = $parse)?)]
            pub $key: Option<<$kind as Setting>::Flag>,)*
        }

        impl ConfigOverrides {
            fn over(self, mut config: Config) -> Config {
                $(if let Some(value) = self.$key { <$kind as Setting>::set(&mut config.$key, value); })*
                config
            }
        }
    };
}

settings! {
    /// Address and port to listen on.
    listen: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8455), "VIGNETTE_LISTEN";
    /// Address that people use, for links; without it, the address listened on.
    url: Option<Url> = None, "VIGNETTE_URL";
    /// Further names by which people reach it, beside the one in `url`. An address always works.
    hosts: Vec<String> = Vec::new(), "VIGNETTE_HOSTS", HostNames::from_str;
    /// Folder of the library's data; without it, a folder of the user's own.
    data: Option<PathBuf> = None, "VIGNETTE_DATA";
    /// What the library is called on its pages; without it, as whoever sets it up names it.
    name: Option<String> = None, "VIGNETTE_NAME";
    /// Proxies whose `X-Forwarded-For` is believed: addresses or networks.
    trusted_proxies: Vec<Network> = Vec::new(), "VIGNETTE_TRUSTED_PROXIES", Networks::from_str;
    /// Largest clip, in bytes.
    max_clip_bytes: u64 = 50_000_000_000, "VIGNETTE_MAX_CLIP_BYTES";
    /// Seconds that an upload may stand still before its request is ended.
    stall_seconds: u64 = 30, "VIGNETTE_STALL_SECONDS";
    /// Replies and sign-ins a minute from one address.
    tries_per_minute: u32 = 20, "VIGNETTE_TRIES_PER_MINUTE";
    /// Requests a second that are answered to one address without an account; what comes faster waits.
    requests_per_second: u32 = 100, "VIGNETTE_REQUESTS_PER_SECOND";
    /// What is logged, as a filter of `tracing`.
    log: String = "info".to_owned(), "VIGNETTE_LOG";
    /// Log lines as JSON.
    log_json: bool = false, "VIGNETTE_LOG_JSON";
}

/// The type of a setting, and that of its flag.
pub trait Setting {
    /// The value of the flag or variable.
    type Flag: Clone + Send + Sync + 'static;
    /// Sets the value of the flag.
    fn set(&mut self, given: Self::Flag);
}

macro_rules! flag_is_value {
    ($($kind:ty),*) => { $(impl Setting for $kind {
        type Flag = Self;
        fn set(&mut self, given: Self) {
            *self = given;
        }
    })* };
}
flag_is_value!(SocketAddr, String, u64, u32, bool);

impl<T: Clone + Send + Sync + 'static> Setting for Option<T> {
    type Flag = T;
    fn set(&mut self, given: T) {
        *self = Some(given);
    }
}

/// Networks separated by commas.
#[derive(Clone, Debug)]
pub struct Networks(Vec<Network>);

impl FromStr for Networks {
    type Err = <Network as FromStr>::Err;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Setting for Vec<Network> {
    type Flag = Networks;
    fn set(&mut self, given: Networks) {
        *self = given.0;
    }
}

/// Host names separated by commas.
#[derive(Clone, Debug)]
pub struct HostNames(Vec<String>);

impl FromStr for HostNames {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Ok(Self(names.map(str::to_owned).collect()))
    }
}

impl Setting for Vec<String> {
    type Flag = HostNames;
    fn set(&mut self, given: HostNames) {
        *self = given.0;
    }
}

impl Config {
    /// Reads `file`, if there is one, and overrides it with `given`.
    ///
    /// # Errors
    /// [`ConfigError`] that names the file and the key.
    pub fn load(file: Option<&Path>, given: ConfigOverrides) -> Result<Self, ConfigError> {
        let config = file.map(Self::read).transpose()?.unwrap_or_default();
        let config = given.over(config);
        if let Some(url) = &config.url {
            let plain = matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none();
            if !plain {
                return Err(ConfigError::Url { url: url.to_string() });
            }
        }
        Ok(config)
    }

    fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        toml::from_str(&text)
            .map_err(|e| ConfigError::Invalid { path: path.to_owned(), source: Box::new(e) })
    }

    /// The data folder. It differs from that of the embedded library, which belongs to the desktop app.
    ///
    /// # Errors
    /// [`ConfigError::NoDataFolder`] if none is set and the system names none.
    pub fn data_folder(&self) -> Result<PathBuf, ConfigError> {
        let own = || {
            directories::ProjectDirs::from("", "", "vignette-library")
                .map(|dirs| dirs.data_dir().to_owned())
        };
        self.data.clone().or_else(own).ok_or(ConfigError::NoDataFolder)
    }

    /// The settings of a library that is reached at `public_url`.
    #[must_use]
    pub(crate) fn library_settings(&self, public_url: Url) -> LibrarySettings {
        let name = self.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let settings = LibrarySettings::new(public_url, name.unwrap_or(UNNAMED));
        LibrarySettings {
            is_named: name.is_some(),
            max_clip_bytes: self.max_clip_bytes,
            ..settings
        }
    }

    /// The address that links start with, given the address that is listened on. It has no path.
    ///
    /// # Errors
    /// [`ConfigError::Url`] if the address listened on cannot be part of links.
    pub fn public_url(&self, listening: SocketAddr) -> Result<Url, ConfigError> {
        let text = format!("http://{listening}/");
        self.url
            .clone()
            .map_or_else(|| Url::parse(&text).map_err(|_| ConfigError::Url { url: text }), Ok)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        given: ConfigOverrides,
    }

    fn given(words: &[&str]) -> ConfigOverrides {
        Line::try_parse_from([&["x"], words].concat())
            .map(|line| line.given)
            .unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn the_sample_says_the_defaults() {
        assert_eq!(toml::from_str::<Config>(SAMPLE).unwrap(), Config::default());
        for key in Config::KEYS {
            let line = |line: &str| line.trim_start_matches("# ").starts_with(&format!("{key} ="));
            assert!(SAMPLE.lines().any(line), "the sample file explains {key}");
        }
    }

    #[test]
    fn a_flag_wins_over_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("library.toml");
        std::io::Write::write_all(
            &mut std::fs::File::create(&file).unwrap(),
            b"name = \"A\"\nstall_seconds = 5",
        )
        .unwrap();
        let config = Config::load(
            Some(&file),
            given(&["--name", "B", "--trusted-proxies", "10.0.0.0/8, ::1"]),
        )
        .unwrap();
        assert_eq!(
            (config.name.as_deref(), config.stall_seconds, config.trusted_proxies.len()),
            (Some("B"), 5, 2)
        );
    }

    #[test]
    fn a_key_that_does_not_exist_is_an_error() {
        let error = toml::from_str::<Config>("lisen = \"1.2.3.4:5\"").unwrap_err();
        assert!(error.to_string().contains("lisen"), "{error}");
    }

    #[test]
    fn links_need_a_plain_address() {
        for url in ["ftp://a/", "https://a/sub/", "https://a/?b", "unix:/x"] {
            assert!(
                Config::load(None, given(&["--url", url])).is_err(),
                "{url} is no address for links"
            );
        }
        assert!(Config::load(None, given(&["--url", "https://clips.example.org"])).is_ok());
    }
}
