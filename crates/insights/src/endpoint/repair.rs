//! [`object`]: the JSON object in what a language model wrote, although it stands between other
//! words, in a code fence, with commas too many, or was cut off.

use serde_json::{Map, Value};

/// So many places where an object could begin are tried.
const MAX_STARTS: usize = 20;
/// So many places where an object that was cut off could end are tried.
const MAX_ENDS: usize = 50;

/// The first object in `text` that can be read; none if there is none.
pub(super) fn object(text: &str) -> Option<Map<String, Value>> {
    // Some models think aloud first, and what they think may look like an answer.
    let text = text.rsplit_once("</think>").map_or(text, |(_, answer)| answer);
    text.match_indices('{').take(MAX_STARTS).find_map(|(at, _)| {
        let read = tidy(&text[at..]);
        let whole = parse(&read.tidied);
        whole.or_else(|| {
            read.ends.iter().rev().take(MAX_ENDS).find_map(|end| parse(&end.closed(&read.tidied)))
        })
    })
}

fn parse(text: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) if !object.is_empty() => Some(object),
        _ => None,
    }
}

/// A place behind which everything may be left out, and the brackets that are open there.
struct End {
    at: usize,
    open: String,
}

impl End {
    fn closed(&self, tidied: &str) -> String {
        format!("{}{}", &tidied[..self.at], self.open.chars().rev().collect::<String>())
    }
}

struct Tidied {
    tidied: String,
    ends: Vec<End>,
}

/// Goes through an object up to the brace that closes it: writes line breaks within strings as JSON
/// wants them, leaves out commas before a closing bracket, and notes where it could end. `text`
/// begins with the brace that opens it.
fn tidy(text: &str) -> Tidied {
    let mut tidied = String::with_capacity(text.len());
    let mut ends = Vec::new();
    let mut open = String::new();
    let mut in_string = false;
    let mut escaped = false;
    for letter in text.chars() {
        if in_string {
            match letter {
                _ if escaped => {
                    escaped = false;
                    tidied.push(letter);
                }
                '\\' => {
                    escaped = true;
                    tidied.push(letter);
                }
                '"' => {
                    in_string = false;
                    tidied.push(letter);
                    ends.push(End { at: tidied.len(), open: open.clone() });
                }
                '\n' => tidied.push_str("\\n"),
                '\t' => tidied.push_str("\\t"),
                letter if letter.is_control() => {}
                letter => tidied.push(letter),
            }
            continue;
        }
        match letter {
            '"' => {
                in_string = true;
                tidied.push(letter);
            }
            '{' | '[' => {
                open.push(if letter == '{' { '}' } else { ']' });
                tidied.push(letter);
                ends.push(End { at: tidied.len(), open: open.clone() });
            }
            '}' | ']' => {
                let kept = tidied.trim_end().trim_end_matches(',').len();
                tidied.truncate(kept);
                ends.retain(|end: &End| end.at <= kept);
                open.pop();
                tidied.push(letter);
                if open.is_empty() {
                    break;
                }
                ends.push(End { at: tidied.len(), open: open.clone() });
            }
            ',' => {
                ends.push(End { at: tidied.len(), open: open.clone() });
                tidied.push(letter);
            }
            letter => tidied.push(letter),
        }
    }
    if in_string && !escaped {
        // Cut off within a text: what there is of it is better than nothing.
        tidied.push('"');
        ends.push(End { at: tidied.len(), open: open.clone() });
    }
    Tidied { tidied, ends }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Value {
        object(text).map_or(Value::Null, Value::Object)
    }

    #[test]
    fn almost_json_is_read() {
        let whole = json!({ "title": "A {brace}", "tasks": [{ "text": "say \"no\"" }] });
        for text in [
            r#"{"title": "A {brace}", "tasks": [{"text": "say \"no\""}]}"#,
            "Here you are:\n```json\n{\"title\": \"A {brace}\", \"tasks\": \
             [{\"text\": \"say \\\"no\\\"\"},],}\n```\nAnything else? {}",
            "<think>{\"title\": \"maybe\"}</think>{\"title\": \"A {brace}\", \"tasks\": \
             [{\"text\": \"say \\\"no\\\"\"}]}",
            "{ no } {\"title\": \"A {brace}\", \"tasks\": [{\"text\": \"say \\\"no\\\"\"}]}",
        ] {
            assert_eq!(read(text), whole, "{text}");
        }
        assert_eq!(
            read("{\"summary\": \"one\n- two\"}"),
            json!({ "summary": "one\n- two" }),
            "line breaks within a text"
        );
    }

    #[test]
    fn what_was_cut_off_is_read_as_far_as_it_goes() {
        for (text, whole) in [
            (
                r#"{"title": "A", "summary": "it goes on"#,
                json!({ "title": "A", "summary": "it goes on" }),
            ),
            (
                r#"{"title": "A", "chapters": [{"start": 1, "title": "B"}, {"sta"#,
                json!({ "title": "A", "chapters": [{ "start": 1, "title": "B" }, {}] }),
            ),
            (r#"{"title": "A", "summary":"#, json!({ "title": "A" })),
            (r#"{"title": "A", "chapters": ["#, json!({ "title": "A", "chapters": [] })),
            (r#"{"title": "a \"#, Value::Null),
        ] {
            assert_eq!(read(text), whole, "{text}");
        }
    }

    #[test]
    fn what_is_no_object_is_none() {
        for text in ["", "I am sorry, I cannot do that.", "[1, 2]", "{}", "\"{\"", "}{"] {
            assert_eq!(read(text), Value::Null, "{text}");
        }
        assert_eq!(read(&"{\"a\":".repeat(5_000)), Value::Null, "depth is bounded");
    }

    proptest! {
        #[test]
        fn nothing_makes_it_fail(text in r#"([{}\[\],:"\\]|\PC|title|\n){0,60}"#) {
            let _ = object(&text);
        }

        #[test]
        fn the_beginning_of_an_answer_never_makes_up_anything(cut in 0_usize..90) {
            let whole = r#"{"title": "Login loop", "summary": "It – loops", "tasks": [{"at": "0:41", "text": "look"}]}"#;
            let cut = (0..=cut.min(whole.len())).rev().find(|at| whole.is_char_boundary(*at)).unwrap_or(0);
            if let Some(title) = object(&whole[..cut]).as_ref().and_then(|object| object.get("title")?.as_str()) {
                prop_assert!("Login loop".starts_with(title), "{title}");
            }
        }
    }
}
