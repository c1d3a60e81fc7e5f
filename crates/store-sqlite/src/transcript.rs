//! Rows of transcripts.

use std::collections::HashMap;

use async_trait::async_trait;
use serde::Serialize;
use sqlx::{Sqlite, Transaction};
use vignette_library::store::{CueRow, MachineTexts, StoreError, TranscriptRow, TranscriptRows};
use vignette_model::text::{ChapterTitle, CueText, Label, TaskText};
use vignette_model::transcript::{Chapter, Cue, Origin, Task};
use vignette_model::{ClipId, Micros};

use crate::row::{Reader, integer};
use crate::search::{TextOf, index_cues, index_text};
use crate::{SqliteStore, failed};

/// A cue as SQLite gives it, and as it is given many of them in one statement.
#[derive(Serialize)]
struct CueRecord {
    start_us: i64,
    end_us: i64,
    text: String,
    word_starts_us: String,
    edited: bool,
    hidden: bool,
}

impl CueRecord {
    fn of(row: &CueRow) -> Self {
        let starts: Vec<String> =
            row.cue.word_starts_us.iter().map(|at| at.0.to_string()).collect();
        Self {
            start_us: integer(row.cue.start_us.0),
            end_us: integer(row.cue.end_us.0),
            text: row.cue.text.to_string(),
            word_starts_us: if starts.is_empty() {
                String::new()
            } else {
                format!("[{}]", starts.join(","))
            },
            edited: row.edited,
            hidden: row.hidden,
        }
    }

    fn read(self, doing: &'static str) -> Result<CueRow, StoreError> {
        let read = Reader { doing };
        let starts =
            self.word_starts_us.trim_matches(['[', ']']).split(',').filter(|at| !at.is_empty());
        let starts: Result<Vec<Micros>, StoreError> =
            starts.map(|at| read.parse("word_starts_us", at).map(Micros)).collect();
        let cue = Cue {
            start_us: Micros(read.count("start_us", self.start_us)?),
            end_us: Micros(read.count("end_us", self.end_us)?),
            text: CueText::stored(&self.text),
            word_starts_us: starts?,
        };
        Ok(CueRow { cue, edited: self.edited, hidden: self.hidden })
    }
}

/// Who made something, from its two columns.
pub(crate) fn origin(model: Option<&str>, person: bool) -> Option<Origin> {
    match (model, person) {
        (_, true) => Some(Origin::Person),
        (Some(model), false) => Some(Origin::Machine { model: Label::stored(model) }),
        (None, false) => None,
    }
}

/// The two columns of who made something.
fn columns(by: Option<&Origin>) -> (Option<&str>, bool) {
    match by {
        Some(Origin::Machine { model }) => (Some(model.as_str()), false),
        Some(Origin::Person) => (None, true),
        None => (None, false),
    }
}

