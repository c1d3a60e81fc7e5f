//! Taking in a video file as a finished take, with what it says of itself: title, date, chapters
//! and subtitles.

use std::path::Path;

use serde::Serialize;
use vignette_encode::Imported;
use vignette_insights as insights;
use vignette_model::TakeId;
use vignette_model::text::{Label, Summary, Title};
use vignette_model::transcript::{FROM_FILE, Insights, MAX_CHAPTERS, TranscriptSnapshot};
use vignette_spool::{SpoolError, Take};

use super::{Inner, lock};
use crate::RecorderError;

/// A file that was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportedFile {
    /// The take that it is now.
    pub take: TakeId,
    /// Whether pictures and sound are the file's own; else they were encoded anew.
    pub copied: bool,
    /// Whether the file ends before it should, or is damaged: the take is what could be read of it.
    pub short: bool,
    /// Whether its colours are of high dynamic range and could not be converted.
    pub hdr_unconverted: bool,
    /// Tracks of the file that are not in the take, in words: `another sound track (aac, deu)`.
    pub left_out: Vec<String>,
    /// How many chapters came with it.
    pub chapters: usize,
    /// How many captions came with it, from its subtitles.
    pub captions: usize,
}

impl ImportedFile {
    /// What a person should know of it, a sentence each; nothing if all of the file was taken.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let short = "The file ends before it should; what could be read of it is here.".to_owned();
        let hdr = "The film is in high dynamic range (HDR), which the FFmpeg of this computer \
                   cannot convert: its colours look pale. Export it in standard range (SDR) first."
            .to_owned();
        let left_out = || format!("Left out of the file: {}.", self.left_out.join(", "));
        let came = |count: usize, what: &str| match count {
            0 => None,
            1 => Some(format!("1 {what}")),
            count => Some(format!("{count} {what}s")),
        };
        let with: Vec<String> = [came(self.chapters, "chapter"), came(self.captions, "caption")]
            .into_iter()
            .flatten()
            .collect();
        let sentences = [
            self.short.then_some(short),
            self.hdr_unconverted.then_some(hdr),
            (!self.left_out.is_empty()).then(left_out),
            (!with.is_empty()).then(|| format!("The file brought {}.", with.join(" and "))),
        ];
        sentences.into_iter().flatten().collect()
    }
}

impl Inner {
    pub(super) fn import(
        &self,
        file: &Path,
        title: Title,
        summary: Summary,
        progress: impl FnMut(vignette_encode::ImportProgress),
    ) -> Result<ImportedFile, RecorderError> {
        let now = self.clock.utc();
        let mut take = Take::new(TakeId::new(), now);
        take.details.title = if title.as_str().is_empty() { title_of(file) } else { title };
        take.details.summary = summary;
        take.upload.library = Some(lock(&self.library).to_string());
        let id = take.id;
        let mut writer = self.spool.begin_import(take)?;
        let mut failed = None;
        let append = |piece: vignette_encode::EncodedPiece| {
            if failed.is_none() {
                failed = writer.append(piece.bytes()).err();
            }
        };
        let sent = vignette_encode::remux_to_stream(file, append, progress);
        let imported = sent
            .map_err(RecorderError::from)
            .and_then(|imported| failed.map_or(Ok(imported), |error| Err(error.into())));
        let imported = match imported {
            Ok(imported) => imported,
            Err(error) => {
                writer.discard()?;
                return Err(error);
            }
        };
        if let Some(at) = imported.recorded_at.filter(|at| *at <= now) {
            writer.update(|take| take.details.recorded_at_us = at)?;
        }
        self.keep_beside(id, &imported);
        if imported.short {
            writer.finish_interrupted()?
        } else {
            writer.finish()?
        };
        let (copied, short) = (imported.copied, imported.short);
        tracing::info!(take.id = %id, copied, short, "Took in a file");
        Ok(ImportedFile {
            take: id,
            copied: imported.copied,
            short: imported.short,
            hdr_unconverted: imported.hdr_unconverted,
            left_out: imported.left_out.iter().map(ToString::to_string).collect(),
            chapters: imported.chapters.len(),
            captions: imported.captions.len(),
        })
    }

    /// Keeps poster, chapters and captions beside a take. It plays as well without them.
    fn keep_beside(&self, id: TakeId, imported: &Imported) {
        let pictured =
            imported.poster.as_ref().map_or(Ok(()), |jpeg| self.spool.put_poster(id, jpeg));
        let written = self.keep_transcript(id, imported);
        for error in [pictured, written].into_iter().filter_map(Result::err) {
            tracing::warn!(take.id = %id, %error, "What came with a file could not be kept");
        }
    }

    /// Subtitles and chapters as the take's transcript. Sound that the file has no captions for is
    /// still transcribed.
    fn keep_transcript(&self, id: TakeId, imported: &Imported) -> Result<(), SpoolError> {
        let Imported { captions, chapters, .. } = imported;
        if captions.is_empty() && chapters.is_empty() {
            return Ok(());
        }
        let label =
            |text: &str| Label::cut(text).unwrap_or_else(|_| unreachable!("it is not empty"));
        let language = imported.language.as_deref().and_then(|tag| Label::new(tag).ok());
        let mut made = match captions.is_empty() {
            true => Insights::default(),
            false => insights::extractive(
                captions,
                imported.duration,
                language.as_ref().map(Label::as_str),
            ),
        };
        let chapters_by = (!chapters.is_empty()).then(|| label(FROM_FILE));
        if chapters_by.is_some() {
            made.chapters = chapters.iter().take(MAX_CHAPTERS).cloned().collect();
        }
        let transcript = TranscriptSnapshot {
            revision: 0,
            done: true,
            language,
            transcribed_by: label(FROM_FILE),
            cues: captions.clone(),
            insights_by: label(insights::EXTRACTIVE),
            chapters_by,
            insights: made,
        };
        self.spool.put_transcript(id, transcript)?;
        self.spool.update(id, |take| take.transcript.untranscribed = captions.is_empty()).map(drop)
    }
}

/// A title made of a file's name.
fn title_of(file: &Path) -> Title {
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Title::cut(&name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_is_its_title() {
        for (path, title) in [
            ("/films/Weekly_update 3.final.mp4", "Weekly_update 3.final"),
            ("talk.mkv", "talk"),
            ("/", ""),
            ("_.mp4", "_"),
        ] {
            assert_eq!(title_of(Path::new(path)).as_str(), title, "{path}");
        }
    }

    #[test]
    fn what_a_person_should_know_is_said() {
        let whole = ImportedFile {
            take: TakeId::new(),
            copied: true,
            short: false,
            hdr_unconverted: false,
            left_out: Vec::new(),
            chapters: 0,
            captions: 0,
        };
        assert_eq!(whole.remarks(), Vec::<String>::new());
        let left_out =
            vec!["another sound track (aac, deu)".to_owned(), "another subtitle track".to_owned()];
        let much = ImportedFile {
            short: true,
            hdr_unconverted: true,
            left_out,
            chapters: 2,
            captions: 1,
            ..whole
        };
        assert_eq!(
            much.remarks(),
            [
                "The file ends before it should; what could be read of it is here.",
                "The film is in high dynamic range (HDR), which the FFmpeg of this computer cannot \
                 convert: its colours look pale. Export it in standard range (SDR) first.",
                "Left out of the file: another sound track (aac, deu), another subtitle track.",
                "The file brought 2 chapters and 1 caption.",
            ]
        );
    }
}
