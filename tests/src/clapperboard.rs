//! [`Clapperboard`]: a window that changes once a second, and a beep at that instant, from one thread: what is recorded of
//! both shows whether picture and sound are in sync.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ConnectionExt as _, CreateWindowAux, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use crate::display::Display;
use crate::process::now;
use crate::sound::Sound;

/// What of the microphone is written at once.
const BLOCK: Duration = Duration::from_millis(10);
const BLOCK_SAMPLES: u32 = 480;
/// A change and a beep every so many blocks, and so many of them are the beep.
const PERIOD: u32 = 100;
const BEEP: u32 = 10;

/// It claps until it is dropped.
#[derive(Debug)]
pub struct Clapperboard {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Duration>>,
}

impl Clapperboard {
    /// What to record to hear it.
    pub const MICROPHONE: &'static str = "pulseaudio:pipe";
    /// Where the window lies: its left and upper edges, and its side.
    pub const WINDOW: (i16, i16, u16) = (64, 64, 256);

    /// Opens the window, above those that are there, and begins. Between beeps of 1 kHz the microphone hears a murmur, so that
    /// none of it is silence.
    ///
    /// # Panics
    /// If display or sound server will not have it.
    #[must_use]
    pub fn start(display: &Display, sound: &Sound) -> Self {
        let pipe = sound.pipe_microphone();
        let (connection, number) =
            x11rb::connect(Some(&display.name)).expect("the X server answers");
        let window = connection.generate_id().expect("an id");
        let root = connection.setup().roots[number].root;
        let (left, top, side) = Self::WINDOW;
        let aux = CreateWindowAux::new().background_pixel(0).override_redirect(1);
        let created = connection.create_window(
            0,
            window,
            root,
            left,
            top,
            side,
            side,
            0,
            WindowClass::INPUT_OUTPUT,
            0,
            &aux,
        );
        created.expect("a window").check().expect("a window");
        connection.map_window(window).expect("it is shown").check().expect("it is shown");
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let thread = Some(thread::spawn(move || clap(&connection, window, &pipe, &asked)));
        Self { stop, thread }
    }

    /// Ends it; gives how long after its beep the latest change was shown, since threads wait for their processor.
    ///
    /// # Panics
    /// If it could not go on.
    #[must_use]
    pub fn end(mut self) -> Duration {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().expect("it runs").join().expect("it claps to the end")
    }
}

impl Drop for Clapperboard {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn clap(connection: &RustConnection, window: Window, pipe: &Path, stop: &AtomicBool) -> Duration {
    let mut microphone = File::options().write(true).open(pipe).expect("the sound server listens");
    let (began, mut latest, mut white) = (now(), Duration::ZERO, false);
    for block in 0_u32.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let captured = began + BLOCK * block;
        if block % PERIOD == 0 {
            white = !white;
            let aux = ChangeWindowAttributesAux::new().background_pixel(if white {
                0xff_ffff
            } else {
                0
            });
            connection.change_window_attributes(window, &aux).expect("a colour");
            connection.clear_area(false, window, 0, 0, 0, 0).expect("it is seen");
            connection.get_input_focus().expect("a question").reply().expect("all of it was done");
            latest = latest.max(captured.elapsed());
        }
        // A card hands over a block when the last of it was captured.
        thread::sleep((captured + BLOCK).saturating_duration_since(now()));
        let (hertz, amplitude) =
            if block % PERIOD < BEEP { (1_000.0, 16_384.0) } else { (250.0, 1_638.0) };
        #[expect(clippy::cast_possible_truncation, reason = "below full scale")]
        let sample = |n: u32| {
            ((f64::from(n) * std::f64::consts::TAU * hertz / 48_000.0).cos() * amplitude) as i16
        };
        let bytes: Vec<u8> = (0..BLOCK_SAMPLES).flat_map(|n| sample(n).to_le_bytes()).collect();
        microphone.write_all(&bytes).expect("the sound server takes it");
    }
    latest
}
