//! Puts the window's configuration, icons, capabilities and pages into the program.

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    // The program carries the pages, so new pages make a new program.
    println!("cargo:rerun-if-changed=ui/dist");
    let attributes =
        tauri_build::Attributes::new().capabilities_path_pattern("./src-tauri/capabilities/**/*");
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:error={error:#}");
        std::process::exit(1);
    }
}
