//! `vignette devices`: what can be recorded here.

use serde::Serialize;
use vignette_model::Problem;
use vignette_recorder::{Device, Devices, WindowView};

use crate::exit::{Exit, Failure};
use crate::output::Output;

/// Lists screens, windows, cameras and microphones, the preferred first.
pub(crate) async fn run(output: &Output) -> Result<Exit, Failure> {
    let devices = vignette_studio::devices().await?;
    // Where windows cannot be recorded alone there are none.
    let windows = vignette_studio::windows(false).await.unwrap_or_default();
    let kinds = [
        ("Screens", &devices.screens),
        ("Cameras", &devices.cameras),
        ("Microphones", &devices.microphones),
    ];
    let mut text = kinds.map(|(kind, found)| format!("{kind}\n{}", list(found))).join("\n");
    if let Some(Problem { message, help, .. }) = &devices.microphone_problem {
        text = format!("{}  {message}.\n  {help}\n", text.trim_end_matches("  none\n"));
    }
    let lines: String = windows.iter().map(window_line).collect();
    text = format!("{text}\nWindows\n{}", if lines.is_empty() { "  none\n" } else { &lines });
    output.say(&Listed { devices: &devices, windows: &windows }, text);
    Ok(Exit::Done)
}

/// Devices and windows as a program reads them.
#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    devices: &'a Devices,
    windows: &'a [WindowView],
}

/// A window on a line, by what `vignette record --window` takes.
fn window_line(window: &WindowView) -> String {
    let WindowView { id, title, program, width, height, .. } = window;
    format!("    {title} · {program}  {width}×{height}  ({id})\n")
}

fn list(devices: &[Device]) -> String {
    if devices.is_empty() {
        return "  none\n".into();
    }
    let line = |d: &Device| {
        let size = d.width.zip(d.height).map(|(w, h)| format!("  {w}×{h}")).unwrap_or_default();
        format!("  {} {}{size}  ({})\n", if d.default { '*' } else { ' ' }, d.name, d.id)
    };
    devices.iter().map(line).collect()
}
