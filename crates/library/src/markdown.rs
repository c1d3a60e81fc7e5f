//! Renders Markdown to sanitized HTML: no raw HTML, no scripts, no pictures, only outward links.
//!
//! HTML in the source is escaped and shown as typed. The renderer's output then passes an
//! allow-list of elements, so that a fault in one of the two is not enough to inject markup.
//!
//! Input and output have a bound. The parser fills every row of a table up to the width of the
//! first, so that a short text becomes a large table: replies have no tables, summaries only small
//! ones.

mod addresses;

use std::collections::HashSet;
use std::fmt;
use std::sync::OnceLock;

use addresses::LinkAddresses;
use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, TextMergeStream, html};

const ELEMENTS: [&str; 28] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// How deep elements are nested at most; deeper ones are flattened to this depth. Sanitizing
/// thousands of nested elements would take many seconds.
const DEEPEST: usize = 24;

/// The most bytes of HTML that a reply may become.
pub(crate) const MAX_REPLY_HTML_BYTES: usize = 64 << 10;
/// The most bytes of HTML that a summary may become; a larger one is shown as plain text.
pub(crate) const MAX_SUMMARY_HTML_BYTES: usize = 128 << 10;
/// How many cells the tables of a summary may have, with those that the parser adds.
const MAX_CELLS: usize = 4096;

/// Markdown that becomes more HTML than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text becomes more than {most_bytes} bytes of HTML")]
pub struct TooMuch {
    /// How many it may become.
    pub most_bytes: usize,
}

/// A reply as HTML to be shown, and as plain text to be searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Safe HTML.
    pub html: String,
    /// The same without marks, on one line.
    pub text: String,
}

fn allowed() -> &'static Builder<'static> {
    static ALLOWED: OnceLock<Builder<'static>> = OnceLock::new();
    ALLOWED.get_or_init(|| {
        let mut allowed = Builder::empty();
        allowed
            .tags(HashSet::from(ELEMENTS))
            .generic_attributes(HashSet::new())
            .add_tag_attributes("a", ["href"])
            .add_tag_attributes("ol", ["start"])
            .url_schemes(HashSet::from(SCHEMES))
            .url_relative(UrlRelative::Deny)
            .clean_content_tags(HashSet::from(["script", "style"]))
            .link_rel(Some("nofollow noopener ugc"));
        allowed
    })
}

/// A writer that fails once a number of bytes is exceeded.
struct Bounded {
    text: String,
    most_bytes: usize,
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        if self.text.len() + more.len() > self.most_bytes {
            return Err(fmt::Error);
        }
        self.text.push_str(more);
        Ok(())
    }
}

/// Extensions to CommonMark. Tables are on only if an upper bound of their cells, estimated before
/// parsing (the most bars of a line, times the lines), is small enough.
fn options(markdown: &str, tables: bool) -> Options {
    let columns =
        markdown.lines().map(|line| line.matches('|').count() + 1).max().unwrap_or_default();
    let small = tables && columns * markdown.lines().count() <= MAX_CELLS;
    if small {
        Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES
    } else {
        Options::ENABLE_STRIKETHROUGH
    }
}

/// `markdown` as sanitized HTML. A line break stays a line break, as in any text field.
fn to_html(markdown: &str, tables: bool, most_bytes: usize) -> Result<String, TooMuch> {
    let mut depth = 0_usize;
    let shallow = move |event: &Event<'_>| {
        let before = depth;
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => return true,
        }
        before.max(depth) <= DEEPEST
    };
    let harmless = |event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        Event::SoftBreak => Some(Event::HardBreak),
        // A picture is replaced by its description: browsers would fetch it from another site.
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        other => Some(other),
    };
    let mut addresses = LinkAddresses::default();
    let events = TextMergeStream::new(Parser::new_ext(markdown, options(markdown, tables)))
        .filter(shallow)
        .flat_map(|event| addresses.link(event))
        .filter_map(harmless);
    let mut written = Bounded { text: String::new(), most_bytes };
    html::write_html_fmt(&mut written, events).map_err(|_| TooMuch { most_bytes })?;
    let clean = allowed().clean(&written.text).to_string().trim_end().to_owned();
    // Sanitizing adds `rel` to links.
    if clean.len() > most_bytes { Err(TooMuch { most_bytes }) } else { Ok(clean) }
}

/// Escapes text, and keeps its line breaks.
fn plain_html(text: &str) -> String {
    let mut html = "<p>".to_owned();
    for c in text.chars() {
        match c {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '\n' => html.push_str("<br>\n"),
            other => html.push(other),
        }
    }
    html + "</p>"
}

