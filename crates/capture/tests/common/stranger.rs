//! A program of its own that has windows: this test's binary, run again as its test `stranger`,
//! which does what is written to it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, unbounded};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeGCAux, ChangeWindowAttributesAux, ConfigureWindowAux, ConnectionExt,
    CreateGCAux, CreateWindowAux, EventMask, PropMode, Rectangle, StackMode, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::xvfb::serve;
use super::{Daemon, again, inside};

/// The screen's size.
pub const WIDTH: u16 = 640;
pub const HEIGHT: u16 = 480;

/// Says to the binary that it is the other program.
const STRANGER: &str = "VIGNETTE_TEST_STRANGER";
/// What stands before an answer, among what the test harness prints.
const ANSWER: &str = "> ";

/// Runs `test` again within a server of its own; true inside.
pub fn within(test: &str) -> bool {
    if inside().is_some() {
        return true;
    }
    let (server, number) = serve(&format!("{WIDTH}x{HEIGHT}"), &[]);
    again(test, &number, &[("DISPLAY", OsStr::new(&format!(":{number}")))]);
    drop(server);
    false
}

/// The other program, as the test sees it.
pub struct Stranger {
    _process: Daemon,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Stranger {
    pub fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "stranger", "--nocapture", "--include-ignored"])
            .env(STRANGER, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut stranger = Self { _process: Daemon(child), to, from: BufReader::new(from) };
        stranger.ask("hello");
        stranger
    }

    /// Has something done, and waits until the server has done it.
    pub fn ask(&mut self, what: &str) -> String {
        writeln!(self.to, "{what}").unwrap();
        loop {
            let mut line = String::new();
            assert_ne!(self.from.read_line(&mut line).unwrap(), 0, "the other program ended");
            // The harness prints the test's name before the first answer, on the same line.
            if let Some(at) = line.find(ANSWER) {
                return line[at + ANSWER.len()..].trim().to_owned();
            }
        }
    }

    /// A window with a background, or with none and painted when it is asked for, as most programs
    /// do.
    pub fn window(&mut self, (x, y): (i16, i16), (w, h): (u16, u16), colour: u32) -> Window {
        self.ask(&format!("window {x} {y} {w} {h} {colour}")).parse().unwrap()
    }

    pub fn fill(&mut self, window: Window, (x, y, w, h): (i16, i16, u16, u16), colour: u32) {
        self.ask(&format!("fill {window} {x} {y} {w} {h} {colour}"));
    }
}

/// What was filled in a window, in order.
type Picture = Vec<(Rectangle, u32)>;

struct Program {
    connection: RustConnection,
    root: Window,
    windows: BTreeMap<Window, Picture>,
    gc: u32,
}

