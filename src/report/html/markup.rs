//! HTML that is written element by element, so that no text can ever become markup.
//!
//! Invariant: every text and every attribute's value is escaped here, and there is no way to add markup as text. Names of
//! elements and attributes come from the program alone; a link leads to a place of the same page and nowhere else.

use crate::report::printable::printable;

/// A piece of a page.
#[derive(Debug, Default)]
pub struct Markup {
    text: String,
}

/// Names of attributes with their values.
pub type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Markup {
    /// An empty piece.
    #[must_use]
    pub fn new() -> Markup {
        Markup::default()
    }

    /// An element with what `fill` puts into it.
    pub fn element(
        &mut self,
        name: &'static str,
        attributes: Attributes<'_>,
        fill: impl FnOnce(&mut Markup),
    ) -> &mut Markup {
        self.open(name, attributes);
        fill(self);
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
        self
    }

    /// An element with a text in it.
    pub fn words(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) -> &mut Markup {
        self.element(name, attributes, |inner| {
            inner.text(text);
        })
    }

    /// An element that never has content.
    pub fn void(&mut self, name: &'static str, attributes: Attributes<'_>) -> &mut Markup {
        self.open(name, attributes);
        self
    }

    /// A text.
    pub fn text(&mut self, text: &str) -> &mut Markup {
        escape(&mut self.text, &printable(text));
        self
    }

    /// A new line in the source, which a page does not show.
    pub fn line(&mut self) -> &mut Markup {
        self.text.push('\n');
        self
    }

    /// A link to an element of the same page.
    pub fn link(&mut self, id: &str, text: &str) -> &mut Markup {
        let target = format!("#{id}");
        self.words("a", &[("href", &target)], text)
    }

    /// The source.
    #[must_use]
    pub fn into_source(self) -> String {
        self.text
    }

    fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.text.push('<');
        self.text.push_str(name);
        for (name, value) in attributes {
            self.text.push(' ');
            self.text.push_str(name);
            if !value.is_empty() {
                self.text.push_str("=\"");
                escape(&mut self.text, &printable(value));
                self.text.push('"');
            }
        }
        self.text.push('>');
    }
}

fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            character => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Markup;

    #[test]
    fn no_text_becomes_markup() {
        let mut markup = Markup::new();
        markup.element("p", &[("title", "\"><script>alert(1)</script>"), ("hidden", "")], |inner| {
            inner.text("</p><img src=x onerror='y'>\u{202e}").link("r1", "a & b");
        });
        assert_eq!(
            markup.into_source(),
            "<p title=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\" hidden>&lt;/p&gt;&lt;img src=x onerror=&#39;y&#39;&gt;\\u{202e}<a href=\"#r1\">a &amp; b</a></p>"
        );
    }
}