/// Renders a reply. It takes a few milliseconds at most: once, when the reply is written, on a
/// blocking thread.
///
/// # Errors
/// [`TooMuch`] if it becomes more than [`MAX_REPLY_HTML_BYTES`].
pub fn reply(markdown: &str) -> Result<Rendered, TooMuch> {
    let html = to_html(markdown, false, MAX_REPLY_HTML_BYTES)?;
    // A link definition alone renders to nothing: the source is shown then.
    let html = if html.is_empty() { plain_html(markdown) } else { html };
    Ok(Rendered { html, text: text_of(markdown, false) })
}

/// Renders a stored reply; as plain text if its HTML exceeds today's bound.
#[must_use]
pub fn stored_reply(markdown: &str) -> Rendered {
    reply(markdown)
        .unwrap_or_else(|_| Rendered { html: plain_html(markdown), text: text_of(markdown, false) })
}

/// Renders a summary; as plain text if its HTML exceeds [`MAX_SUMMARY_HTML_BYTES`].
#[must_use]
pub fn summary_html(markdown: &str) -> String {
    to_html(markdown, true, MAX_SUMMARY_HTML_BYTES).unwrap_or_else(|_| plain_html(markdown))
}

/// The plain text of a summary on one line: for search, and for programs that show a sentence of
/// it.
#[must_use]
pub fn summary_text(markdown: &str) -> String {
    text_of(markdown, true)
}

