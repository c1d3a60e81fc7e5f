//! Refuses a speech engine that was built for the build machine's own processor or libraries,
//! however that came about: it would not run on other computers. `.cargo/config.toml` has the right
//! settings for every build inside this folder.

use std::env;
use std::fs;
use std::path::PathBuf;

/// Settings of the engine's build that a program for others must have.
const WANTED: [&str; 2] = ["GGML_NATIVE:BOOL=OFF", "TRANSCRIBE_USE_SYSTEM_BLAS:BOOL=OFF"];

fn main() -> Result<(), String> {
    println!("cargo:rerun-if-env-changed=DEP_TRANSCRIBE_CPP_LIB_DIR");
    println!("cargo:rerun-if-env-changed=TRANSCRIBE_DIR");
    let libraries = PathBuf::from(
        env::var_os("DEP_TRANSCRIBE_CPP_LIB_DIR")
            .ok_or("the speech engine does not say where it is")?,
    );
    let build = libraries.with_file_name("build");
    println!("cargo:rustc-env=VIGNETTE_SPEECH_ENGINE_BUILD={}", build.display());
    if env::var_os("TRANSCRIBE_DIR").is_some() {
        return Ok(()); // a packager's own engine, with the packager's own settings
    }
    let settings = fs::read_to_string(build.join("CMakeCache.txt")).map_err(|why| {
        format!("how the speech engine was built cannot be read in {}: {why}", build.display())
    })?;
    match WANTED.iter().find(|wanted| !settings.lines().any(|line| line == **wanted)) {
        None => Ok(()),
        Some(missing) => Err(format!(
            "the speech engine was built without {missing}: build inside this project's folder, \
             where .cargo/config.toml sets \
             TRANSCRIBE_CMAKE_ARGS, or set it to the same"
        )),
    }
}
