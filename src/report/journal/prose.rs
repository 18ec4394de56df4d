//! A course's Markdown as HTML: words, lists, code, links to the web. Nothing that it says can load
//! or run anything: HTML and images come out as text.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::super::escape::html;

/// Paragraphs and lists.
pub(super) fn blocks(markdown: &str) -> String {
    write(markdown, true)
}

/// A paragraph's words, without the paragraph.
pub(super) fn inline(markdown: &str) -> String {
    write(markdown, false).trim_end().to_owned()
}

fn write(markdown: &str, paragraphs: bool) -> String {
    let mut out = String::with_capacity(markdown.len() * 2);
    // Links that lead nowhere good lose their tag at both ends.
    let mut links: Vec<bool> = Vec::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                let good = is_web(&dest_url);
                links.push(good);
                if good {
                    out.push_str("<a rel=\"noreferrer\" href=\"");
                    out.push_str(&html(&dest_url));
                    out.push_str("\">");
                }
            }
            Event::End(TagEnd::Link) => {
                let good = links.pop().unwrap_or_default();
                out.push_str(if good { "</a>" } else { "" });
            }
            Event::Start(tag) => out.push_str(open(&tag, paragraphs)),
            Event::End(tag) => out.push_str(close(tag, paragraphs)),
            Event::Code(text) => {
                out.push_str("<code>");
                out.push_str(&html(&text));
                out.push_str("</code>");
            }
            Event::Text(text) => {
                let lines: Vec<String> = text.split('\n').map(html).collect();
                out.push_str(&lines.join("\n"));
            }
            Event::Html(text) | Event::InlineHtml(text) => out.push_str(&html(text.trim_end())),
            Event::SoftBreak => out.push('\n'),
            Event::HardBreak => out.push_str("<br>"),
            Event::Rule => out.push_str("<hr>"),
            _ => {}
        }
    }
    out
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn open(tag: &Tag<'_>, paragraphs: bool) -> &'static str {
    match tag {
        Tag::Paragraph if paragraphs => "<p>",
        Tag::Heading { .. } => "<p><strong>",
        Tag::BlockQuote(_) => "<blockquote>",
        Tag::CodeBlock(_) => "<pre>",
        Tag::List(None) => "<ul>",
        Tag::List(Some(_)) => "<ol>",
        Tag::Item => "<li>",
        Tag::Emphasis => "<em>",
        Tag::Strong => "<strong>",
        Tag::Strikethrough => "<s>",
        _ => "",
    }
}

fn close(tag: TagEnd, paragraphs: bool) -> &'static str {
    match tag {
        TagEnd::Paragraph if paragraphs => "</p>\n",
        TagEnd::Heading(_) => "</strong></p>\n",
        TagEnd::BlockQuote(_) => "</blockquote>\n",
        TagEnd::CodeBlock => "</pre>\n",
        TagEnd::List(false) => "</ul>\n",
        TagEnd::List(true) => "</ol>\n",
        TagEnd::Item => "</li>\n",
        TagEnd::Emphasis => "</em>",
        TagEnd::Strong => "</strong>",
        TagEnd::Strikethrough => "</s>",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lists_and_code() {
        assert_eq!(
            blocks("A *b* **c** `d<e>`\n\n- f\n  g\n- h"),
            "<p>A <em>b</em> <strong>c</strong> <code>d&lt;e&gt;</code></p>\n\
             <ul><li>f\ng</li>\n<li>h</li>\n</ul>\n"
        );
        assert_eq!(inline("One `two`."), "One <code>two</code>.");
    }

    #[test]
    fn nothing_loads_or_runs() {
        let hostile = "w <script>x</script> <img src=http://a/b> ![c](http://d/e) [f](javascript:g) \
                       [h](data:i) [j](//k) [l](https://m/\"n)\n\n<iframe src=o>\n\n</iframe>";
        let out = blocks(hostile);
        for tag in ["<script", "<img", "<iframe", "javascript:g\"", "data:i\"", "\"//k"] {
            assert!(!out.contains(tag), "{tag} in {out}");
        }
        assert_eq!(out.matches("<a ").count(), 1, "{out}");
        assert!(out.contains("href=\"https://m/&quot;n\""), "{out}");
        assert!(out.contains("&lt;script&gt;x"), "what stood there is still read: {out}");
    }
}