fn text_of(markdown: &str, tables: bool) -> String {
    let mut text = String::new();
    for event in Parser::new_ext(markdown, options(markdown, tables)) {
        match event {
            Event::Text(words) | Event::Code(words) => text.push_str(&words),
            Event::End(
                TagEnd::Emphasis
                | TagEnd::Strong
                | TagEnd::Strikethrough
                | TagEnd::Link
                | TagEnd::Image,
            ) => {}
            Event::SoftBreak | Event::HardBreak | Event::End(_) => text.push(' '),
            _ => {}
        }
    }
    // A character reference may give a character that our text type refuses.
    text.retain(|c| c.is_whitespace() || !c.is_control());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_reads_as_meant() {
        for (markdown, expected) in [
            ("", ""),
            ("At 1:23 it is *too* fast", "<p>At 1:23 it is <em>too</em> fast</p>"),
            ("one\ntwo", "<p>one<br>\ntwo</p>"),
            ("~~no~~ `a < b`", "<p><del>no</del> <code>a &lt; b</code></p>"),
            (
                "https://example.org/?a=1&b=2_3_4!",
                r#"<p><a href="https://example.org/?a=1&amp;b=2_3_4" rel="nofollow noopener ugc">https://example.org/?a=1&amp;b=2_3_4</a>!</p>"#,
            ),
            (
                "`http://x` <b>http://y</b>",
                r#"<p><code>http://x</code> &lt;b&gt;<a href="http://y" rel="nofollow noopener ugc">http://y</a>&lt;/b&gt;</p>"#,
            ),
            (
                "[http://x](http://y)",
                r#"<p><a href="http://y" rel="nofollow noopener ugc">http://x</a></p>"#,
            ),
            (
                "[here](https://example.org/?a=1&b=2)",
                r#"<p><a href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener ugc">here</a></p>"#,
            ),
            ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
            ("a <b>bold</b> word", "<p>a &lt;b&gt;bold&lt;/b&gt; word</p>"),
        ] {
            assert_eq!(summary_html(markdown), expected, "{markdown}");
        }
    }

    #[test]
    fn nothing_in_it_can_run_or_fetch() {
        for attack in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<svg/onload=alert(1)>",
            "<div onclick=\"alert(1)\">x</div>",
            "<iframe src=\"https://example.org\"></iframe>",
            "<style>*{display:none}</style>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](java\tscript:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "<javascript:alert(1)>",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:msgbox)",
            "![x](https://example.org/track.png)",
            "[x](/sign-out)",
            "[x](//example.org/sign-out)",
            "[x](https://example.org/\"onmouseover=\"alert(1))",
            "<a href=\"javascript:alert(1)\">x</a>",
            "```<script>\nalert(1)\n```",
            "<!--><script>alert(1)</script>-->",
            "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
            "[x](https://example.org \"a title\")",
        ] {
            let html = summary_html(attack);
            // Only what a browser parses as an element counts; escaped text may say anything.
            let elements: Vec<&str> = html
                .split('<')
                .skip(1)
                .map(|tag| tag.split('>').next().unwrap_or_default())
                .collect();
            for element in elements {
                let name =
                    element.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
                assert!(ELEMENTS.contains(&name), "{attack} made <{element}>");
                let attributes = element.strip_prefix(name).unwrap_or_default().to_lowercase();
                for harm in [
                    "javascript",
                    "data:",
                    "vbscript",
                    "src",
                    " on",
                    "style",
                    "\"/",
                    "title",
                    "lang",
                ] {
                    assert!(!attributes.contains(harm), "{attack} made <{element}>");
                }
            }
        }
    }

    /// Text of 10,000 characters that expands as much as possible.
    fn bombs() -> Vec<(&'static str, String)> {
        let most = |unit: &str| unit.repeat(10_000 / unit.chars().count());
        let filled = |start: String, unit: &str| {
            format!("{start}{}", unit.repeat((10_000 - start.chars().count()) / unit.len()))
        };
        vec![
            ("a table", filled(format!("{}\n{}\n", "|a".repeat(60), "|-".repeat(60)), "x\n")),
            ("quotes", most("> ")),
            ("quotes in lines", filled(">".repeat(2_000) + "a", "\n>b")),
            ("lists", most("- ")),
            ("deep lists in lines", filled("- ".repeat(2_000) + "a\n", " b\n\n")),
            ("numbered lists", most("1. a\n")),
            ("emphasis", most("*a ")),
            ("nested emphasis", most("**a*")),
            ("brackets", most("[")),
            ("closed brackets", most("[a](")),
            ("references", filled(format!("[a]: <{}>\n\n", "b".repeat(3_000)), "[a]")),
            ("definitions", most("[a]: b\n")),
            ("footnotes", most("[^a]")),
            ("autolinks", most("<a:b>")),
            ("links", most("<http:a>")),
            ("references of characters", most("&amp;")),
            ("quotation marks", most("\"")),
            ("angles", most("<")),
            ("backticks", most("`a``")),
            ("unclosed comments", most("<!--")),
            ("lines", most("a\n")),
            ("rules", most("-\n\n")),
            ("headings", most("#\n")),
            ("bars", most("|")),
            ("strikes", most("~~a")),
            ("four bytes each", most("😀")),
        ]
    }

    #[test]
    fn what_becomes_too_much_is_refused_or_shown_as_it_was_typed() {
        for (what, bomb) in bombs() {
            assert!(bomb.chars().count() <= 10_000);
            match reply(&bomb) {
                Ok(rendered) => assert!(
                    rendered.html.len() <= MAX_REPLY_HTML_BYTES,
                    "{what}: {}",
                    rendered.html.len()
                ),
                Err(error) => {
                    assert_eq!(error, TooMuch { most_bytes: MAX_REPLY_HTML_BYTES }, "{what}")
                }
            }
            let stored = stored_reply(&bomb);
            assert!(stored.html.len() <= MAX_REPLY_HTML_BYTES, "{what}: {}", stored.html.len());
            assert!(stored.text.len() <= 40_000, "{what}: {}", stored.text.len());
            assert!(summary_html(&bomb).len() <= MAX_SUMMARY_HTML_BYTES, "{what}");
        }
        assert!(reply(&"<http:a>".repeat(1_250)).is_err(), "links become seven times as long");
        assert_eq!(plain_html("a <b>\nc"), "<p>a &lt;b&gt;<br>\nc</p>");
    }

    #[test]
    fn tables_are_for_summaries_and_stay_small() {
        let table = "|a|b|\n|-|-|\n|c|d|";
        assert!(summary_html(table).contains("<td>d</td>"));
        assert!(!reply(table).unwrap().html.contains("<table>"));
        assert_eq!(summary_text(table), "a b c d");
        let wide = format!("{}\n{}\n{}", "|a".repeat(60), "|-".repeat(60), "x\n".repeat(5_000));
        assert!(!summary_html(&wide).contains("<table>"), "rows are not filled up without end");
    }

    #[test]
    fn deep_nesting_is_no_way_to_stop_the_library() {
        for open in [">", "[", "*", "- ", "<b>", "`"] {
            let deep = open.repeat(20_000 / open.len());
            let html = summary_html(&deep);
            assert!(
                html.matches("</").count() <= DEEPEST,
                "{open} made {} elements",
                html.matches("</").count()
            );
        }
    }

    #[test]
    fn markdown_becomes_a_sentence() {
        let markdown = "# Export\n\nIt *works* now: `ok`. [Try](http://x)!\n\n<script>no</script>";
        assert_eq!(summary_text(markdown), "Export It works now: ok. Try!");
        assert_eq!(summary_text("a&#2;b"), "ab", "no text has control characters");
        assert_eq!(summary_text("---\n\n***"), "", "marks alone are no text");
    }
}
