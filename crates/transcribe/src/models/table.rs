//! [`TABLE`]: the speech models that Vignette offers, each pinned to its bytes.

use serde::Serialize;

/// A speech model that can be downloaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct KnownModel {
    /// What it is called; its file is this with `.gguf`.
    pub name: &'static str,
    /// Codes of the languages it knows (ISO 639).
    pub languages: &'static [&'static str],
    /// How long its file is.
    pub size_bytes: u64,
    /// The SHA-256 of its file, in hexadecimal.
    pub sha256: &'static str,
    /// SPDX identifier of what its makers allow.
    pub licence: &'static str,
    /// Who made it: to be named wherever it is offered.
    pub made_by: &'static str,
    /// Where it is, below [`HOST`] or a mirror.
    pub source: &'static str,
    /// For whom it is the first choice.
    pub default_for: Option<DefaultFor>,
    /// In a few words, why one would take it.
    pub note: &'static str,
}

/// For whom a model is the first choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum DefaultFor {
    /// Who speaks English.
    English,
    /// Who speaks something else, or more than one language.
    Multilingual,
}

/// Where the models are if no mirror is set.
pub const HOST: &str = "https://huggingface.co/";

const ENGLISH: &[&str] = &["en"];
const EUROPEAN: &[&str] = &[
    "bg", "hr", "cs", "da", "nl", "en", "et", "fi", "fr", "de", "el", "hu", "it", "lv", "lt", "mt",
    "pl", "pt", "ro", "ru", "sk", "sl", "es", "sv", "uk",
];
#[rustfmt::skip]
const WHISPER: &[&str] = &[
    "en", "zh", "de", "es", "ru", "ko", "fr", "ja", "pt", "tr", "pl", "ca", "nl", "ar", "sv", "it", "id", "hi", "fi", "vi", "he",
    "uk", "el", "ms", "cs", "ro", "da", "hu", "ta", "no", "th", "ur", "hr", "bg", "lt", "la", "mi", "ml", "cy", "sk", "te", "fa",
    "lv", "bn", "sr", "az", "sl", "kn", "et", "mk", "br", "eu", "is", "hy", "ne", "mn", "bs", "kk", "sq", "sw", "gl", "mr", "pa",
    "si", "km", "sn", "yo", "so", "af", "oc", "ka", "be", "tg", "sd", "gu", "am", "yi", "lo", "uz", "fo", "ht", "ps", "tk", "nn",
    "mt", "sa", "lb", "my", "bo", "tl", "mg", "as", "tt", "haw", "ln", "ha", "ba", "jw", "su",
];

