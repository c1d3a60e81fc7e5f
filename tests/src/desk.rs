//! [`Desk`]: the desktop app in front of a person: its window, its tray icon, the clipboard, on a session of its own.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use fantoccini::Locator;
use serde_json::Value;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask};
use x11rb::wrapper::ConnectionExt as _;

use crate::browser::DesktopWindow;
use crate::display::Display;
use crate::drag::drop_file;
use crate::process::{Process, now, until};
use crate::program::{Program, binary};
use crate::sound::Sound;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a dialog has to go away after what was pressed in it.
const HEARD: Duration = Duration::from_secs(3);
/// Where the tray icon is to be found on the session bus.
const ITEM: &str = "/org/ayatana/NotificationItem/tray_icon_tray_app_vignette";

/// The app, with a display, a microphone that hears a tone, and a session bus that nobody else is on.
#[derive(Debug)]
pub struct Desk {
    /// The app's window.
    pub window: DesktopWindow,
    /// What it is shown on, and records.
    pub display: Display,
    /// Where the app keeps everything.
    pub home: tempfile::TempDir,
    bus: String,
    tray: OnceLock<String>,
    sound: Sound,
    _processes: [Process; 2],
}

/// What somebody presses.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// A key by its name.
    Named(&'a str),
    /// The keys of a text.
    Text(&'a str),
}

/// The selector of what has this `data-testid`.
#[must_use]
pub fn css(testid: &str) -> String {
    format!("[data-testid={testid}]")
}

impl Desk {
    /// Starts the app, for somebody who has answered its first questions, without a countdown and
    /// without the camera that this computer may have, and waits until it can record.
    ///
    /// # Panics
    /// If anything that it needs is missing or does not come up.
    pub async fn open() -> Self {
        Self::open_after(set_up).await
    }

    /// The same, after something has been done with the folder where the app is going to keep everything.
    ///
    /// # Panics
    /// As [`Self::open`].
    pub async fn open_after(prepare: impl FnOnce(&std::path::Path)) -> Self {
        Self::open_with(prepare, |_| ()).await
    }

    /// The same on a display with which something has been done before.
    ///
    /// # Panics
    /// As [`Self::open`].
    pub async fn open_on(meanwhile: impl FnOnce(&Display)) -> Self {
        Self::open_with(set_up, meanwhile).await
    }

    async fn open_with(
        prepare: impl FnOnce(&std::path::Path),
        meanwhile: impl FnOnce(&Display),
    ) -> Self {
        let (display, sound) = (Display::start(1280, 900), Sound::start());
        meanwhile(&display);
        display.paint("#204060");
        let tone = sound.play_tone(440);
        let home = tempfile::tempdir().expect("a home");
        prepare(home.path());
        let mut daemon = Command::new("dbus-daemon");
        daemon
            .args(["--session", "--nofork", "--nopidfile", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut daemon = Process::start(&mut daemon);
        let bus = daemon.lines().recv_timeout(PATIENCE).expect("the session bus says where it is");
        let env = environment(&display, &sound, &home, &bus);
        let env: Vec<_> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let window = DesktopWindow::open(&binary("vignette-desktop"), &env).await;
        let desk = Self {
            window,
            display,
            home,
            bus,
            tray: OnceLock::new(),
            sound,
            _processes: [tone, daemon],
        };
        desk.until("the window", "return !!document.querySelector('main')?.children.length").await;
        desk
    }

    /// Starts the app once more, as a person does who has lost its window; gives its exit code.
    ///
    /// # Panics
    /// If it does not end by itself.
    #[must_use]
    pub fn start_again(&self) -> Option<i32> {
        self.run_app(&[]).wait(PATIENCE).code()
    }

    /// Asks the window again and again until `script` returns something true, and gives it.
    pub async fn until(&self, what: &str, script: &str) -> Value {
        self.window.until(what, PATIENCE, script).await
    }

    /// Waits for what has this `data-testid`.
    pub async fn until_there(&self, testid: &str) {
        self.until(testid, &format!("return !!document.querySelector('{}')", css(testid))).await;
    }

    /// Waits until the take that runs has at least this many whole seconds, as the tray says. Nobody sees the window meanwhile.
    pub async fn until_second(&self, second: u8) {
        self.until_take("a second of the take", |says| {
            let seconds = says.rsplit_once("0:").and_then(|(_, seconds)| seconds.parse().ok());
            seconds.is_some_and(|has: u8| has >= second)
        })
        .await;
    }

    /// Waits until the tray says something of the take that is wanted.
    ///
    /// # Panics
    /// If it does not.
    pub async fn until_take(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        let end = now() + PATIENCE;
        loop {
            let (says, _) = self.tray_says();
            if wanted(&says[0]) {
                return;
            }
            assert!(now() < end, "waited {PATIENCE:?} for {what}: {says:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Brings the window back while a take runs, as a person does who looks for it.
    pub async fn bring_window(&self) {
        self.press_in_tray("Open Vignette");
        self.until("the window", "return document.visibilityState === 'visible'").await;
    }

    /// Runs xdotool on this display; gives what it printed, if it succeeded.
    ///
    /// # Panics
    /// If it is missing.
    #[must_use]
    pub fn xdotool(&self, args: &[&str]) -> Option<String> {
        let out = Command::new("xdotool")
            .args(args)
            .env("DISPLAY", &self.display.name)
            .output()
            .expect("xdotool runs");
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    }

    /// Waits until a window with this name is on the screen, and gives its number and where it is: left, top, width, height.
    ///
    /// # Panics
    /// If it does not come.
    pub fn until_shown(&self, name: &str) -> (String, [i32; 4]) {
        let exactly = format!("^{name}$");
        until(name, PATIENCE, || {
            let found = self.xdotool(&["search", "--onlyvisible", "--name", &exactly])?;
            let window = found.lines().last()?.to_owned();
            let geometry = self.xdotool(&["getwindowgeometry", "--shell", &window])?;
            let value = |key: &str| {
                geometry.lines().find_map(|line| line.strip_prefix(key)?.parse::<i32>().ok())
            };
            Some((window, [value("X=")?, value("Y=")?, value("WIDTH=")?, value("HEIGHT=")?]))
        })
    }

    /// Waits until no window with this name is on the screen.
    pub fn until_gone(&self, name: &str) {
        let exactly = format!("^{name}$");
        let search = ["search", "--onlyvisible", "--name", &exactly];
        until(&format!("no {name}"), PATIENCE, || {
            self.xdotool(&search).is_none_or(|found| found.is_empty()).then_some(())
        });
    }

    /// Clicks at this place within a window.
    ///
    /// # Panics
    /// If xdotool does not.
    pub fn click_at(&self, [left, top, ..]: [i32; 4], x: i32, y: i32) {
        let (x, y) = ((left + x).to_string(), (top + y).to_string());
        self.xdotool(&["mousemove", "--sync", &x, &y, "click", "1"]).expect("a click");
    }

    /// A program of ours that speaks to this app.
    #[must_use]
    pub fn vignette(&self, args: &[&str]) -> (std::process::ExitStatus, Vec<Value>) {
        Program::vignette(self.home.path(), args, &[]).finish(PATIENCE)
    }

    /// Starts the app once more, after it has ended, without anybody who drives its window.
    #[must_use]
    pub fn run_app(&self, args: &[&str]) -> Process {
        let mut command = Command::new(binary("vignette-desktop"));
        command.envs(environment(&self.display, &self.sound, &self.home, &self.bus)).args(args);
        Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()))
    }

    /// The address of the session bus.
    #[must_use]
    pub fn bus(&self) -> &str {
        &self.bus
    }

    /// Clicks what has this `data-testid`, once it is there.
    ///
    /// # Panics
    /// If it does not come, or cannot be clicked.
    pub async fn click(&self, testid: &str) {
        let css = css(testid);
        let element =
            self.window.client.wait().at_most(PATIENCE).for_element(Locator::Css(&css)).await;
        element
            .unwrap_or_else(|e| panic!("{testid}: {e}"))
            .click()
            .await
            .unwrap_or_else(|e| panic!("{testid}: {e}"));
    }

    /// Types into the field with this `data-testid`, after what stands there.
    ///
    /// # Panics
    /// If there is none.
    pub async fn type_into(&self, testid: &str, text: &str) {
        let css = css(testid);
        let field = self
            .window
            .client
            .find(Locator::Css(&css))
            .await
            .unwrap_or_else(|e| panic!("{testid}: {e}"));
        field.send_keys(text).await.unwrap_or_else(|e| panic!("{testid}: {e}"));
    }

    /// Chooses the option of a select whose text contains `text`.
    pub async fn choose(&self, testid: &str, text: &str) {
        let chosen = format!(
            "const s = document.querySelector('{}'); const o = [...(s?.options ?? [])].find(o => o.text.includes({text:?}));
             if (!o) return false; s.value = o.value; s.dispatchEvent(new Event('change', {{ bubbles: true }})); return true",
            css(testid)
        );
        self.until(&format!("{text} in {testid}"), &chosen).await;
    }

    /// The windows of this app, without those that only exist for the toolkit's sake.
    fn windows(&self) -> Vec<u32> {
        let (connection, screen) =
            x11rb::connect(Some(&self.display.name)).expect("the display answers");
        let root = connection.setup().roots[screen].root;
        let all = connection
            .query_tree(root)
            .expect("asked")
            .reply()
            .expect("the root has a tree")
            .children;
        let is_ours = |window: &u32| {
            let name = connection
                .get_property(false, *window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 16)
                .ok()?
                .reply()
                .ok()?;
            let size = connection.get_geometry(*window).ok()?.reply().ok()?;
            (name.value == b"Vignette" && size.width > 100).then_some(())
        };
        all.into_iter().filter(|window| is_ours(window).is_some()).collect()
    }

    /// Waits for a dialog of the system with this title, and presses keys in it: names as xdotool knows them, or text.
    ///
    /// # Panics
    /// If it does not come, or xdotool is missing.
    pub fn answer(&self, title: &str, keys: &[Key<'_>]) {
        let find = ["search", "--onlyvisible", "--name", title];
        let shown = || self.xdotool(&find)?.lines().last().map(str::to_owned);
        until(title, PATIENCE, shown);
        let end = now() + PATIENCE;
        // A dialog on a busy machine may not have heard the first keys: they are pressed again if it stays.
        while let Some(window) = shown() {
            assert!(now() < end, "{title} stays");
            // There is no window manager to give it the keyboard.
            if self.xdotool(&["windowfocus", "--sync", &window]).is_none() {
                continue;
            }
            for key in keys {
                match key {
                    Key::Named(name) => self.xdotool(&["key", "--delay", "100", name]),
                    Key::Text(text) => self.xdotool(&["type", "--delay", "40", text]),
                };
            }
            let again = now() + HEARD;
            while now() < again && shown().is_some() {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }

    /// Lets the page ask the shell for `command` as a script that somebody got into it would, and gives what came of it:
    /// `["done", answer]` or `["refused", code]`. `meanwhile` happens while it waits.
    pub async fn invoke(&self, command: &str, arguments: Value, meanwhile: impl FnOnce()) -> Value {
        self.window
            .run(&format!(
                "window.said = null; window.__TAURI_INTERNALS__.invoke({command:?}, {arguments})
                 .then((answer) => window.said = ['done', answer], (why) => window.said = ['refused', why.code ?? 'unknown'])"
            ))
            .await;
        meanwhile();
        self.until(command, "return window.said").await
    }

    /// Drops a file on the window.
    ///
    /// # Panics
    /// If there is no window, or it does not take the file.
    pub fn drop_file(&self, file: &std::path::Path) {
        drop_file(&self.display.name, *self.windows().first().expect("a window"), file);
    }

    /// How many windows of the app there are.
    #[must_use]
    pub fn window_count(&self) -> usize {
        self.windows().len()
    }

    /// Presses the window's close button, which without a window manager is to tell the window the same.
    ///
    /// # Panics
    /// If there is no window.
    pub fn press_close(&self) {
        let (connection, _) =
            x11rb::connect(Some(&self.display.name)).expect("the display answers");
        let atom = |name: &[u8]| {
            connection.intern_atom(false, name).expect("asked").reply().expect("an atom").atom
        };
        let window = *self.windows().first().expect("a window");
        let protocols = atom(b"WM_PROTOCOLS");
        let message =
            ClientMessageEvent::new(32, window, protocols, [atom(b"WM_DELETE_WINDOW"), 0, 0, 0, 0]);
        connection.send_event(false, window, EventMask::NO_EVENT, message).expect("sent");
        // A connection that ends at once might take the message with it.
        connection.sync().expect("the display has it");
    }

    /// Sends the app a signal by name, such as `HUP`.
    ///
    /// # Panics
    /// If it does not run.
    pub fn signal(&self, name: &str) {
        let home = format!("VIGNETTE_HOME={}", self.home.path().display());
        let is_app = |process: &std::path::PathBuf| {
            let program = std::fs::read_link(process.join("exe"))
                .is_ok_and(|exe| exe == binary("vignette-desktop"));
            let environment = std::fs::read(process.join("environ")).unwrap_or_default();
            program
                && environment.split(|byte| *byte == 0).any(|variable| variable == home.as_bytes())
        };
        let processes = std::fs::read_dir("/proc")
            .expect("processes")
            .filter_map(|entry| Some(entry.ok()?.path()));
        let app = processes.into_iter().find(is_app).expect("the app runs");
        let sent = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(app.file_name().expect("a process id"))
            .status();
        assert!(sent.expect("kill runs").success(), "the app takes signal {name}");
    }

    /// Waits until the app has ended.
    pub fn until_ended(&self) {
        until("the end of the app", PATIENCE, || (self.window_count() == 0).then_some(()));
    }

    /// The takes on this computer, asked for by the command line.
    ///
    /// # Panics
    /// If it does not answer.
    #[must_use]
    pub fn takes(&self) -> Vec<Value> {
        Program::vignette(self.home.path(), &["takes"], &[]).finish(PATIENCE).1
    }

    fn ask_bus(&self, to: &str, path: &str, arguments: &[&str]) -> Option<String> {
        let mut command = Command::new("dbus-send");
        command.arg(format!("--bus={}", self.bus)).args(["--print-reply", "--reply-timeout=1000"]);
        let out = command
            .arg(format!("--dest={to}"))
            .arg(path)
            .args(arguments)
            .stderr(Stdio::null())
            .output()
            .ok()?;
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
    }

    /// A property of the tray icon, if `name` on the bus has it.
    fn tray_property(&self, name: &str, property: &str) -> Option<String> {
        let property = format!("string:{property}");
        let get =
            ["org.freedesktop.DBus.Properties.Get", "string:org.kde.StatusNotifierItem", &property];
        self.ask_bus(name, ITEM, &get)?.split('"').nth(1).map(str::to_owned)
    }

    /// Who on the bus has the tray icon. Looked for once, since not everybody there answers strangers.
    fn tray(&self) -> Option<&str> {
        if self.tray.get().is_none() {
            let names =
                self.ask_bus("org.freedesktop.DBus", "/", &["org.freedesktop.DBus.ListNames"])?;
            let mut names = names.split('"').filter(|name| name.starts_with(":1."));
            let found = names.find(|name| self.tray_property(name, "IconName").is_some())?;
            self.tray.get_or_init(|| found.to_owned());
        }
        self.tray.get().map(String::as_str)
    }

    /// The entries of the tray icon's menu: their numbers and what they say.
    fn tray_menu(&self) -> Option<Vec<(String, String)>> {
        let name = self.tray()?;
        let layout =
            ["com.canonical.dbusmenu.GetLayout", "int32:0", "int32:-1", "array:string:label"];
        let menu = self.ask_bus(name, &format!("{ITEM}/Menu"), &layout)?;
        let entry = |part: &str| {
            let number = part.split_whitespace().next()?.to_owned();
            let text = part.split_once("\"label\"")?.1.split('"').nth(1)?.to_owned();
            // Entry 0 is the menu itself.
            (number != "0").then_some((number, text))
        };
        Some(menu.split("int32 ").filter_map(entry).collect())
    }

    /// What the tray icon's menu says, from top to bottom, and the bytes of its picture.
    ///
    /// # Panics
    /// If there is no tray icon.
    #[must_use]
    pub fn tray_says(&self) -> (Vec<String>, Vec<u8>) {
        until("the tray icon", PATIENCE, || {
            let picture = std::fs::read(self.tray_property(self.tray()?, "IconName")?).ok()?;
            Some((self.tray_menu()?.into_iter().map(|(_, text)| text).collect(), picture))
        })
    }

    /// Presses the entry of the tray icon's menu that says this.
    ///
    /// # Panics
    /// If there is none.
    pub fn press_in_tray(&self, text: &str) {
        let menu = until("the tray's menu", PATIENCE, || self.tray_menu());
        let (number, _) = menu
            .iter()
            .find(|(_, says)| says == text)
            .unwrap_or_else(|| panic!("{text} in {menu:?}"));
        let name = self.tray().expect("the tray icon is still there");
        let event = [
            "com.canonical.dbusmenu.Event",
            &format!("int32:{number}"),
            "string:clicked",
            "variant:int32:0",
            "uint32:0",
        ];
        self.ask_bus(name, &format!("{ITEM}/Menu"), &event).expect("the menu takes it");
    }
}

/// Leaves the settings of somebody who has used the app before.
fn set_up(home: &std::path::Path) {
    let settings = r#"{ "sources": { "screen": "default", "camera": "off", "microphone": "default" }, "countdown_s": 0 }"#;
    let mut file = std::fs::File::create(home.join("settings.json")).expect("a file");
    file.write_all(settings.as_bytes()).expect("settings");
}

fn environment(
    display: &Display,
    sound: &Sound,
    home: &tempfile::TempDir,
    bus: &str,
) -> Vec<(&'static str, String)> {
    vec![
        ("DISPLAY", display.name.clone()),
        ("PULSE_SERVER", sound.address.clone()),
        ("VIGNETTE_HOME", home.path().to_str().expect("a path").to_owned()),
        // Another Vignette of whoever runs this must not be taken for the first.
        ("DBUS_SESSION_BUS_ADDRESS", bus.to_owned()),
    ]
}
