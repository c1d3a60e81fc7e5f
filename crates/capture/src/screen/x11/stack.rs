//! [`Stack`]: the windows that lie directly on the root window, from the lowest up, and which of
//! them are this program's own.
//!
//! A window belongs to the client that made it, whose numbers all begin alike; X-Resource names the
//! process behind each client. The frame that a window manager puts around one of our windows is the
//! window manager's, so what lies within a window is looked at, too.

use std::collections::HashMap;

use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::errors::ReplyError;
use x11rb::protocol::res::{self, ClientIdMask, ClientIdSpec, ConnectionExt as _};
use x11rb::protocol::xproto::{
    AtomEnum, ConnectionExt as _, MapState, Visualid, Window, WindowClass,
};

use super::display::{Display, X11Error};
use super::region::Area;

/// How deep within a frame a program's window may lie. KDE's window manager has one window between.
const FRAME_DEPTH: usize = 3;

/// How many bits the number of a client's window has at most, by the X protocol.
const CLIENT_ID_BITS: u32 = 29;

/// A window that lies directly on the root window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TopLevel {
    pub(super) id: Window,
    /// With its border, in pixels of the root window.
    pub(super) area: Area,
    pub(super) border: u32,
    pub(super) depth: u8,
    pub(super) visual: Visualid,
    /// Whether it, or a window within it, is this program's.
    pub(super) own: bool,
}

/// The windows that can be seen, from the lowest up.
#[derive(Debug, Default)]
pub(super) struct Stack {
    pub(super) windows: Vec<TopLevel>,
}

/// Which windows are this program's.
pub(super) struct OwnWindows {
    /// What the numbers of windows of this program begin with.
    clients: Vec<u32>,
    mask: u32,
    /// The property that names a window's process, where the server does not tell.
    pid: Option<u32>,
    /// What was found of windows that are others', or frames.
    known: HashMap<Window, bool>,
}

impl OwnWindows {
    /// Asks the server which of its clients are this process.
    pub(super) fn ask(display: &Display) -> Result<Self, X11Error> {
        let connection = display.connection();
        let setup = connection.setup();
        let (base, mask) = (setup.resource_id_base, !setup.resource_id_mask);
        let mut clients = vec![base];
        let mut pid = None;
        if tells_processes(display)? {
            let all = ClientIdSpec { client: 0, mask: ClientIdMask::LOCAL_CLIENT_PID };
            let ids = connection.res_query_client_ids(&[all])?.reply()?.ids;
            // By the server's number of this process, which differs from ours in a container.
            let ours = ids.iter().find(|id| id.spec.client & mask == base & mask);
            let ours = ours.map(|id| id.value.clone()).filter(|value| !value.is_empty());
            let alike = ids.iter().filter(|id| Some(&id.value) == ours.as_ref());
            clients.extend(alike.map(|id| id.spec.client));
        } else {
            pid = Some(display.atom("_NET_WM_PID")?);
        }
        clients.iter_mut().for_each(|client| *client &= mask);
        Ok(Self { clients, mask, pid, known: HashMap::new() })
    }

    /// Whether this program made a window.
    fn made(&self, window: Window) -> bool {
        self.clients.contains(&(window & self.mask))
    }

    /// Which of these are this program's: made by it, or by their property.
    pub(super) fn are_own(
        &self,
        display: &Display,
        windows: &[Window],
    ) -> Result<Vec<bool>, X11Error> {
        let Some(pid) = self.pid else {
            return Ok(windows.iter().map(|window| self.made(*window)).collect());
        };
        let ask = |window: &Window| {
            let kind = AtomEnum::CARDINAL;
            display.connection().get_property(false, *window, pid, kind, 0, 1)
        };
        let cookies = windows.iter().map(ask).collect::<Result<Vec<_>, _>>()?;
        let mut own = Vec::with_capacity(windows.len());
        for (window, cookie) in windows.iter().zip(cookies) {
            let property = still_there(cookie.reply())?;
            let named = property.and_then(|property| property.value32()?.next());
            own.push(self.made(*window) || named == Some(std::process::id()));
        }
        Ok(own)
    }

