//! [`Display`]: a connection to an X server, with the extensions that recording needs.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use x11rb::connection::{Connection, RequestConnection};
use x11rb::errors::{ConnectError, ConnectionError, ReplyError, ReplyOrIdError};
use x11rb::protocol::composite::{self, ConnectionExt as _};
use x11rb::protocol::damage::{self, ConnectionExt as _, ReportLevel};
use x11rb::protocol::randr::{ConnectionExt as _, NotifyMask};
use x11rb::protocol::shm::ConnectionExt as _;
use x11rb::protocol::xfixes::{ConnectionExt as _, CursorNotifyMask};
use x11rb::protocol::xinput::{ConnectionExt as _, Device, EventMask, XIEventMask};
use x11rb::protocol::xproto::{
    Atom, ChangeWindowAttributesAux, ConnectionExt as _, EventMask as WindowMask, Rectangle,
    Screen, Window,
};
use x11rb::protocol::{ErrorKind, Event, shm};
use x11rb::rust_connection::RustConnection;

use super::pixel_layout::PixelLayout;
use super::pointer::CursorPicture;
use super::region::Area;
use super::stack::still_there;

/// Why a display cannot be recorded, or no longer can.
#[derive(Debug)]
pub(super) enum X11Error {
    /// There is no X server, or it refused the connection.
    NoServer(ConnectError),
    /// The connection to the X server failed.
    Failed(ReplyOrIdError),
    /// It lacks an extension that recording needs.
    Lacks(&'static str),
    /// Its pixel format is not supported; the reason continues a sentence.
    PixelLayout(String),
    /// The selected monitor is not there.
    NoMonitor,
    /// The selected region lies outside of the display.
    NoRegion,
    /// There is no such window, or it is this program's own.
    NoWindow,
    /// The selected window was closed.
    WindowClosed,
    /// The selected window is minimised or otherwise not shown.
    WindowHidden,
    /// No shared memory could be allocated.
    NoMemory(io::Error),
}

impl fmt::Display for X11Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoServer(why) => write!(f, "no connection to the X server ({why})"),
            Self::Failed(ReplyOrIdError::ConnectionError(why)) => {
                write!(f, "the X server is gone ({why})")
            }
            Self::Failed(why) => write!(f, "the X server reports an error ({why})"),
            Self::Lacks(what) => write!(f, "the X server has no {what}"),
            Self::PixelLayout(why) => f.write_str(why),
            Self::NoMonitor => f.write_str("the display is not connected"),
            Self::NoRegion => f.write_str("the region lies outside of the display"),
            Self::NoWindow => f.write_str("there is no such window"),
            Self::WindowClosed => f.write_str("the window was closed"),
            Self::WindowHidden => f.write_str("the window is minimised"),
            Self::NoMemory(why) => write!(f, "no memory for its pictures ({why})"),
        }
    }
}

impl From<ReplyOrIdError> for X11Error {
    fn from(error: ReplyOrIdError) -> Self {
        Self::Failed(error)
    }
}

impl From<ReplyError> for X11Error {
    fn from(error: ReplyError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ConnectionError> for X11Error {
    fn from(error: ConnectionError) -> Self {
        Self::Failed(error.into())
    }
}

impl X11Error {
    /// Whether the server refused a request but is still connected.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Failed(ReplyOrIdError::X11Error(_)))
    }

    /// Whether the requested area lies outside of the screen.
    pub(super) fn is_out_of_bounds(&self) -> bool {
        let Self::Failed(ReplyOrIdError::X11Error(error)) = self else { return false };
        error.error_kind == ErrorKind::Match
    }
}

/// A monitor of an X screen.
pub(super) struct Monitor {
    pub(super) name: String,
    pub(super) primary: bool,
    pub(super) area: Area,
}

/// The changes of a display since the last call.
#[derive(Debug, Default)]
pub(super) struct DisplayChanges {
    /// Something was drawn.
    pub(super) drawn: bool,
    /// The pointer may have moved.
    pub(super) moved: bool,
    /// The pointer looks different.
    pub(super) reshaped: bool,
    /// Monitors or the screen's size changed.
    pub(super) rearranged: bool,
    /// Windows lie differently.
    pub(super) restacked: bool,
    /// Windows were made, shown, or put into others.
    pub(super) reframed: bool,
    /// The windows that were shown, each of which has other content since.
    pub(super) mapped: Vec<Window>,
    /// A property of the root window, such as its background, is another one.
    pub(super) redecorated: bool,
}

impl DisplayChanges {
    /// Merges further changes.
    pub(super) fn add(&mut self, more: Self) {
        self.drawn |= more.drawn;
        self.moved |= more.moved;
        self.reshaped |= more.reshaped;
        self.rearranged |= more.rearranged;
        self.restacked |= more.restacked;
        self.reframed |= more.reframed;
        more.mapped.into_iter().for_each(|window| self.add_mapped(window));
        self.redecorated |= more.redecorated;
    }

