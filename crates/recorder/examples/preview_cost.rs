//! What the preview of a rehearsal costs: shows the default screen, camera and microphone for some
//! seconds, and says how many pictures came and how much processor time this process used.
//!
//! `preview_cost [SECONDS] [CAMERA]`; the camera is off without a name.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use vignette_model::{Problem, SystemClock};
use vignette_recorder::{
    CaptureTarget, Credentials, DeviceSelector, Options, Recorder, Sources, library_url,
};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "it is what this program is for")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let seconds = words.next().map_or(Ok(20), |word| word.parse())?;
    let camera = words.next().map_or(DeviceSelector::Off, DeviceSelector::from);
    let folder = tempfile::tempdir()?;
    let recorder = Recorder::open(Options {
        spool: folder.path().join("spool"),
        library: library_url("http://127.0.0.1:9")?,
        credentials: Credentials::open(&folder.path().join("tokens")).map_err(Problem::from)?,
        clock: Arc::new(SystemClock::new()),
    })
    .map_err(Problem::from)?;
    let sources = Sources::new(DeviceSelector::Default, camera, DeviceSelector::Off);
    let rehearsal = recorder.rehearse(sources, CaptureTarget::Display, None).await;
    let rehearsal = rehearsal.map_err(Problem::from)?;
    let (mut screen, mut preview) = (rehearsal.screen(), rehearsal.preview());
    let (mut of_screen, mut of_camera) = (0_u32, 0_u32);
    let before = cpu_s()?;
    let end = tokio::time::sleep(Duration::from_secs(seconds));
    tokio::pin!(end);
    loop {
        tokio::select! {
            () = &mut end => break,
            changed = screen.changed() => { changed?; of_screen += 1; }
            changed = preview.changed() => { changed?; of_camera += 1; }
        }
    }
    let size = screen.borrow().as_ref().map(|picture| (picture.width, picture.height));
    let used = cpu_s()? - before;
    println!(
        "{seconds} s: {of_screen} pictures of the screen ({size:?}), {of_camera} of the camera, \
         {used:.2} s of processor time: {:.3} of a core",
        used / f64::from(u32::try_from(seconds)?)
    );
    Ok(())
}

/// Processor time that this process has used, in seconds: fields 14 and 15 of `proc(5)`'s `stat`, in
/// hundredths of a second.
fn cpu_s() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    let ticks: Vec<u32> = fields.split(' ').skip(11).take(2).flat_map(str::parse).collect();
    Ok(ticks.iter().map(|ticks| f64::from(*ticks)).sum::<f64>() / 100.0)
}