#[async_trait]
impl TranscriptRows for SqliteStore {
    async fn transcript(&self, clip: ClipId) -> Result<Option<TranscriptRow>, StoreError> {
        const DOING: &str = "read the transcript of a clip";
        let read = Reader { doing: DOING };
        let clip = clip.to_string();
        // One view of all four tables: somebody may write meanwhile.
        let mut transaction = self.readers().begin().await.map_err(failed(DOING))?;
        let found = sqlx::query!(
            r#"SELECT version, revision, done AS "done: bool", language, transcribed_by, chapters_model,
                   chapters_person AS "chapters_person: bool", tasks_model, tasks_person AS "tasks_person: bool"
               FROM transcripts WHERE clip = ?"#,
            clip
        );
        let Some(row) = found.fetch_optional(&mut *transaction).await.map_err(failed(DOING))?
        else {
            return Ok(None);
        };
        let cues = cues(&mut transaction, &clip, DOING).await?;
        let chapters = sqlx::query!(
            "SELECT start_us, title FROM chapters WHERE clip = ? ORDER BY start_us",
            clip
        );
        let chapters = chapters.fetch_all(&mut *transaction).await.map_err(failed(DOING))?;
        let chapter = |start: i64, title: &str| {
            Ok(Chapter {
                start_us: Micros(read.count("start_us", start)?),
                title: ChapterTitle::stored(title),
            })
        };
        let tasks = sqlx::query!(
            "SELECT at_us, text, owner, due FROM tasks WHERE clip = ? ORDER BY place",
            clip
        );
        let tasks = tasks.fetch_all(&mut *transaction).await.map_err(failed(DOING))?;
        let label = |text: Option<&str>| text.map(Label::stored);
        let task = |at: i64, text: &str, owner: Option<&str>, due: Option<&str>| {
            Ok(Task {
                at_us: Micros(read.count("at_us", at)?),
                text: TaskText::stored(text),
                owner: label(owner),
                due: label(due),
            })
        };
        Ok(Some(TranscriptRow {
            version: read.count("version", row.version)?,
            revision: read.count("revision", row.revision)?,
            done: row.done,
            language: label(row.language.as_deref()),
            transcribed_by: label(row.transcribed_by.as_deref()),
            cues,
            chapters: chapters
                .iter()
                .map(|row| chapter(row.start_us, &row.title))
                .collect::<Result<_, StoreError>>()?,
            chapters_by: origin(row.chapters_model.as_deref(), row.chapters_person),
            tasks: tasks
                .iter()
                .map(|row| task(row.at_us, &row.text, row.owner.as_deref(), row.due.as_deref()))
                .collect::<Result<_, StoreError>>()?,
            tasks_by: origin(row.tasks_model.as_deref(), row.tasks_person),
        }))
    }

    async fn put_transcript(
        &self,
        clip: ClipId,
        transcript: &TranscriptRow,
        texts: Option<MachineTexts<'_>>,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "write the transcript of a clip";
        let clip = clip.to_string();
        let mut transaction = self.begin(DOING).await?;
        if !put_row(&mut transaction, &clip, transcript).await.map_err(failed(DOING))? {
            return Ok(false);
        }
        let before = cues(&mut transaction, &clip, DOING).await?;
        put_cues(&mut transaction, &clip, &before, &transcript.cues)
            .await
            .map_err(failed(DOING))?;
        put_chapters_and_tasks(&mut transaction, &clip, transcript).await.map_err(failed(DOING))?;
        if let Some(texts) = texts {
            put_texts(&mut transaction, &clip, texts).await.map_err(failed(DOING))?;
        }
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(true)
    }
}

async fn cues(
    transaction: &mut Transaction<'static, Sqlite>,
    clip: &str,
    doing: &'static str,
) -> Result<Vec<CueRow>, StoreError> {
    let found = sqlx::query_as!(
        CueRecord,
        r#"SELECT start_us, end_us, text, word_starts_us, edited AS "edited: bool", hidden AS "hidden: bool"
           FROM cues WHERE clip = ? ORDER BY start_us"#,
        clip
    );
    let found = found.fetch_all(&mut **transaction).await.map_err(failed(doing))?;
    found.into_iter().map(|record| record.read(doing)).collect()
}

/// The row over the one of the version before; `false` if that is another, or the clip is gone.
async fn put_row(
    transaction: &mut Transaction<'static, Sqlite>,
    clip: &str,
    transcript: &TranscriptRow,
) -> Result<bool, sqlx::Error> {
    let (version, revision) = (integer(transcript.version), integer(transcript.revision));
    let (language, transcribed_by) = (
        transcript.language.as_ref().map(Label::as_str),
        transcript.transcribed_by.as_ref().map(Label::as_str),
    );
    let (chapters_model, chapters_person) = columns(transcript.chapters_by.as_ref());
    let (tasks_model, tasks_person) = columns(transcript.tasks_by.as_ref());
    let done = sqlx::query!(
        "INSERT INTO transcripts (clip, version, revision, done, language, transcribed_by, chapters_model, chapters_person, tasks_model, tasks_person)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
         WHERE EXISTS (SELECT 1 FROM clips WHERE id = ?1) AND (?2 = 1 OR EXISTS (SELECT 1 FROM transcripts WHERE clip = ?1))
         ON CONFLICT (clip) DO UPDATE SET version = excluded.version, revision = excluded.revision, done = excluded.done,
             language = excluded.language, transcribed_by = excluded.transcribed_by,
             chapters_model = excluded.chapters_model, chapters_person = excluded.chapters_person,
             tasks_model = excluded.tasks_model, tasks_person = excluded.tasks_person
         WHERE transcripts.version = excluded.version - 1",
        clip,
        version,
        revision,
        transcript.done,
        language,
        transcribed_by,
        chapters_model,
        chapters_person,
        tasks_model,
        tasks_person
    );
    Ok(done.execute(&mut **transaction).await?.rows_affected() > 0)
}