    fn add_mapped(&mut self, window: Window) {
        if !self.mapped.contains(&window) {
            self.mapped.push(window);
        }
    }

    /// Those that are not about how the windows lie.
    pub(super) fn without_stack(self) -> Self {
        Self { restacked: false, reframed: false, mapped: Vec::new(), ..self }
    }

    pub(super) fn any(&self) -> bool {
        self.drawn
            || self.moved
            || self.reshaped
            || self.rearranged
            || self.restacked
            || self.redecorated
    }
}

/// An X server's default screen.
pub(super) struct Display {
    connection: RustConnection,
    number: usize,
    root: Window,
    damage: u32,
    region: u32,
    /// The property that names the root window's background, once it is watched.
    background: Atom,
    /// The layout of its pixels.
    pub(super) layout: PixelLayout,
    /// Whether the server supports shared memory.
    pub(super) shares_memory: bool,
    /// Whether the server sends an event when the pointer moves; otherwise it is polled.
    pub(super) tells_motion: bool,
}

impl Display {
    /// Connects to the display of the session. Requests nothing else yet.
    pub(super) fn connect() -> Result<Self, X11Error> {
        let (connection, number) = x11rb::connect(None).map_err(X11Error::NoServer)?;
        let has =
            |extension| connection.extension_information(extension).map(|found| found.is_some());
        let screen = &connection.setup().roots[number];
        let layout = PixelLayout::of(connection.setup(), screen).map_err(X11Error::PixelLayout)?;
        // The version of an extension has to be negotiated before its first use.
        let lacks =
            |extension, what| if has(extension)? { Ok(()) } else { Err(X11Error::Lacks(what)) };
        lacks(x11rb::protocol::xfixes::X11_EXTENSION_NAME, "XFIXES extension")?;
        connection.xfixes_query_version(5, 0)?.reply()?;
        lacks(damage::X11_EXTENSION_NAME, "DAMAGE extension")?;
        connection.damage_query_version(1, 1)?.reply()?;
        // Pixels of two bytes have to be converted, so shared memory saves nothing.
        let shares_memory = layout.are_wide() && has(shm::X11_EXTENSION_NAME)? && {
            let version = connection.shm_query_version()?.reply()?;
            (version.major_version, version.minor_version) >= (1, 2)
        };
        let tells_motion = has(x11rb::protocol::xinput::X11_EXTENSION_NAME)? && {
            let version = connection.xinput_xi_query_version(2, 2)?.reply()?;
            version.major_version >= 2
        };
        let root = screen.root;
        Ok(Self {
            connection,
            number,
            root,
            damage: 0,
            region: 0,
            background: 0,
            layout,
            shares_memory,
            tells_motion,
        })
    }

    /// Subscribes to events.
    pub(super) fn subscribe(&mut self) -> Result<(), X11Error> {
        let (connection, root) = (&self.connection, self.root);
        if self.has_monitors()? {
            connection.randr_select_input(
                root,
                NotifyMask::SCREEN_CHANGE | NotifyMask::CRTC_CHANGE | NotifyMask::OUTPUT_CHANGE,
            )?;
        }
        connection.xfixes_select_cursor_input(root, CursorNotifyMask::DISPLAY_CURSOR)?;
        if self.tells_motion {
            let mask = EventMask {
                deviceid: Device::ALL_MASTER.into(),
                mask: vec![XIEventMask::RAW_MOTION],
            };
            connection.xinput_xi_select_events(root, &[mask])?;
        }
        self.region = connection.generate_id()?;
        connection.xfixes_create_region(self.region, &[])?;
        self.damage = connection.generate_id()?;
        connection.damage_create(self.damage, root, ReportLevel::NON_EMPTY)?.check()?;
        Ok(())
    }

