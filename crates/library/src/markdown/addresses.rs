//! Addresses that somebody wrote or pasted as they are: they become links, as `<https://…>` does.

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

const SCHEMES: [&str; 2] = ["https://", "http://"];

/// Turns addresses in texts into links, but for those within code and other links.
#[derive(Default)]
pub(super) struct LinkAddresses {
    /// In how many elements we are that have no links in them.
    closed: usize,
}

impl LinkAddresses {
    /// The events that stand in an event's place. A text comes whole, see
    /// [`TextMergeStream`](pulldown_cmark::TextMergeStream).
    pub(super) fn link<'e>(&mut self, event: Event<'e>) -> Vec<Event<'e>> {
        match &event {
            Event::Start(Tag::Link { .. } | Tag::CodeBlock(_) | Tag::Image { .. }) => {
                self.closed += 1;
            }
            Event::End(TagEnd::Link | TagEnd::CodeBlock | TagEnd::Image) => {
                self.closed = self.closed.saturating_sub(1);
            }
            Event::Text(text) if self.closed == 0 => {
                if let Some(events) = linked(text) {
                    return events;
                }
            }
            _ => {}
        }
        vec![event]
    }
}

/// A text with its addresses as links; `None` if it has none.
fn linked<'e>(text: &str) -> Option<Vec<Event<'e>>> {
    let owned = |text: &str| CowStr::from(text.to_owned());
    let (mut events, mut rest) = (Vec::new(), text);
    while let Some((start, end)) = first_address(rest) {
        let (before, address) = (&rest[..start], &rest[start..end]);
        if !before.is_empty() {
            events.push(Event::Text(owned(before)));
        }
        events.push(Event::Start(Tag::Link {
            link_type: LinkType::Autolink,
            dest_url: owned(address),
            title: CowStr::from(""),
            id: CowStr::from(""),
        }));
        events.push(Event::Text(owned(address)));
        events.push(Event::End(TagEnd::Link));
        rest = &rest[end..];
    }
    if events.is_empty() {
        return None;
    }
    if !rest.is_empty() {
        events.push(Event::Text(owned(rest)));
    }
    Some(events)
}

/// Where the first address begins and ends. It begins a word and has a host; signs that end a
/// sentence are not part of it, nor is a bracket that was opened before it.
fn first_address(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(found) = text[from..].find("http") {
        let start = from + found;
        let tail = &text[start..];
        let scheme = SCHEMES.iter().find(|scheme| tail.starts_with(**scheme));
        let begins = !text[..start].chars().next_back().is_some_and(char::is_alphanumeric);
        from = start + "http".len();
        let Some(scheme) = scheme.filter(|_| begins) else { continue };
        let whole = tail.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'));
        let address = without_ending(&tail[..whole.unwrap_or(tail.len())]);
        if address[scheme.len().min(address.len())..].starts_with(char::is_alphanumeric) {
            return Some((start, start + address.len()));
        }
    }
    None
}

fn without_ending(mut address: &str) -> &str {
    loop {
        let unopened = |open, close| address.matches(close).count() > address.matches(open).count();
        let cut = match address.chars().next_back() {
            Some('.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '…' | '“' | '”') => {
                true
            }
            Some(')') => unopened('(', ')'),
            Some(']') => unopened('[', ']'),
            _ => false,
        };
        if !cut {
            return address;
        }
        let last = address.chars().next_back().map_or(0, char::len_utf8);
        address = &address[..address.len() - last];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_ends_where_its_sentence_goes_on() {
        for (text, address) in [
            ("see https://a.example/b?c=d#e, then", Some("https://a.example/b?c=d#e")),
            ("(http://a.example/x_(y))", Some("http://a.example/x_(y)")),
            ("http://a.example.", Some("http://a.example")),
            ("https://a.example/“x”", Some("https://a.example/“x")),
            ("https://пример.example/ü!?", Some("https://пример.example/ü")),
            ("xhttp://a.example", None),
            ("http://", None),
            ("http://.", None),
            ("https:// a.example", None),
            ("javascript:alert(1)", None),
            ("http http://a.example", Some("http://a.example")),
        ] {
            let found = first_address(text).map(|(start, end)| &text[start..end]);
            assert_eq!(found, address, "{text}");
        }
    }
}
