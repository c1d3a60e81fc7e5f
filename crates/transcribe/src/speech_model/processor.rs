//! Whether this processor can run the speech engine, whose instructions are chosen in
//! `.cargo/config.toml`.

/// The first thing the engine needs that this processor lacks.
#[cfg(target_arch = "x86_64")]
pub(crate) fn missing() -> Option<&'static str> {
    let needed = [
        ("SSE4.2", std::arch::is_x86_feature_detected!("sse4.2")),
        ("AVX", std::arch::is_x86_feature_detected!("avx")),
        ("AVX2", std::arch::is_x86_feature_detected!("avx2")),
        ("FMA", std::arch::is_x86_feature_detected!("fma")),
        ("F16C", std::arch::is_x86_feature_detected!("f16c")),
        ("BMI2", std::arch::is_x86_feature_detected!("bmi2")),
    ];
    needed.into_iter().find_map(|(name, there)| (!there).then_some(name))
}

/// The first thing the engine needs that this processor lacks: nothing, it is built for every
/// processor of this kind.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) const fn missing() -> Option<&'static str> {
    None
}
