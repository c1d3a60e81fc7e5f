//! How the speech engine was built: for the processors of others.

use std::path::Path;

const BUILD: &str = env!("VIGNETTE_SPEECH_ENGINE_BUILD");

#[test]
#[cfg_attr(
    not(all(target_os = "linux", target_arch = "x86_64")),
    ignore = "reads what cmake writes for make, on x86-64"
)]
fn it_uses_nothing_but_what_processors_have_since_2013() {
    let settings = std::fs::read_to_string(Path::new(BUILD).join("CMakeCache.txt")).unwrap();
    let is = |setting: &str| settings.lines().any(|line| line == setting);
    for setting in [
        "GGML_NATIVE:BOOL=OFF",
        "GGML_AVX2:BOOL=ON",
        "CMAKE_BUILD_TYPE:STRING=Release",
        "TRANSCRIBE_USE_SYSTEM_BLAS:BOOL=OFF",
    ] {
        assert!(is(setting), "{setting} is not set in {BUILD}");
    }
    let flags = std::fs::read_to_string(
        Path::new(BUILD).join("ggml/src/CMakeFiles/ggml-cpu.dir/flags.make"),
    )
    .unwrap();
    let mut machine: Vec<&str> =
        flags.split_whitespace().filter(|flag| flag.starts_with("-m")).collect();
    machine.sort_unstable();
    machine.dedup();
    let known =
        ["-m64", "-march=x86-64", "-mavx", "-mavx2", "-mbmi2", "-mf16c", "-mfma", "-msse4.2"];
    assert!(machine.iter().all(|flag| known.contains(flag)), "built with {machine:?}");
    assert!(flags.contains("-O3"), "slow as built: {flags}");
}
