//! Search: passages, and the index over them.
//!
//! A text and its passage change in one transaction; what goes by a foreign key takes its passages along, and triggers keep the
//! index equal to the passages.

use async_trait::async_trait;
use sqlx::{Sqlite, Transaction};
use vignette_library::Viewer;
use vignette_library::markdown::summary_text;
use vignette_library::store::{FoundPassage, SearchRows, StoreError, Term};
use vignette_model::Micros;
use vignette_model::text::PersonName;
use vignette_model::transcript::{ReplyWriter, SearchPlace, SnippetPiece};

use crate::row::{Reader, columns};
use crate::{SqliteStore, failed};

/// What SQLite sets around a match. No text has these characters.
const HIT_BEGINS: char = '\u{2}';
const HIT_ENDS: char = '\u{3}';

/// How many matches are looked at, the best by SQLite's own ranking: words like "the" stand everywhere.
const CONSIDERED: u32 = 2_000;

/// Whose text it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TextOf<'a> {
    /// The title.
    Title,
    /// The summary, Markdown.
    Summary,
    /// A reply of this id, without its marks.
    Reply(&'a str),
}

/// Makes a text be found, in place of what it was before.
pub(crate) async fn index_text(
    transaction: &mut Transaction<'static, Sqlite>,
    clip: &str,
    of: TextOf<'_>,
    text: &str,
) -> Result<(), sqlx::Error> {
    let (place, reply, text) = match of {
        TextOf::Title => ("title", None, text.to_owned()),
        TextOf::Summary => ("summary", None, summary_text(text)),
        TextOf::Reply(id) => ("reply", Some(id), text.to_owned()),
    };
    sqlx::query!(
        "DELETE FROM passages WHERE clip = ? AND cue_us IS NULL AND place = ? AND reply IS ?",
        clip,
        place,
        reply
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "INSERT INTO passages (clip, place, reply, text) SELECT ?1, ?2, ?3, ?4 WHERE ?4 <> ''",
        clip,
        place,
        reply,
        text
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Makes the shown cues of a clip be found that are not yet. Those that are gone took their passages along.
pub(crate) async fn index_cues(
    transaction: &mut Transaction<'static, Sqlite>,
    clip: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO passages (clip, place, cue_us, text)
         SELECT c.clip, 'cue', c.start_us, c.text FROM cues c
         WHERE c.clip = ? AND c.hidden = 0
             AND NOT EXISTS (SELECT 1 FROM passages p WHERE p.clip = c.clip AND p.cue_us = c.start_us)",
        clip
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

#[async_trait]
impl SearchRows for SqliteStore {
    async fn search(
        &self,
        viewer: &Viewer,
        terms: &[Term],
        most: u32,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<FoundPassage>, StoreError> {
        const DOING: &str = "search";
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        let asked = terms.iter().map(expression).collect::<Vec<_>>().join(" ");
        let (begins, ends) = (HIT_BEGINS.to_string(), HIT_ENDS.to_string());
        let (person, link) = columns(viewer);
        // CROSS JOIN keeps the order: matches come best first, and what the viewer may not read is passed over before any count.
        // The smaller the score (bm25), the better. A title says more than a sentence of many.
        let found = sqlx::query!(
            r#"WITH matching AS MATERIALIZED (
                   SELECT search.rowid AS id, search.rank AS score
                   FROM search
                       CROSS JOIN passage_rights t ON t.passage = search.rowid
                       CROSS JOIN clip_rights s ON s.clip = t.clip
                   WHERE search MATCH ?1
                       AND (?8 IS NOT NULL OR s.key = ?9)
                       AND (NOT t.is_said OR NOT s.kept_back OR s.author IS ?8)
                   ORDER BY search.rank LIMIT ?7
               ), found AS (
                   SELECT p.id, p.clip, p.place, coalesce(p.cue_us, r.start_us) AS at_us, p.reply,
                       m.score * CASE p.place WHEN 'title' THEN 4.0 WHEN 'summary' THEN 2.0 ELSE 1.0 END AS score
                   FROM matching m JOIN passages p ON p.id = m.id LEFT JOIN replies r ON r.id = p.reply
               ), numbered AS (
                   SELECT *, row_number() OVER (PARTITION BY clip, place ORDER BY score, id) AS nth FROM found
               ), best AS (
                   SELECT * FROM numbered WHERE nth <= ?2 ORDER BY score, clip DESC, id LIMIT ?3 OFFSET ?4
               )
               SELECT best.clip AS "clip!: String", best.place AS "place!: String", best.at_us AS "at_us?: i64",
                   coalesce(w.name, r.name) AS "name?: String", w.id IS NOT NULL AS "member!: bool",
                   (SELECT snippet(search, 0, ?5, ?6, '…', 24) FROM search WHERE search MATCH ?1 AND search.rowid = best.id)
                       AS "snippet!: String"
               FROM best LEFT JOIN replies r ON r.id = best.reply LEFT JOIN people w ON w.id = r.person
               ORDER BY score, best.clip DESC, best.id"#,
            asked,
            most,
            limit,
            skip,
            begins,
            ends,
            CONSIDERED,
            person,
            link
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        let read = Reader { doing: DOING };
        let found = found.into_iter().map(|row| {
            Ok(FoundPassage {
                clip: read.parse("clip", &row.clip)?,
                place: read.text("place", place, &row.place)?,
                by: row.name.as_deref().map(|name| ReplyWriter {
                    name: PersonName::stored(name).to_string(),
                    member: row.member,
                }),
                at: row.at_us.map(|at| read.count("at_us", at)).transpose()?.map(Micros),
                snippet: pieces(&row.snippet),
            })
        });
        found.collect()
    }
}

/// A term in the language of FTS5: quoted, so that nothing in it is an operator.
fn expression(term: &Term) -> String {
    let quoted = term.text.replace('"', "\"\"");
    if term.begun { format!("\"{quoted}\"*") } else { format!("\"{quoted}\"") }
}

fn place(name: &str) -> Result<SearchPlace, &'static str> {
    match name {
        "title" => Ok(SearchPlace::Title),
        "summary" => Ok(SearchPlace::Summary),
        "cue" => Ok(SearchPlace::Cue),
        "reply" => Ok(SearchPlace::Reply),
        _ => Err("no such place"),
    }
}

/// A snippet in pieces: what matched, and what stands between.
fn pieces(marked: &str) -> Vec<SnippetPiece> {
    let parts = marked.split(HIT_BEGINS).enumerate().flat_map(|(n, part)| {
        let (hit, rest) =
            if n == 0 { ("", part) } else { part.split_once(HIT_ENDS).unwrap_or((part, "")) };
        [(hit, true), (rest, false)]
    });
    let shown = parts.filter(|(text, _)| !text.is_empty());
    shown.map(|(text, hit)| SnippetPiece { text: text.to_owned(), hit }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_come_in_pieces() {
        let piece = |text: &str, hit| SnippetPiece { text: text.to_owned(), hit };
        assert_eq!(
            pieces("…the \u{2}export\u{3} is \u{2}done\u{3}"),
            [
                piece("…the ", false),
                piece("export", true),
                piece(" is ", false),
                piece("done", true)
            ]
        );
        assert_eq!(pieces(""), []);
    }
}