    /// Subscribes to events about the windows on the root window, and about its background.
    pub(super) fn subscribe_to_windows(&mut self) -> Result<(), X11Error> {
        self.background = self.atom("_XROOTPMAP_ID")?;
        let mask = WindowMask::SUBSTRUCTURE_NOTIFY | WindowMask::PROPERTY_CHANGE;
        let aux = ChangeWindowAttributesAux::new().event_mask(mask);
        Ok(self.connection.change_window_attributes(self.root, &aux)?.check()?)
    }

    /// Subscribes to what is drawn in one window, in place of the whole screen, and to its changes.
    pub(super) fn subscribe_to_window(&mut self, window: Window) -> Result<(), X11Error> {
        let aux = ChangeWindowAttributesAux::new().event_mask(WindowMask::STRUCTURE_NOTIFY);
        self.connection.change_window_attributes(window, &aux)?.check()?;
        self.connection.damage_destroy(self.damage)?;
        self.damage = self.connection.generate_id()?;
        self.connection.damage_create(self.damage, window, ReportLevel::NON_EMPTY)?.check()?;
        Ok(())
    }

    /// Subscribes to the changes of the windows that a window lies in, up to the root window. With
    /// any of them it is hidden, without an event of its own.
    pub(super) fn subscribe_to_frames(&self, window: Window) -> Result<(), X11Error> {
        let aux = ChangeWindowAttributesAux::new().event_mask(WindowMask::STRUCTURE_NOTIFY);
        let mut inner = window;
        while let Some(tree) = still_there(self.connection.query_tree(inner)?.reply())? {
            if tree.parent == self.root || tree.parent == x11rb::NONE {
                break;
            }
            inner = tree.parent;
            self.connection.change_window_attributes(inner, &aux)?.ignore_error();
        }
        Ok(())
    }

    /// Whether a compositing manager draws the screen.
    pub(super) fn is_composited(&self) -> Result<bool, X11Error> {
        let selection = self.atom(&format!("_NET_WM_CM_S{}", self.number))?;
        Ok(self.connection.get_selection_owner(selection)?.reply()?.owner != x11rb::NONE)
    }

    /// The area of the whole screen.
    pub(super) fn whole(&self) -> Result<Area, X11Error> {
        let root = self.connection.get_geometry(self.root)?.reply()?;
        Ok(Area { x: 0, y: 0, width: root.width.into(), height: root.height.into() })
    }

    fn has_monitors(&self) -> Result<bool, X11Error> {
        let Some(_) =
            self.connection.extension_information(x11rb::protocol::randr::X11_EXTENSION_NAME)?
        else {
            return Ok(false);
        };
        let version = self.connection.randr_query_version(1, 5)?.reply()?;
        Ok((version.major_version, version.minor_version) >= (1, 5))
    }

    /// The active monitors, the preferred one first.
    pub(super) fn monitors(&self) -> Result<Vec<Monitor>, X11Error> {
        if !self.has_monitors()? {
            return Ok(Vec::new());
        }
        let mut monitors = Vec::new();
        for monitor in self.connection.randr_get_monitors(self.root, true)?.reply()?.monitors {
            let name = self.connection.get_atom_name(monitor.name)?.reply()?.name;
            monitors.push(Monitor {
                name: String::from_utf8_lossy(&name).into_owned(),
                primary: monitor.primary,
                area: Area {
                    x: monitor.x.into(),
                    y: monitor.y.into(),
                    width: monitor.width.into(),
                    height: monitor.height.into(),
                },
            });
        }
        monitors.sort_by_key(|monitor| !monitor.primary);
        Ok(monitors)
    }

    /// Whether this is the X server of a Wayland session, which sees only the windows of X
    /// programs.
    pub(super) fn is_xwayland(&self) -> Result<bool, X11Error> {
        Ok(self.connection.query_extension(b"XWAYLAND")?.reply()?.present)
    }

