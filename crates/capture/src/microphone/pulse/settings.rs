//! [`PulseSettings`]: the address of the sound server and the credentials for it, found as libpulse
//! finds them.
//!
//! Environment variables take precedence over `client.conf`, and that over the defaults. The
//! properties that `module-x11-publish` sets on an X server are not read, and no server is started.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::address::{self, Address};

/// The size of a cookie: libpulse's `PA_NATIVE_COOKIE_LENGTH`.
const COOKIE_BYTES: usize = 256;
/// The maximum size of a configuration file.
const CONF_BYTES: u64 = 256 * 1024;

/// How the sound server is reached.
#[derive(Debug)]
pub(super) struct PulseSettings {
    /// The addresses to try, in order.
    pub(super) addresses: Vec<Address>,
    /// Whether the server is configured explicitly, so that a missing one is an error.
    pub(super) named: Option<String>,
    /// Always of the full length; zeros if there is none, which suffices if the server accepts the
    /// user.
    pub(super) cookie: [u8; COOKIE_BYTES],
}

impl PulseSettings {
    /// Those of this process.
    pub(super) fn find() -> Self {
        Self::of(&Surroundings::new(&|name| env::var_os(name)))
    }

    fn of(around: &Surroundings<'_>) -> Self {
        let conf = around.conf();
        let named = around.text("PULSE_SERVER").or(conf.default_server);
        let addresses = match &named {
            Some(named) => address::parse_all(named, &around.identities),
            None => around.usual_sockets().into_iter().map(Address::Unix).collect(),
        };
        let chosen =
            around.path("PULSE_COOKIE").into_iter().chain(conf.cookie_file.map(PathBuf::from));
        // Relative names are relative to the configuration folder.
        let chosen = chosen.filter_map(|file| {
            if file.is_absolute() { Some(file) } else { Some(around.config.as_ref()?.join(file)) }
        });
        let usual = around.config.iter().map(|config| config.join("cookie"));
        let old = around.home.iter().map(|home| home.join(".pulse-cookie"));
        let cookie = chosen
            .chain(usual)
            .chain(old)
            .find_map(|file| cookie_in(&file))
            .unwrap_or([0; COOKIE_BYTES]);
        Self { addresses, named, cookie }
    }
}

/// The environment of the process.
struct Surroundings<'a> {
    variable: &'a dyn Fn(&str) -> Option<OsString>,
    home: Option<PathBuf>,
    /// The configuration folder of libpulse.
    config: Option<PathBuf>,
    /// The id and the name of the machine: an address may be limited to one machine.
    identities: Vec<String>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Conf {
    default_server: Option<String>,
    cookie_file: Option<String>,
}

