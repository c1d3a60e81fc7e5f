//! A [`Form`] with a file in it (RFC 7578), and sound as a WAV file: what speech endpoints take.

use std::fmt::Write as _;

use vignette_model::Sha256;

/// Fields of a form and one file, as bytes.
pub(super) struct Form {
    boundary: String,
    body: Vec<u8>,
}

impl Form {
    /// A form that carries `file`, a WAV file.
    pub(super) fn with_wav(file: &[u8]) -> Self {
        // A boundary that cannot stand in the file, since it contains the digest of the file.
        let digest = Sha256::of(file).0;
        let boundary = digest.iter().take(16).fold(String::from("vignette-"), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        let mut form = Self { boundary, body: Vec::with_capacity(file.len() + 1_024) };
        form.part("name=\"file\"; filename=\"clip.wav\"\r\nContent-Type: audio/wav", file);
        form
    }

    /// Adds a field. `name` is our own word.
    pub(super) fn field(mut self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), value.as_bytes());
        self
    }

    fn part(&mut self, disposition: &str, content: &[u8]) {
        let head =
            format!("--{}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n", self.boundary);
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(content);
        self.body.extend_from_slice(b"\r\n");
    }

    /// The content type and the body.
    pub(super) fn finish(mut self) -> (String, Vec<u8>) {
        self.body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        (format!("multipart/form-data; boundary={}", self.boundary), self.body)
    }
}

/// Mono sound as a WAV file with 16 bits a sample (RIFF, `WAVE_FORMAT_PCM`).
pub(super) fn wav(mono: &[f32], rate_hz: u32) -> Vec<u8> {
    const HEADER_BYTES: u32 = 36;
    let size = u32::try_from(mono.len() * 2).unwrap_or(u32::MAX - HEADER_BYTES);
    let mut file = Vec::with_capacity(mono.len() * 2 + 44);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(size + HEADER_BYTES).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16_u32.to_le_bytes());
    file.extend_from_slice(&1_u16.to_le_bytes());
    file.extend_from_slice(&1_u16.to_le_bytes());
    file.extend_from_slice(&rate_hz.to_le_bytes());
    file.extend_from_slice(&rate_hz.saturating_mul(2).to_le_bytes());
    file.extend_from_slice(&2_u16.to_le_bytes());
    file.extend_from_slice(&16_u16.to_le_bytes());
    file.extend_from_slice(b"data");
    file.extend_from_slice(&size.to_le_bytes());
    for sample in mono {
        file.extend_from_slice(&as_i16(*sample).to_le_bytes());
    }
    file
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to what an i16 holds; what is no number becomes silence"
)]
fn as_i16(sample: f32) -> i16 {
    (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16
}
