//! Texts that others wrote, made safe for the page: titles of a course, an account's number, what
//! stands in an imported journal.

use std::borrow::Cow;

use pulldown_cmark::{Event, Parser};

use crate::course::visible;

/// For HTML, in text and in quoted attributes.
pub(super) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Plain text for Markdown, on one line: nothing in it is markup.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in visible(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A course's Markdown for Markdown: HTML in it shows as text.
pub(super) fn without_html(markdown: &str) -> Cow<'_, str> {
    let html = Parser::new(markdown).into_offset_iter().filter_map(|(event, at)| {
        matches!(event, Event::Html(_) | Event::InlineHtml(_)).then_some(at)
    });
    let html: Vec<_> = html.collect();
    if html.is_empty() {
        return Cow::Borrowed(markdown);
    }
    let mut out = String::with_capacity(markdown.len() + 16);
    let mut from = 0;
    for at in html {
        out.push_str(&markdown[from..at.start]);
        out.push_str(&markdown[at.clone()].replace('&', "&amp;").replace('<', "&lt;"));
        from = at.end;
    }
    out.push_str(&markdown[from..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_hostile_text_is_markup() {
        let text = "<script>\"x\"</script> & 'y' \u{202e}\u{1b}[31m";
        assert_eq!(
            html(text),
            "&lt;script&gt;&quot;x&quot;&lt;/script&gt; &amp; &#39;y&#39; ··[31m"
        );
        assert_eq!(markdown("[a](b) *c* <d>\n# e"), r"\[a\](b) \*c\* &lt;d>·\# e");
    }

    #[test]
    fn html_in_a_courses_markdown_is_text() {
        let text = "- **a** <img src=x> `<b>`\n\n<script>x</script>\n";
        assert_eq!(
            without_html(text),
            "- **a** &lt;img src=x> `<b>`\n\n&lt;script>x&lt;/script>\n"
        );
    }
}
