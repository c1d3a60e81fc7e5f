//! The programs of the recorder's computer are glue. What decides, waits, asks a library or makes a
//! sentence that another program could need stands in `studio`, once.

use std::collections::BTreeMap;

use crate::sources::sources;

/// The lines of a program without comments, blank lines and unit tests.
struct Glue {
    room: &'static str,
    /// Files that declare an interface and do nothing: they grow with what a person may ask.
    declarations: &'static [&'static str],
    /// How many lines the rest may have.
    most: usize,
}

const PROGRAMS: &[Glue] = &[
    // What remains: the sentence and the JSON event for each thing that a command says (two thirds),
    // the terminal's line and prompt, Ctrl-C, tokens from files, the running app.
    Glue { room: "cli", declarations: &["args.rs"], most: 1_070 },
    // What remains: the signatures of the commands, which Tauri wants as functions (a quarter), the
    // window and those that float, which each toolkit wants placed in its own way, shortcuts, tray,
    // dialogs, clipboard.
    Glue { room: "src-tauri", declarations: &["ipc.rs", "events.rs"], most: 1_775 },
];

#[test]
fn programs_are_glue() {
    let mut lines = BTreeMap::<String, usize>::new();
    for source in sources() {
        let declares = PROGRAMS.iter().any(|program| {
            program.room == source.room
                && program.declarations.iter().any(|file| source.path.as_os_str() == *file)
        });
        if !declares {
            let code = source.code.lines().filter(|line| !line.trim().is_empty());
            *lines.entry(source.room).or_default() += code.count();
        }
    }
    for Glue { room, most, .. } in PROGRAMS {
        let has = lines[*room];
        assert!(has <= *most, "{room} has {has} lines of glue, more than {most}");
        assert!(has + 25 > *most, "{room} has {has} lines of glue: lower its limit of {most}");
    }
}