    /// Which of these windows are this program's, or contain one that is.
    fn contain_own(
        &mut self,
        display: &Display,
        windows: &[Window],
    ) -> Result<HashMap<Window, bool>, X11Error> {
        self.known.retain(|window, _| windows.contains(window));
        let unknown: Vec<Window> =
            windows.iter().copied().filter(|window| !self.known.contains_key(window)).collect();
        self.known.extend(unknown.iter().map(|window| (*window, false)));
        // Each window that is looked into, and the one directly on the root that it lies in.
        let mut level: Vec<(Window, Window)> = unknown.iter().map(|&w| (w, w)).collect();
        for depth in 0..=FRAME_DEPTH {
            let inner: Vec<Window> = level.iter().map(|(window, _)| *window).collect();
            for ((_, outermost), own) in level.iter().zip(self.are_own(display, &inner)?) {
                if own {
                    self.known.insert(*outermost, true);
                }
            }
            level.retain(|(_, outermost)| self.known.get(outermost) == Some(&false));
            if depth == FRAME_DEPTH || level.is_empty() {
                break;
            }
            let ask = |(window, _): &(Window, Window)| display.connection().query_tree(*window);
            let cookies = level.iter().map(ask).collect::<Result<Vec<_>, _>>()?;
            let mut deeper = Vec::new();
            for ((_, outermost), cookie) in level.iter().zip(cookies) {
                let children = still_there(cookie.reply())?.map(|tree| tree.children);
                deeper.extend(children.into_iter().flatten().map(|child| (child, *outermost)));
            }
            level = deeper;
        }
        Ok(self.known.clone())
    }
}

impl Stack {
    /// The windows as they lie now.
    pub(super) fn read(display: &Display, own: &mut OwnWindows) -> Result<Self, X11Error> {
        let connection = display.connection();
        let children = connection.query_tree(display.root())?.reply()?.children;
        let mut cookies = Vec::with_capacity(children.len());
        for window in &children {
            let attributes = connection.get_window_attributes(*window)?;
            cookies.push((*window, attributes, connection.get_geometry(*window)?));
        }
        let mut windows = Vec::new();
        for (id, attributes, geometry) in cookies {
            // A window may be gone by now.
            let (attributes, geometry) =
                (still_there(attributes.reply())?, still_there(geometry.reply())?);
            let Some((attributes, geometry)) = attributes.zip(geometry) else { continue };
            // What the server itself made is the surface that a compositing manager draws on: the
            // numbers of clients' windows have 29 bits.
            if id >> CLIENT_ID_BITS != 0 {
                continue;
            }
            if attributes.map_state != MapState::VIEWABLE
                || attributes.class != WindowClass::INPUT_OUTPUT
            {
                continue;
            }
            let border = u32::from(geometry.border_width);
            windows.push(TopLevel {
                id,
                area: Area {
                    x: geometry.x.into(),
                    y: geometry.y.into(),
                    width: u32::from(geometry.width) + 2 * border,
                    height: u32::from(geometry.height) + 2 * border,
                },
                border,
                depth: geometry.depth,
                visual: attributes.visual,
                own: false,
            });
        }
        let ids: Vec<Window> = windows.iter().map(|window| window.id).collect();
        let ours = own.contain_own(display, &ids)?;
        for window in &mut windows {
            window.own = ours.get(&window.id) == Some(&true);
        }
        Ok(Self { windows })
    }
}

/// An answer about a window; none if the window is gone.
pub(super) fn still_there<T>(reply: Result<T, ReplyError>) -> Result<Option<T>, X11Error> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(ReplyError::X11Error(_)) => Ok(None),
        Err(gone) => Err(gone.into()),
    }
}

/// Whether the server names the processes of its clients.
fn tells_processes(display: &Display) -> Result<bool, X11Error> {
    let connection = display.connection();
    if connection.extension_information(res::X11_EXTENSION_NAME)?.is_none() {
        return Ok(false);
    }
    let version = connection.res_query_version(1, 2)?.reply()?;
    Ok((version.server_major, version.server_minor) >= (1, 2))
}
