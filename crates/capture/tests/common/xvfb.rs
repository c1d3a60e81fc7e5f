//! An X server without a screen, and a program that draws on it.

use std::ffi::OsStr;
use std::process::Command;

use vignette_model::{Frame, PixelFormat};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    ChangeGCAux, ConnectionExt, CreateGCAux, CreateWindowAux, Gcontext, ImageFormat, Rectangle,
    Window, WindowClass,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use super::{Daemon, again, inside, line, start};

/// Starts an X server, runs the test called `test` again inside, and comes back with `None`; inside
/// it comes back with the means to draw.
pub fn within(test: &str, screen: &str, options: &[&str]) -> Option<Painter> {
    if inside().is_some() {
        return Some(Painter::connect());
    }
    let (server, number) = serve(screen, options);
    again(test, &number, &[("DISPLAY", OsStr::new(&format!(":{number}")))]);
    drop(server);
    None
}

/// A server with a screen of `WIDTHxHEIGHT` and 24 bits, or `WIDTHxHEIGHTxBITS`, on a number that
/// is free.
pub fn serve(screen: &str, options: &[&str]) -> (Daemon, String) {
    let mut command = Command::new("Xvfb");
    let screen =
        if screen.matches('x').count() == 1 { format!("{screen}x24") } else { screen.to_owned() };
    command
        .args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset"])
        .args(options);
    let (server, mut out) = start(&mut command);
    let number = line(&mut out);
    assert!(!number.is_empty(), "Xvfb did not start");
    (server, number)
}

/// Draws on a window that covers the whole screen, which is black at first.
pub struct Painter {
    pub connection: RustConnection,
    pub root: Window,
    pub window: Window,
    pub width: u16,
    pub height: u16,
    gc: Gcontext,
}

impl Painter {
    pub fn connect() -> Self {
        let (connection, number) = x11rb::connect(None).expect("the rig's X server answers");
        let screen = &connection.setup().roots[number];
        let (root, width, height) = (screen.root, screen.width_in_pixels, screen.height_in_pixels);
        let window = connection.generate_id().unwrap();
        let aux = CreateWindowAux::new().background_pixel(0).override_redirect(1);
        let class = WindowClass::INPUT_OUTPUT;
        connection.create_window(0, window, root, 0, 0, width, height, 0, class, 0, &aux).unwrap();
        connection.map_window(window).unwrap();
        let gc = connection.generate_id().unwrap();
        connection.create_gc(gc, window, &CreateGCAux::new()).unwrap();
        let painter = Self { connection, root, window, width, height, gc };
        painter.settle();
        painter
    }

    /// Waits until the server has done all that was asked.
    pub fn settle(&self) {
        self.connection.get_input_focus().unwrap().reply().unwrap();
    }

    /// Fills a rectangle with a colour: `0xRRGGBB` where there are 24 bits.
    pub fn fill(&self, x: i16, y: i16, width: u16, height: u16, colour: u32) {
        self.connection.change_gc(self.gc, &ChangeGCAux::new().foreground(colour)).unwrap();
        self.connection
            .poly_fill_rectangle(self.window, self.gc, &[Rectangle { x, y, width, height }])
            .unwrap();
        self.settle();
    }

    /// Moves the pointer as a mouse would.
    pub fn point(&self, x: i16, y: i16) {
        const MOTION_NOTIFY: u8 = 6;
        self.connection.xtest_fake_input(MOTION_NOTIFY, 0, 0, self.root, x, y, 0).unwrap();
        self.settle();
    }

    /// Gives the window a pointer of the cursor font: two glyphs, shape and mask. 68 is `left_ptr`,
    /// 30 is `cross`.
    pub fn dress_pointer(&self, glyph: u16) {
        let (font, cursor) =
            (self.connection.generate_id().unwrap(), self.connection.generate_id().unwrap());
        self.connection.open_font(font, b"cursor").unwrap();
        let (red, yellow) = ((0xffff, 0, 0), (0xffff, 0xffff, 0));
        self.connection
            .create_glyph_cursor(
                cursor,
                font,
                font,
                glyph,
                glyph + 1,
                red.0,
                red.1,
                red.2,
                yellow.0,
                yellow.1,
                yellow.2,
            )
            .unwrap();
        let aux = x11rb::protocol::xproto::ChangeWindowAttributesAux::new().cursor(cursor);
        self.connection.change_window_attributes(self.window, &aux).unwrap();
        self.settle();
    }

    /// The screen as the server has it, without the pointer.
    pub fn truth(&self) -> Vec<u32> {
        let (width, height) = (self.width, self.height);
        let image = self
            .connection
            .get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, width, height, !0)
            .unwrap()
            .reply()
            .unwrap();
        pixels(&image.data)
    }
}

fn pixels(bgrx: &[u8]) -> Vec<u32> {
    bgrx.as_chunks().0.iter().map(|&p| u32::from_le_bytes(p) & 0xff_ffff).collect()
}

/// What somebody sees who lays all patches on each other.
#[derive(Default)]
pub struct Viewer {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u32>,
}

impl Viewer {
    pub fn see(&mut self, frame: &Frame) {
        let changed = frame.pixels().unwrap();
        assert_eq!(changed.format, PixelFormat::Bgrx);
        let size = (frame.width as usize, frame.height as usize);
        if (self.width, self.height) != size {
            let [patch] = &changed.patches[..] else { panic!("the first picture is one patch") };
            assert_eq!(
                (patch.rect.width, patch.rect.height),
                (frame.width, frame.height),
                "and shows everything"
            );
            (self.width, self.height) = size;
            self.pixels = vec![0x123456; size.0 * size.1];
        }
        for patch in &changed.patches {
            let (x, width) = (patch.rect.x as usize, patch.rect.width as usize);
            for row in 0..patch.rect.height as usize {
                let from = &patch.pixels[row * patch.stride_bytes..][..width * 4];
                let start = (patch.rect.y as usize + row) * self.width + x;
                self.pixels[start..start + width].copy_from_slice(&pixels(from));
            }
        }
    }

    pub fn at(&self, x: usize, y: usize) -> u32 {
        self.pixels[y * self.width + x]
    }
}
