//! What capturing costs: takes every picture of the default screen for some seconds and says how
//! many there were and how much processor time this process used.
//!
//! ```text
//! capture_cost [SECONDS]          records
//! capture_cost paint [SECONDS]    draws full motion on the display instead, 60 times a second
//! ```

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1).peekable();
    let paints = words.next_if_eq("paint").is_some();
    let seconds = words.next().map_or(Ok(10), |word| word.parse())?;
    if paints { cost::paint(seconds) } else { cost::record(seconds) }
}

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod cost {
    use std::error::Error;
    use std::sync::Arc;
    use std::time::Duration;

    use vignette_capture::{DeviceSelector, StartOptions, screen};
    use vignette_model::{Captured, Span, SystemClock, TakeClock};
    use x11rb::connection::Connection;
    use x11rb::protocol::xproto::{
        ChangeGCAux, ConnectionExt, CreateGCAux, CreateWindowAux, Rectangle, WindowClass,
    };

    /// Records for so many seconds.
    #[expect(clippy::print_stdout, reason = "it is what this program is for")]
    pub(super) fn record(seconds: u64) -> Result<(), Box<dyn Error>> {
        let clock = TakeClock::begin(Arc::new(SystemClock::new()));
        let (out, captured) = crossbeam_channel::bounded(4);
        let _running = screen(&DeviceSelector::Default)?.start(
            &StartOptions::default(),
            clock.clone(),
            out,
        )?;
        let (mut frames, mut bytes) = (0u64, 0usize);
        let before = cpu_ticks()?;
        let end = clock.now() + Span::from_secs(seconds);
        while clock.now() < end {
            if let Ok(Captured::Frame(frame)) = captured.recv_timeout(Duration::from_millis(500)) {
                frames += 1;
                bytes +=
                    frame.pixels()?.patches.iter().map(|patch| patch.pixels.len()).sum::<usize>();
            }
        }
        let centiseconds = cpu_ticks()? - before;
        println!(
            "{frames} frames in {seconds} s, {} MB, {} ms of processor time: {} % of a core",
            bytes / 1_000_000,
            centiseconds * 10,
            centiseconds / seconds
        );
        Ok(())
    }

    /// User and system time of this process, in hundredths of a second.
    fn cpu_ticks() -> Result<u64, Box<dyn Error>> {
        let stat = std::fs::read_to_string("/proc/self/stat")?;
        let after_name = stat.rsplit_once(") ").ok_or("no stat")?.1;
        let fields: Vec<&str> = after_name.split(' ').collect();
        Ok(fields[11].parse::<u64>()? + fields[12].parse::<u64>()?)
    }

    /// Draws for so many seconds.
    pub(super) fn paint(seconds: u64) -> Result<(), Box<dyn Error>> {
        let (connection, number) = x11rb::connect(None)?;
        let screen = &connection.setup().roots[number];
        let (width, height) = (screen.width_in_pixels, screen.height_in_pixels);
        let (window, gc) = (connection.generate_id()?, connection.generate_id()?);
        let (class, aux) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new().override_redirect(1));
        connection.create_window(
            24,
            window,
            screen.root,
            0,
            0,
            width,
            height,
            0,
            class,
            0,
            &aux,
        )?;
        connection.map_window(window)?;
        connection.create_gc(gc, window, &CreateGCAux::new())?;
        for round in 0..seconds * 60 {
            let bars = (0..16u16).map(|bar| {
                let x = i16::try_from((u64::from(bar * 120) + round * 4) % u64::from(width))
                    .unwrap_or_default();
                Rectangle { x, y: 0, width: 60, height }
            });
            for colour in [0x20_2020, 0xd0_8040] {
                connection.change_gc(gc, &ChangeGCAux::new().foreground(colour))?;
                let whole = Rectangle { x: 0, y: 0, width, height };
                let rectangles =
                    if colour == 0x20_2020 { vec![whole] } else { bars.clone().collect() };
                connection.poly_fill_rectangle(window, gc, &rectangles)?;
            }
            connection.get_input_focus()?.reply()?;
            std::thread::sleep(Duration::from_micros(16_000));
        }
        Ok(())
    }
}
