//! The dependency rules between rooms, read from `cargo metadata`: each crate keeps some dependency out of the others,
//! and an edge that is not in this table does not exist.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// A crate of ours, which of ours it may use, and what it must never use directly.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
    never: &'static [&'static str],
}

const ROOMS: &[Room] = &[
    Room { name: "durable", may_use: &[], never: &["tokio", "serde"] },
    Room { name: "golden", may_use: &[], never: &["tokio", "serde"] },
    Room { name: "http", may_use: &[], never: &["tokio", "axum", "tauri"] },
    Room {
        name: "model",
        may_use: &[],
        never: &["tokio", "sqlx", "reqwest", "axum", "tauri", "ffmpeg-next"],
    },
    Room {
        name: "resample",
        may_use: &["model"],
        never: &["tokio", "ffmpeg-next", "cpal", "transcribe-cpp"],
    },
    Room {
        name: "fmp4",
        may_use: &["model"],
        never: &["tokio", "ffmpeg-next", "reqwest", "axum", "rustix", "libc"],
    },
    Room {
        name: "capture",
        may_use: &["model"],
        never: &["ffmpeg-next", "reqwest", "axum", "tokio"],
    },
    Room {
        name: "encode",
        may_use: &["model", "resample"],
        never: &["nokhwa", "cpal", "reqwest", "axum", "tokio"],
    },
    Room {
        name: "spool",
        may_use: &["durable", "model", "fmp4"],
        never: &["tokio", "reqwest", "axum", "ffmpeg-next"],
    },
    Room {
        name: "upload",
        may_use: &["durable", "http", "model", "spool"],
        never: &["ffmpeg-next", "axum", "tauri"],
    },
    Room {
        name: "transcribe",
        may_use: &["durable", "http", "model", "resample"],
        never: &["ffmpeg-next", "axum", "tauri"],
    },
    Room {
        name: "insights",
        may_use: &["http", "model"],
        never: &["ffmpeg-next", "axum", "tauri"],
    },
    Room {
        name: "recorder",
        may_use: &[
            "durable",
            "model",
            "resample",
            "fmp4",
            "capture",
            "encode",
            "spool",
            "upload",
            "transcribe",
            "insights",
        ],
        never: &["tauri", "axum", "ffmpeg-next", "nokhwa", "cpal", "reqwest"],
    },
    Room {
        name: "library",
        may_use: &["durable", "model", "fmp4"],
        never: &["axum", "ffmpeg-next", "sqlx"],
    },
    Room { name: "store-sqlite", may_use: &["library", "model"], never: &["axum", "ffmpeg-next"] },
    Room {
        name: "store-postgres",
        may_use: &["library", "model"],
        never: &["axum", "ffmpeg-next"],
    },
    Room {
        name: "server",
        may_use: &["durable", "library", "store-sqlite", "store-postgres", "model"],
        never: &["sqlx", "ffmpeg-next", "nokhwa", "cpal", "tauri"],
    },
    Room {
        name: "studio",
        may_use: &["durable", "recorder", "server", "model"],
        never: &["tauri", "clap", "axum", "reqwest", "sqlx", "ffmpeg-next"],
    },
    Room {
        name: "cli",
        may_use: &["studio", "recorder", "model"],
        never: &["tauri", "ffmpeg-next", "axum", "sqlx"],
    },
    Room {
        name: "desktop",
        may_use: &["studio", "recorder", "model"],
        never: &["ffmpeg-next", "axum", "sqlx", "reqwest"],
    },
];

#[test]
fn no_room_uses_what_it_must_not() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let metadata =
        MetadataCommand::new().manifest_path(root).no_deps().exec().expect("cargo metadata runs");
    let rooms: BTreeMap<_, _> = ROOMS.iter().map(|room| (room.name, room)).collect();
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let name = package.name.trim_start_matches("vignette-");
        if name == "tests" {
            continue;
        }
        let Some(room) = rooms.get(name) else {
            wrong.push(format!("{name} is not in the table of rooms"));
            continue;
        };
        let used: BTreeSet<_> = package
            .dependencies
            .iter()
            .filter(|d| d.kind == DependencyKind::Normal)
            .map(|d| d.name.as_str())
            .collect();
        for ours in used
            .iter()
            .filter_map(|d| d.strip_prefix("vignette-"))
            .filter(|d| !room.may_use.contains(d))
        {
            wrong.push(format!("{name} must not use {ours}"));
        }
        wrong.extend(
            room.never
                .iter()
                .filter(|n| used.contains(*n))
                .map(|n| format!("{name} must never use {n}")),
        );
    }
    assert!(wrong.is_empty(), "forbidden edges:\n{}", wrong.join("\n"));
}