    /// The changes so far; does not wait.
    pub(super) fn changes(&self) -> Result<DisplayChanges, X11Error> {
        let mut changes = DisplayChanges::default();
        while let Some(event) = self.connection.poll_for_event()? {
            match event {
                Event::DamageNotify(_) => changes.drawn = true,
                Event::XinputRawMotion(_) => changes.moved = true,
                Event::XfixesCursorNotify(_) => changes.reshaped = true,
                Event::RandrScreenChangeNotify(_) | Event::RandrNotify(_) => {
                    changes.rearranged = true
                }
                Event::ConfigureNotify(_)
                | Event::UnmapNotify(_)
                | Event::DestroyNotify(_)
                | Event::CirculateNotify(_)
                | Event::ShapeNotify(_) => changes.restacked = true,
                Event::MapNotify(event) => {
                    (changes.restacked, changes.reframed) = (true, true);
                    changes.add_mapped(event.window);
                }
                Event::CreateNotify(_) | Event::ReparentNotify(_) => {
                    (changes.restacked, changes.reframed) = (true, true);
                }
                Event::PropertyNotify(event) if event.atom == self.background => {
                    changes.redecorated = true;
                }
                Event::Error(error) => tracing::debug!(?error, "The X server refused a request"),
                _ => {}
            }
        }
        Ok(changes)
    }

    /// The damaged region since the last call, in pixels of the root window.
    pub(super) fn take_damage(&self) -> Result<Vec<Rectangle>, X11Error> {
        self.take_damage_of(self.damage)
    }

    /// The same of another damage, in pixels of what it was made for; nothing if that is gone.
    pub(super) fn take_damage_of(&self, damage: u32) -> Result<Vec<Rectangle>, X11Error> {
        self.connection.xfixes_set_region(self.region, &[])?;
        self.connection.damage_subtract(damage, x11rb::NONE, self.region)?.ignore_error();
        Ok(self.connection.xfixes_fetch_region(self.region)?.reply()?.rectangles)
    }

    /// The position of the pointer in pixels of a window, if it is on this screen.
    pub(super) fn pointer(&self, window: Window) -> Result<Option<(i32, i32)>, X11Error> {
        let pointer = self.connection.query_pointer(window)?.reply()?;
        Ok(pointer.same_screen.then(|| (pointer.win_x.into(), pointer.win_y.into())))
    }

    /// The image of the pointer; empty if there is none, as on a server without a mouse.
    pub(super) fn pointer_shape(&self) -> Result<CursorPicture, X11Error> {
        let image = match self.connection.xfixes_get_cursor_image()?.reply() {
            Ok(image) => image,
            Err(ReplyError::X11Error(_)) => return Ok(CursorPicture::default()),
            Err(gone) => return Err(gone.into()),
        };
        Ok(CursorPicture {
            width: image.width.into(),
            height: image.height.into(),
            hot: (image.xhot.into(), image.yhot.into()),
            argb: image.cursor_image,
        })
    }

    /// Readable when [`Self::changes`] may have some.
    pub(super) fn events(&self) -> BorrowedFd<'_> {
        self.connection.stream().as_fd()
    }

    /// The connection, to fetch pictures.
    pub(super) fn connection(&self) -> &RustConnection {
        &self.connection
    }

    /// The screen as the server described it when the connection was made.
    pub(super) fn screen(&self) -> &Screen {
        &self.connection.setup().roots[self.number]
    }

    /// Negotiates the extension that gives the content of single windows.
    pub(super) fn require_composite(&self) -> Result<(), X11Error> {
        let name = composite::X11_EXTENSION_NAME;
        if self.connection.extension_information(name)?.is_none() {
            return Err(X11Error::Lacks("Composite extension"));
        }
        self.connection.composite_query_version(0, 4)?.reply()?;
        Ok(())
    }

    /// The atom of a name.
    pub(super) fn atom(&self, name: &str) -> Result<Atom, X11Error> {
        Ok(self.connection.intern_atom(false, name.as_bytes())?.reply()?.atom)
    }

    /// The root window.
    pub(super) fn root(&self) -> Window {
        self.root
    }
}
