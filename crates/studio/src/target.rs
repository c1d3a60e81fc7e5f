//! [`target`]: what of the screen is recorded, as a person names it.

use vignette_model::Rect;
use vignette_recorder::{CaptureTarget, WindowView};

use crate::StudioError;
use crate::studio::windows;

/// The window that a person named by its number or by part of its title or program, or a region, or
/// else the display.
///
/// # Errors
/// [`StudioError::NoSuchWindow`], with those that there are; as [`windows`].
pub async fn target(
    window: Option<&str>,
    region: Option<Rect>,
) -> Result<CaptureTarget, StudioError> {
    match (window, region) {
        (Some(wanted), _) => {
            let there = windows(false).await?;
            let found = find(wanted, &there).map(|window| CaptureTarget::Window { id: window.id });
            found.ok_or_else(|| StudioError::NoSuchWindow {
                wanted: wanted.to_owned(),
                there: there.into_iter().map(|window| window.title).collect(),
            })
        }
        (None, Some(rect)) => Ok(CaptureTarget::Region { rect }),
        (None, None) => Ok(CaptureTarget::Display),
    }
}

/// By number, by title, by part of the title, by part of the program, in this order, ignoring case.
fn find<'a>(wanted: &str, windows: &'a [WindowView]) -> Option<&'a WindowView> {
    let lower = wanted.trim().to_lowercase();
    let by = |fits: &dyn Fn(&WindowView) -> bool| windows.iter().find(|window| fits(window));
    let part = |text: &str| !lower.is_empty() && text.to_lowercase().contains(&lower);
    by(&|window| window.id.to_string() == lower)
        .or_else(|| by(&|window| window.title.to_lowercase() == lower && !lower.is_empty()))
        .or_else(|| by(&|window| part(&window.title)))
        .or_else(|| by(&|window| part(&window.program)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_before_titles_and_titles_before_programs() {
        let window = |id, title: &str, program: &str| WindowView {
            id,
            title: title.to_owned(),
            program: program.to_owned(),
            width: 100,
            height: 100,
            picture: None,
        };
        let windows = [
            window(7, "Mail – 12 new", "Browser"),
            window(12, "Notes", "Editor"),
            window(9, "Notes of Tuesday", "Mail"),
        ];
        for (wanted, id) in [
            ("12", Some(12)),
            ("notes", Some(12)),
            ("TUESDAY", Some(9)),
            ("mail", Some(7)),
            ("browser", Some(7)),
            ("sheet", None),
            (" ", None),
        ] {
            assert_eq!(find(wanted, &windows).map(|window| window.id), id, "{wanted}");
        }
    }
}
