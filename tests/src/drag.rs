//! [`drop_file`]: drags a file onto a window of another program and drops it, as a file manager does.
//!
//! XDND version 5 (<https://freedesktop.org/wiki/Specifications/XDND>), the source's side:
//!
//! ```text
//! source   own XdndSelection ─▶ XdndEnter ─▶ XdndPosition ─┬─▶ XdndDrop ─▶ (SelectionRequest) ─▶ done
//! target                                     XdndStatus ◀──┘ accepted              XdndFinished ◀─┘
//! ```

use std::path::Path;
use std::time::Duration;

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, PropMode,
    SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::process::now;

/// How long the target may take for all of it.
const TIMEOUT: Duration = Duration::from_secs(30);
/// A target that has not accepted yet is told the position again so often.
const POSITION_INTERVAL: Duration = Duration::from_millis(200);
/// Between two looks for events.
const POLL_INTERVAL: Duration = Duration::from_millis(5);
const XDND_VERSION: u32 = 5;

/// Drags `file` to the middle of `target`, a top-level window of the display with this name, and drops it there.
///
/// # Panics
/// If the display does not answer, or the target does not take the file within half a minute.
pub fn drop_file(display: &str, target: Window, file: &Path) {
    let source = Source::open(display, target, file);
    source
        .send("XdndEnter", [source.window, XDND_VERSION << 24, source.atom("text/uri-list"), 0, 0]);
    let (end, mut position_due, mut dropped) = (now() + TIMEOUT, now(), false);
    loop {
        assert!(now() < end, "the window does not take what is dropped on it (dropped: {dropped})");
        if !dropped && now() >= position_due {
            source.send(
                "XdndPosition",
                [source.window, 0, source.position, 0, source.atom("XdndActionCopy")],
            );
            position_due = now() + POSITION_INTERVAL;
        }
        match source.connection.poll_for_event().expect("the display answers") {
            Some(Event::SelectionRequest(request)) => source.answer(request),
            Some(Event::ClientMessage(message)) if message.type_ == source.atom("XdndStatus") => {
                let accepted = message.data.as_data32()[1] & 1 == 1;
                if accepted && !dropped {
                    source.send("XdndDrop", [source.window, 0, 0, 0, 0]);
                    dropped = true;
                }
            }
            Some(Event::ClientMessage(message)) if message.type_ == source.atom("XdndFinished") => {
                return;
            }
            Some(_) => {}
            None => std::thread::sleep(POLL_INTERVAL),
        }
    }
}

/// The program that the file is dragged from.
struct Source {
    connection: RustConnection,
    window: Window,
    target: Window,
    /// The middle of the target on the display: x in the upper 16 bits, y in the lower.
    position: u32,
    uri_list: String,
}

impl Source {
    fn open(display: &str, target: Window, file: &Path) -> Self {
        let (connection, screen) = x11rb::connect(Some(display)).expect("the display answers");
        let root = connection.setup().roots[screen].root;
        let window = connection.generate_id().expect("an id");
        let (class, aux) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new().override_redirect(1));
        connection
            .create_window(0, window, root, 0, 0, 1, 1, 0, class, 0, &aux)
            .expect("asked")
            .check()
            .expect("a window");
        let size =
            connection.get_geometry(target).expect("asked").reply().expect("the target is there");
        let (x, y) = (size.width / 2, size.height / 2);
        let [x, y] = [x, y].map(|n| i16::try_from(n).expect("a window of this display"));
        let at = connection
            .translate_coordinates(target, root, x, y)
            .expect("asked")
            .reply()
            .expect("the target is there");
        let [x, y] = [at.dst_x, at.dst_y].map(|n| u32::from(n.unsigned_abs()));
        let uri_list =
            format!("file://{}\r\n", file.to_str().expect("a plain path").replace(' ', "%20"));
        let source = Self { connection, window, target, position: (x << 16) | y, uri_list };
        let selection = source.atom("XdndSelection");
        source
            .connection
            .set_selection_owner(window, selection, x11rb::CURRENT_TIME)
            .expect("asked")
            .check()
            .expect("owned");
        source
    }

    fn atom(&self, name: &str) -> Atom {
        self.connection
            .intern_atom(false, name.as_bytes())
            .expect("asked")
            .reply()
            .expect("an atom")
            .atom
    }

    fn send(&self, kind: &str, data: [u32; 5]) {
        let message = ClientMessageEvent::new(32, self.target, self.atom(kind), data);
        self.connection.send_event(false, self.target, EventMask::NO_EVENT, message).expect("sent");
        self.connection.sync().expect("the display has it");
    }

    /// Gives the target the file's address, as the one type that was offered.
    fn answer(&self, request: SelectionRequestEvent) {
        let offered = request.target == self.atom("text/uri-list");
        if offered {
            let bytes = self.uri_list.as_bytes();
            let put = self.connection.change_property8(
                PropMode::REPLACE,
                request.requestor,
                request.property,
                request.target,
                bytes,
            );
            put.expect("sent").check().expect("the target's window takes it");
        }
        let property = if offered { request.property } else { AtomEnum::NONE.into() };
        let notify = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property,
        };
        self.connection
            .send_event(false, request.requestor, EventMask::NO_EVENT, notify)
            .expect("sent");
        self.connection.sync().expect("the display has it");
    }
}