/// Only what differs is written: snapshots come often, and mostly add a few cues to many.
async fn put_cues(
    transaction: &mut Transaction<'static, Sqlite>,
    clip: &str,
    before: &[CueRow],
    now: &[CueRow],
) -> Result<(), sqlx::Error> {
    let by_start = |rows: &[CueRow]| {
        rows.iter().map(|row| (row.cue.start_us, row.clone())).collect::<HashMap<_, _>>()
    };
    let (old, new) = (by_start(before), by_start(now));
    let gone: Vec<i64> = before
        .iter()
        .filter(|row| new.get(&row.cue.start_us) != Some(*row))
        .map(|row| integer(row.cue.start_us.0))
        .collect();
    let added: Vec<CueRecord> = now
        .iter()
        .filter(|row| old.get(&row.cue.start_us) != Some(*row))
        .map(CueRecord::of)
        .collect();
    let (gone, added) = (json(&gone)?, json(&added)?);
    sqlx::query!(
        "DELETE FROM cues WHERE clip = ? AND start_us IN (SELECT value FROM json_each(?))",
        clip,
        gone
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "INSERT INTO cues (clip, start_us, end_us, text, word_starts_us, edited, hidden)
         SELECT ?1, value ->> 'start_us', value ->> 'end_us', value ->> 'text', value ->> 'word_starts_us', value ->> 'edited',
             value ->> 'hidden'
         FROM json_each(?2)",
        clip,
        added
    )
    .execute(&mut **transaction)
    .await?;
    index_cues(transaction, clip).await
}

async fn put_chapters_and_tasks(
    transaction: &mut Transaction<'static, Sqlite>,
    clip: &str,
    transcript: &TranscriptRow,
) -> Result<(), sqlx::Error> {
    let (chapters, tasks) = (json(&transcript.chapters)?, json(&transcript.tasks)?);
    sqlx::query!("DELETE FROM chapters WHERE clip = ?", clip).execute(&mut **transaction).await?;
    sqlx::query!(
        "INSERT INTO chapters (clip, start_us, title) SELECT ?1, value ->> 'start_us', value ->> 'title' FROM json_each(?2)",
        clip,
        chapters
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!("DELETE FROM tasks WHERE clip = ?", clip).execute(&mut **transaction).await?;
    sqlx::query!(
        "INSERT INTO tasks (clip, place, at_us, text, owner, due)
         SELECT ?1, key, value ->> 'at_us', value ->> 'text', value ->> 'owner', value ->> 'due' FROM json_each(?2)",
        clip,
        tasks
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Title and summary, each only where no person wrote it.
async fn put_texts(
    transaction: &mut Transaction<'static, Sqlite>,
    clip: &str,
    texts: MachineTexts<'_>,
) -> Result<(), sqlx::Error> {
    let (title, summary, model) =
        (texts.title.as_str(), texts.summary.as_str(), texts.insights_by.as_str());
    let titled = sqlx::query!(
        "UPDATE clips SET title = ?1, title_model = iif(?1 = '', NULL, ?2) WHERE id = ?3 AND title_person = 0",
        title,
        model,
        clip
    );
    if titled.execute(&mut **transaction).await?.rows_affected() > 0 {
        index_text(transaction, clip, TextOf::Title, title).await?;
    }
    let summed_up = sqlx::query!(
        "UPDATE clips SET summary = ?1, summary_model = iif(?1 = '', NULL, ?2) WHERE id = ?3 AND summary_person = 0",
        summary,
        model,
        clip
    );
    if summed_up.execute(&mut **transaction).await?.rows_affected() > 0 {
        index_text(transaction, clip, TextOf::Summary, summary).await?;
    }
    Ok(())
}

/// As it stands in a column, or is handed to a query as one argument.
pub(crate) fn json(value: &impl Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}