impl<'a> Surroundings<'a> {
    fn new(variable: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        let path = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = path("HOME");
        let config = path("XDG_CONFIG_HOME")
            .or_else(|| Some(home.as_ref()?.join(".config")))
            .map(|base| base.join("pulse"));
        let files = ["/etc/machine-id", "/var/lib/dbus/machine-id", "/proc/sys/kernel/hostname"];
        let identities = files
            .iter()
            .filter_map(|file| fs::read_to_string(file).ok())
            .map(|id| id.trim().to_owned());
        let identities = identities.filter(|id| !id.is_empty()).collect();
        Self { variable, home, config, identities }
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        (self.variable)(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    fn text(&self, name: &str) -> Option<String> {
        (self.variable)(name)?.into_string().ok().filter(|value| !value.trim().is_empty())
    }

    /// The default addresses: a server of this user, then one of the whole system.
    fn usual_sockets(&self) -> Vec<PathBuf> {
        let runtime = self
            .path("PULSE_RUNTIME_PATH")
            .or_else(|| Some(self.path("XDG_RUNTIME_DIR")?.join("pulse")));
        // Without a runtime directory the server links one in its configuration folder.
        let linked =
            || Some(self.config.as_ref()?.join(format!("{}-runtime", self.identities.first()?)));
        let own = runtime.or_else(linked);
        own.into_iter()
            .chain([PathBuf::from("/var/run/pulse")])
            .map(|folder| folder.join("native"))
            .collect()
    }

    fn conf(&self) -> Conf {
        let own = self
            .config
            .as_ref()
            .map(|config| config.join("client.conf"))
            .filter(|file| file.exists());
        let file = self
            .path("PULSE_CLIENTCONFIG")
            .or(own)
            .unwrap_or_else(|| PathBuf::from("/etc/pulse/client.conf"));
        let mut folder = file.clone().into_os_string();
        folder.push(".d");
        let entries =
            fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        let mut more: Vec<PathBuf> =
            entries.filter(|file| file.extension().is_some_and(|it| it == "conf")).collect();
        more.sort();
        let mut conf = Conf::default();
        for file in [file].iter().chain(&more) {
            let whole =
                fs::metadata(file).is_ok_and(|about| about.is_file() && about.len() <= CONF_BYTES);
            if whole && let Ok(text) = fs::read_to_string(file) {
                conf.take(&text);
            }
        }
        conf
    }
}

impl Conf {
    /// Applies the lines of a file; later lines take precedence.
    fn take(&mut self, text: &str) {
        for line in text.lines() {
            let Some((key, value)) = line.split_once('=') else { continue };
            let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
            match key.trim() {
                "default-server" => self.default_server = value,
                "cookie-file" => self.cookie_file = value,
                _ => {}
            }
        }
    }
}

/// The cookie in a file; `None` if the file is too short.
fn cookie_in(file: &Path) -> Option<[u8; COOKIE_BYTES]> {
    use std::io::Read;
    let mut cookie = [0; COOKIE_BYTES];
    let about = fs::metadata(file).ok()?;
    about.is_file().then_some(())?;
    fs::File::open(file).ok()?.read_exact(&mut cookie).ok()?;
    Some(cookie)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &Path)]) -> PulseSettings {
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.as_os_str().to_owned())
        };
        PulseSettings::of(&Surroundings::new(&variable))
    }

    fn file(path: &Path, bytes: &[u8]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::io::Write::write_all(&mut fs::File::create(path).unwrap(), bytes).unwrap();
    }

    #[test]
    fn the_cookie_is_where_libpulse_keeps_it() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let first = |variables: &[(&str, &Path)]| found(variables).cookie[0];
        let (config, conf) = (at("elsewhere"), at("client.conf"));
        let all =
            [("HOME", home.path()), ("XDG_CONFIG_HOME", &config), ("PULSE_CLIENTCONFIG", &conf)];
        assert_eq!(found(&all).cookie, [0; 256], "none is 256 zeros");
        file(&at(".pulse-cookie"), &[1; 256]);
        assert_eq!(first(&all), 1);
        file(&at(".config/pulse/cookie"), &[2; 256]);
        assert_eq!(first(&all), 1, "XDG_CONFIG_HOME takes the place of .config");
        assert_eq!(first(&[("HOME", home.path())]), 2);
        file(&at("elsewhere/pulse/cookie"), &[3; 256]);
        assert_eq!(first(&all), 3);
        file(&at("elsewhere/pulse/other"), &[4; 300]);
        file(&conf, b"# default-server = nowhere\ncookie-file = other\n");
        assert_eq!(first(&all), 4, "a relative name lies in the folder of the configuration");
        let [named, short] = [at("named"), at("short")];
        file(&named, &[5; 256]);
        file(&short, &[6; 255]);
        assert_eq!(first(&[all[0], all[1], all[2], ("PULSE_COOKIE", &named)]), 5);
        assert_eq!(
            first(&[all[0], all[1], all[2], ("PULSE_COOKIE", &short)]),
            4,
            "a short file has none"
        );
    }

    #[test]
    fn the_server_is_named_or_in_its_usual_place() {
        let home = tempfile::tempdir().unwrap();
        let conf = home.path().join("client.conf");
        file(&conf, b"");
        let runtime = Path::new("/run/user/7");
        let base = [
            ("HOME", home.path()),
            ("PULSE_CLIENTCONFIG", conf.as_path()),
            ("XDG_RUNTIME_DIR", runtime),
        ];
        let usual = found(&base);
        assert_eq!(usual.named, None);
        let sockets = ["/run/user/7/pulse/native", "/var/run/pulse/native"]
            .map(|path| Address::Unix(path.into()));
        assert_eq!(usual.addresses, sockets);
        let own = found(&[base[0], base[1], base[2], ("PULSE_RUNTIME_PATH", Path::new("/other"))]);
        assert_eq!(own.addresses[0], Address::Unix("/other/native".into()));

        file(&home.path().join("client.conf.d/10-first.conf"), b"default-server = /by/conf\n");
        assert_eq!(found(&base).addresses, [Address::Unix("/by/conf".into())]);
        let by_variable =
            found(&[base[0], base[1], base[2], ("PULSE_SERVER", Path::new("unix:/a /b"))]);
        assert_eq!(
            by_variable.addresses,
            ["/a", "/b"].map(|path| Address::Unix(path.into())),
            "the environment goes first"
        );
    }
}