/// The body of the test `stranger`.
pub fn stranger() {
    if std::env::var_os(STRANGER).is_none() {
        return;
    }
    let (connection, number) = x11rb::connect(None).unwrap();
    let root = connection.setup().roots[number].root;
    let gc = connection.generate_id().unwrap();
    connection.create_gc(gc, root, &CreateGCAux::new()).unwrap();
    let mut program = Program { connection, root, windows: BTreeMap::new(), gc };
    let (read, lines) = unbounded();
    std::thread::spawn(move || {
        std::io::stdin().lock().lines().map_while(Result::ok).for_each(|line| {
            let _ = read.send(line);
        });
    });
    loop {
        match lines.recv_timeout(Duration::from_millis(3)) {
            Ok(line) => {
                let answer = program.obey(&line);
                let mut out = std::io::stdout().lock();
                writeln!(out, "{ANSWER}{answer}").unwrap();
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        program.paint();
    }
}

impl Program {
    fn obey(&mut self, line: &str) -> String {
        let mut words = line.split(' ');
        let what = words.next().unwrap();
        let n: Vec<i64> = words.map(|word| word.parse().unwrap()).collect();
        let c = &self.connection;
        let mut answer = String::new();
        match (what, n.as_slice()) {
            ("hello", _) => {}
            ("window" | "managed", &[x, y, w, h, colour]) => {
                let id = c.generate_id().unwrap();
                let aux = CreateWindowAux::new()
                    .override_redirect(u32::from(what == "window"))
                    .event_mask(EventMask::EXPOSURE);
                let (w, h) = (w as u16, h as u16);
                let class = WindowClass::INPUT_OUTPUT;
                let at = (x as i16, y as i16);
                c.create_window(0, id, self.root, at.0, at.1, w, h, 0, class, 0, &aux).unwrap();
                c.change_property8(
                    PropMode::REPLACE,
                    id,
                    AtomEnum::WM_NAME,
                    AtomEnum::STRING,
                    b"Quarterly figures",
                )
                .unwrap();
                c.change_property8(
                    PropMode::REPLACE,
                    id,
                    AtomEnum::WM_CLASS,
                    AtomEnum::STRING,
                    b"sheet\0Spreadsheet\0",
                )
                .unwrap();
                c.map_window(id).unwrap();
                let whole = Rectangle { x: 0, y: 0, width: 4096, height: 4096 };
                self.windows.insert(id, vec![(whole, colour as u32)]);
                answer = id.to_string();
            }
            ("fill", &[id, x, y, w, h, colour]) => {
                let rectangle =
                    Rectangle { x: x as i16, y: y as i16, width: w as u16, height: h as u16 };
                let fill = (rectangle, colour as u32);
                self.windows.get_mut(&(id as u32)).unwrap().push(fill);
                self.put(id as u32, &[fill]);
            }
            ("move", &[id, x, y]) => {
                let aux = ConfigureWindowAux::new().x(x as i32).y(y as i32);
                c.configure_window(id as u32, &aux).unwrap();
            }
            ("resize", &[id, w, h]) => {
                let aux = ConfigureWindowAux::new().width(w as u32).height(h as u32);
                c.configure_window(id as u32, &aux).unwrap();
            }
            ("raise", &[id]) => {
                let aux = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
                c.configure_window(id as u32, &aux).unwrap();
            }
            ("hide", &[id]) => drop(c.unmap_window(id as u32).unwrap()),
            ("show", &[id]) => drop(c.map_window(id as u32).unwrap()),
            // At once, as when a window manager restarts: nobody can look between.
            ("remap", &[id]) => {
                c.unmap_window(id as u32).unwrap();
                c.map_window(id as u32).unwrap();
            }
            // Puts it into a window of the same size.
            ("frame", &[id]) => {
                let frame = c.generate_id().unwrap();
                let at = c.get_geometry(id as u32).unwrap().reply().unwrap();
                let aux = CreateWindowAux::new().override_redirect(1);
                let class = WindowClass::INPUT_OUTPUT;
                let (x, y, w, h) = (at.x, at.y, at.width, at.height);
                c.create_window(0, frame, self.root, x, y, w, h, 0, class, 0, &aux).unwrap();
                c.map_window(frame).unwrap();
                c.reparent_window(id as u32, frame, 0, 0).unwrap();
                answer = frame.to_string();
            }
            ("close", &[id]) => {
                self.windows.remove(&(id as u32));
                c.destroy_window(id as u32).unwrap();
            }
            ("root", &[colour]) => {
                let aux = ChangeWindowAttributesAux::new().background_pixel(colour as u32);
                c.change_window_attributes(self.root, &aux).unwrap();
                c.clear_area(false, self.root, 0, 0, 0, 0).unwrap();
            }
            ("wallpaper", &[w, h, left, right]) => {
                let (pixmap, w, h) = (c.generate_id().unwrap(), w as u16, h as u16);
                c.create_pixmap(24, pixmap, self.root, w, h).unwrap();
                for (x, colour) in [(0, left), (w as i16 / 2, right)] {
                    let aux = ChangeGCAux::new().foreground(colour as u32);
                    c.change_gc(self.gc, &aux).unwrap();
                    let half = Rectangle { x, y: 0, width: w / 2, height: h };
                    c.poly_fill_rectangle(pixmap, self.gc, &[half]).unwrap();
                }
                let aux = ChangeWindowAttributesAux::new().background_pixmap(pixmap);
                c.change_window_attributes(self.root, &aux).unwrap();
                c.clear_area(false, self.root, 0, 0, 0, 0).unwrap();
                let atom = c.intern_atom(false, b"_XROOTPMAP_ID").unwrap().reply().unwrap().atom;
                let kind = AtomEnum::PIXMAP;
                c.change_property32(PropMode::REPLACE, self.root, atom, kind, &[pixmap]).unwrap();
            }
            other => panic!("{other:?}"),
        }
        self.connection.get_input_focus().unwrap().reply().unwrap();
        answer
    }

    fn put(&self, window: Window, fills: &[(Rectangle, u32)]) {
        for (rectangle, colour) in fills {
            let aux = ChangeGCAux::new().foreground(*colour);
            self.connection.change_gc(self.gc, &aux).unwrap();
            self.connection.poly_fill_rectangle(window, self.gc, &[*rectangle]).unwrap();
        }
    }

    /// Draws what the server asks for, as programs do.
    fn paint(&self) {
        while let Some(event) = self.connection.poll_for_event().unwrap() {
            if let Event::Expose(event) = event
                && let Some(picture) = self.windows.get(&event.window)
            {
                let exposed = Rectangle {
                    x: event.x as i16,
                    y: event.y as i16,
                    width: event.width,
                    height: event.height,
                };
                let clip = x11rb::protocol::xproto::ClipOrdering::UNSORTED;
                self.connection.set_clip_rectangles(clip, self.gc, 0, 0, &[exposed]).unwrap();
                self.put(event.window, picture);
                let aux = ChangeGCAux::new().clip_mask(x11rb::NONE);
                self.connection.change_gc(self.gc, &aux).unwrap();
            }
        }
        self.connection.flush().unwrap();
    }
}
