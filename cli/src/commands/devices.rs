//! `vignette devices`: what can be recorded here.

use vignette_model::Problem;
use vignette_recorder::Device;

use crate::exit::{Exit, Failure};
use crate::output::Output;

/// Lists screens, cameras and microphones, the preferred first.
pub(crate) async fn run(output: &Output) -> Result<Exit, Failure> {
    let devices = vignette_studio::devices().await?;
    let kinds = [
        ("Screens", &devices.screens),
        ("Cameras", &devices.cameras),
        ("Microphones", &devices.microphones),
    ];
    let mut text = kinds.map(|(kind, found)| format!("{kind}\n{}", list(found))).join("\n");
    if let Some(Problem { message, help, .. }) = &devices.microphone_problem {
        text = format!("{}  {message}.\n  {help}\n", text.trim_end_matches("  none\n"));
    }
    output.say(&devices, text);
    Ok(Exit::Done)
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
