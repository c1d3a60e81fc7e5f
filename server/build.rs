//! Makes sure that the folder of the built pages exists, so that the library builds without npm; then it serves its pages
//! without script and style, and says so in its log.

use std::path::Path;

fn main() {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/dist");
    if let Err(error) = std::fs::create_dir_all(&built) {
        println!("cargo:warning=ui/dist cannot be made: {error}");
    }
    // Debug builds read the folder when they run. Release builds carry it, and are made anew when it changes.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed=../ui/dist");
        if !built.join(".vite/manifest.json").exists() {
            println!(
                "cargo:warning=ui/dist is not built: pages will have no script and no style (npm run build in ui/)"
            );
        }
    } else {
        println!("cargo:rerun-if-changed=build.rs");
    }
}
