//! Markdown of people becomes HTML that cannot harm other people: no raw HTML, no scripts, no pictures, only outward links.
//!
//! What a person typed as HTML is shown as they typed it. Whatever the writer of Markdown lets through has to pass a
//! list of allowed elements afterwards, so that a fault in one does not open the page.

use std::collections::HashSet;
use std::sync::OnceLock;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

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

/// How deep elements may lie in each other. What lies deeper stays, as if it lay at this depth: checking thousands of nested
/// elements would take a server many seconds.
const DEEPEST: usize = 24;

fn allowed() -> &'static Builder<'static> {
    static ALLOWED: OnceLock<Builder<'static>> = OnceLock::new();
    ALLOWED.get_or_init(|| {
        let mut allowed = Builder::empty();
        allowed
            .tags(HashSet::from(ELEMENTS))
            .add_tag_attributes("a", ["href"])
            .add_tag_attributes("ol", ["start"])
            .url_schemes(HashSet::from(SCHEMES))
            .url_relative(UrlRelative::Deny)
            .clean_content_tags(HashSet::from(["script", "style"]))
            .link_rel(Some("nofollow noopener ugc"));
        allowed
    })
}

/// `markdown` as safe HTML. A line break stays a line break, as in any field people write into.
#[must_use]
pub fn to_html(markdown: &str) -> String {
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
        // The words that describe a picture stay, the picture does not: it would be fetched from elsewhere.
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        other => Some(other),
    };
    let events = Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES);
    let events = events.filter(shallow).filter_map(harmless);
    let mut written = String::new();
    html::push_html(&mut written, events);
    allowed().clean(&written).to_string().trim_end().to_owned()
}

/// `markdown` without its marks, on one line: for search, and for programs that show a sentence of it.
#[must_use]
pub fn to_text(markdown: &str) -> String {
    let mut text = String::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES) {
        match event {
            Event::Text(words) | Event::Code(words) => text.push_str(&words),
            Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image) => {}
            Event::SoftBreak | Event::HardBreak | Event::End(_) => text.push(' '),
            _ => {}
        }
    }
    // A character reference may name one that no text has.
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
                "[here](https://example.org/?a=1&b=2)",
                r#"<p><a href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener ugc">here</a></p>"#,
            ),
            ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
            ("a <b>bold</b> word", "<p>a &lt;b&gt;bold&lt;/b&gt; word</p>"),
        ] {
            assert_eq!(to_html(markdown), expected, "{markdown}");
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
        ] {
            let html = to_html(attack);
            // Text may say anything; what counts is what a browser would make an element of.
            let elements: Vec<&str> = html.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default()).collect();
            for element in elements {
                let name = element.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
                assert!(ELEMENTS.contains(&name), "{attack} made <{element}>");
                let attributes = element.strip_prefix(name).unwrap_or_default().to_lowercase();
                for harm in ["javascript", "data:", "vbscript", "src", " on", "style", "\"/"] {
                    assert!(!attributes.contains(harm), "{attack} made <{element}>");
                }
            }
        }
    }

    #[test]
    fn deep_nesting_is_no_way_to_stop_the_library() {
        for open in [">", "[", "*", "- ", "<b>", "`"] {
            let deep = open.repeat(20_000 / open.len());
            let html = to_html(&deep);
            assert!(html.matches("</").count() <= DEEPEST, "{open} made {} elements", html.matches("</").count());
        }
    }

    #[test]
    fn markdown_becomes_a_sentence() {
        let markdown = "# Export\n\nIt *works* now: `ok`. [Try](http://x)!\n\n<script>no</script>";
        assert_eq!(to_text(markdown), "Export It works now: ok. Try!");
        assert_eq!(to_text("a&#2;b"), "ab", "no text has control characters");
        assert_eq!(to_text("---\n\n***"), "", "marks alone are no text");
    }
}