/// Sizes and digests are those that the publisher's catalogue states; a file that differs is not
/// used.
pub const TABLE: &[KnownModel] = &[
    KnownModel {
        name: "parakeet-tdt_ctc-110m-Q8_0",
        languages: ENGLISH,
        size_bytes: 135_373_280,
        sha256: "7dd44c74a331d788a4e5f8b16913b3feb29ced22cf5613aad0e0f6cd30516296",
        licence: "CC-BY-4.0",
        made_by: "NVIDIA",
        source: "handy-computer/parakeet-tdt_ctc-110m-gguf/resolve/9d66d34f9e1594075c5dd72c90c0f4c321b29f21/parakeet-tdt_ctc-110m-Q8_0.gguf",
        default_for: Some(DefaultFor::English),
        note: "small, quick and about as good as the largest Whisper",
    },
    KnownModel {
        name: "parakeet-tdt_ctc-110m-Q4_K_M",
        languages: ENGLISH,
        size_bytes: 89_989_600,
        sha256: "486414fd90185a8c8a4ced7c123cfb133ff4f7958426c6b8bd9049946b56b448",
        licence: "CC-BY-4.0",
        made_by: "NVIDIA",
        source: "handy-computer/parakeet-tdt_ctc-110m-gguf/resolve/9d66d34f9e1594075c5dd72c90c0f4c321b29f21/parakeet-tdt_ctc-110m-Q4_K_M.gguf",
        default_for: None,
        note: "the same in two thirds of the space",
    },
    KnownModel {
        name: "parakeet-tdt-0.6b-v3-Q4_K_M",
        languages: EUROPEAN,
        size_bytes: 485_425_504,
        sha256: "b68557be1e3c40207fd7c4bd9d63f1d3316b963f15325bfb0cc16a8bb0ffd181",
        licence: "CC-BY-4.0",
        made_by: "NVIDIA",
        source: "handy-computer/parakeet-tdt-0.6b-v3-gguf/resolve/85ac09ea12fc4b1112fa76810059364bc6adc9de/parakeet-tdt-0.6b-v3-Q4_K_M.gguf",
        default_for: Some(DefaultFor::Multilingual),
        note: "25 European languages, and finds out which",
    },
    KnownModel {
        name: "parakeet-tdt-0.6b-v3-Q8_0",
        languages: EUROPEAN,
        size_bytes: 739_508_576,
        sha256: "5859f77944efcd8eafa23a6350731960b2b55b2203df51f319665c807d802cc7",
        licence: "CC-BY-4.0",
        made_by: "NVIDIA",
        source: "handy-computer/parakeet-tdt-0.6b-v3-gguf/resolve/85ac09ea12fc4b1112fa76810059364bc6adc9de/parakeet-tdt-0.6b-v3-Q8_0.gguf",
        default_for: None,
        note: "the same, a little more exact",
    },
    KnownModel {
        name: "parakeet-unified-en-0.6b-Q4_K_M",
        languages: ENGLISH,
        size_bytes: 477_274_496,
        sha256: "a8bf3de2b393bd14ead5a858c3748d5e3b07a20fdeabdd3b498fba4f463fa929",
        licence: "CC-BY-4.0",
        made_by: "NVIDIA",
        source: "handy-computer/parakeet-unified-en-0.6b-gguf/resolve/7e948f21b7bdbac698d3318db9d350f1096f3b6c/parakeet-unified-en-0.6b-Q4_K_M.gguf",
        default_for: None,
        note: "the fewest mistakes in English",
    },
    KnownModel {
        name: "whisper-tiny.en-Q8_0",
        languages: ENGLISH,
        size_bytes: 45_904_544,
        sha256: "e8c9b73c06344307d8b346e07fbe93dd88d894627854bcff31523f1ce44394fa",
        licence: "Apache-2.0",
        made_by: "OpenAI",
        source: "handy-computer/whisper-tiny.en-gguf/resolve/becb8bcb804405dc97b380a523d9975888820986/whisper-tiny.en-Q8_0.gguf",
        default_for: None,
        note: "the smallest download",
    },
    KnownModel {
        name: "whisper-base-Q8_0",
        languages: WHISPER,
        size_bytes: 84_962_880,
        sha256: "81c069428bc8a24551a8169cf31cf09bcfd9d4cf50389ae281323c9aa9648c81",
        licence: "Apache-2.0",
        made_by: "OpenAI",
        source: "handy-computer/whisper-base-gguf/resolve/e0f69524f648720eca44c024d1d0dbb7027d1fa0/whisper-base-Q8_0.gguf",
        default_for: None,
        note: "99 languages, the well-known ones rather well",
    },
    KnownModel {
        name: "whisper-small-Q8_0",
        languages: WHISPER,
        size_bytes: 269_751_136,
        sha256: "9b9c8811bbcc82a7766f0fb0925614bdacb0923b2cc630daeac17108b655b860",
        licence: "Apache-2.0",
        made_by: "OpenAI",
        source: "handy-computer/whisper-small-gguf/resolve/c0214bd34be9296695486f838e0142f900803159/whisper-small-Q8_0.gguf",
        default_for: None,
        note: "99 languages, better and slower",
    },
    KnownModel {
        name: "whisper-large-v3-turbo-Q4_K_M",
        languages: WHISPER,
        size_bytes: 536_069_728,
        sha256: "ecfe9b6beb4ab18fef49187cc968cc74b5168b94629c8830e2ca6b794c6e25ed",
        licence: "MIT",
        made_by: "OpenAI",
        source: "handy-computer/whisper-large-v3-turbo-gguf/resolve/5eaf945c7978e564bae5b28a5b1639dd93c2bfb1/whisper-large-v3-turbo-Q4_K_M.gguf",
        default_for: None,
        note: "99 languages, for a computer with processor time to spare",
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use vignette_model::Sha256;

    use super::*;

    #[test]
    fn every_row_is_whole() {
        let names: BTreeSet<_> = TABLE.iter().map(|model| model.name).collect();
        assert_eq!(names.len(), TABLE.len(), "no name twice");
        for model in TABLE {
            assert!(model.sha256.parse::<Sha256>().is_ok(), "{}", model.name);
            assert!(model.source.ends_with(&format!("/{}.gguf", model.name)), "{}", model.name);
            let revision = model.source.split('/').nth(3).unwrap();
            assert!(
                revision.len() == 40 && revision.bytes().all(|b| b.is_ascii_hexdigit()),
                "{}: a whole revision",
                model.name
            );
            assert!(url::Url::parse(HOST).unwrap().join(model.source).is_ok());
            assert!(!model.languages.is_empty() && model.size_bytes > 10_000_000);
        }
    }

    #[test]
    fn there_is_one_first_choice_for_everybody() {
        for whom in [DefaultFor::English, DefaultFor::Multilingual] {
            assert_eq!(
                TABLE.iter().filter(|model| model.default_for == Some(whom)).count(),
                1,
                "{whom:?}"
            );
        }
    }
}
