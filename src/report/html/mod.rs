//! Reports as one HTML file that needs nothing else: what diffs and drift reports share of the page.
//!
//! The page may load nothing and send nothing: its Content-Security-Policy allows exactly the one style sheet and the one
//! script that are written into it, by their digests. Without the script everything can be read; it adds filtering and keys.
//! Resources are folds that the browser lays out only when they come into view, so that ten thousand of them are no burden.

pub mod markup;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use markup::Markup;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A page.
pub struct Page<'a> {
    /// Its title.
    pub title: &'a str,
    /// What stands in it.
    pub body: Markup,
    /// The report itself, for programs that are given the page.
    pub data: &'a Value,
}

impl Page<'_> {
    /// The file.
    #[must_use]
    pub fn print(self) -> String {
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
            source_digest(STYLE),
            source_digest(SCRIPT)
        );
        let mut head = Markup::new();
        head.void("meta", &[("charset", "utf-8")]).line();
        head.void("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy)]).line();
        head.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]).line();
        head.void("meta", &[("name", "color-scheme"), ("content", "light dark")]).line();
        head.void("meta", &[("name", "referrer"), ("content", "no-referrer")]).line();
        head.words("title", &[], self.title).line();
        // Within a script the only danger is its own end tag and a comment that hides it.
        let data = self.data.to_string().replace('<', "\\u003c");
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n{}<style>{STYLE}</style>\n</head>\n<body>\n{}\n<script type=\"application/json\" id=\"report\">{data}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
            head.into_source(),
            self.body.into_source(),
        )
    }
}

/// How a Content-Security-Policy names an inline source.
fn source_digest(source: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(source.as_bytes())))
}

/// The link that leads keyboards past the tools, and the tools: a search, choices of what is shown, and buttons. They are
/// hidden until the script can serve them.
pub fn tools(body: &mut Markup, choices: &[(&str, &str)]) {
    body.element("form", &[("id", "tools"), ("role", "search"), ("hidden", "")], |form| {
        form.element("label", &[("class", "search")], |label| {
            label.words("span", &[], "Filter").void(
                "input",
                &[
                    ("type", "search"),
                    ("id", "filter"),
                    ("placeholder", "kind, name, claim"),
                    ("autocomplete", "off"),
                ],
            );
        });
        form.element("fieldset", &[], |set| {
            set.words("legend", &[], "Show");
            for (value, label) in choices {
                set.element("label", &[("class", "choice")], |of_choice| {
                    of_choice.void(
                        "input",
                        &[("type", "checkbox"), ("name", "kind"), ("value", value), ("checked", "")],
                    );
                    of_choice.text(label);
                });
            }
        });
        form.words("button", &[("type", "button"), ("id", "open")], "Open all");
        form.words("button", &[("type", "button"), ("id", "close")], "Close all");
        form.words("output", &[("id", "count"), ("aria-live", "polite")], "");
        form.element("p", &[("class", "keys")], |keys| {
            keys.words("kbd", &[], "/").text(" filter ").words("kbd", &[], "j").text(" ");
            keys.words("kbd", &[], "k").text(" next and previous ").words("kbd", &[], "Enter").text(" open");
        });
    })
    .line();
}

/// How the folds of a page are when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folds {
    /// All can be read at once.
    Open,
    /// There are too many for that.
    Closed,
}

impl Folds {
    /// The most folds that are open from the start.
    const MOST: usize = 20;

    /// How so many folds are.
    #[must_use]
    pub fn of_count(count: usize) -> Folds {
        if count <= Folds::MOST { Folds::Open } else { Folds::Closed }
    }

    /// The attributes of a fold, which is a resource of this class.
    #[must_use]
    pub fn attributes<'a>(self, class: &'a str, id: &'a str, kind: &'a str) -> Vec<(&'static str, &'a str)> {
        let mut attributes = vec![("class", class), ("id", id), ("data-kind", kind)];
        attributes.extend((self == Folds::Open).then_some(("open", "")));
        attributes
    }
}

/// One number with what it counts.
pub fn card(cards: &mut Markup, count: u64, label: &str, tone: &'static str) {
    let tone = if count == 0 { "none" } else { tone };
    cards.element("li", &[("class", tone)], |item| {
        item.words("strong", &[], &count.to_string()).words("span", &[], label);
    });
}

/// A table: its caption, its columns, and its rows; the first cell of a row names it.
pub fn table(body: &mut Markup, caption: &str, columns: &[&str], rows: impl Iterator<Item = Vec<Cell>>) {
    body.element(
        "div",
        &[("class", "table"), ("role", "region"), ("aria-label", caption), ("tabindex", "0")],
        |scroll| {
            scroll.element("table", &[], |table| {
                table.words("caption", &[], caption);
                table.element("thead", &[], |head| {
                    head.element("tr", &[], |row| {
                        for column in columns {
                            row.words("th", &[("scope", "col")], column);
                        }
                    });
                });
                table.element("tbody", &[], |rows_of_table| {
                    for cells in rows {
                        rows_of_table.element("tr", &[], |row| {
                            for (index, cell) in cells.iter().enumerate() {
                                cell.write(row, index == 0);
                            }
                        });
                        rows_of_table.line();
                    }
                });
            });
        },
    )
    .line();
}

/// A cell of a table.
pub enum Cell {
    /// Words.
    Words(String),
    /// A name, a path or a value, as it is written.
    Code(String),
    /// A number.
    Count(u64),
    /// A link to an element of the page.
    Link(String, String),
}

impl Cell {
    fn write(&self, row: &mut Markup, names_the_row: bool) {
        let name = if names_the_row { "th" } else { "td" };
        let scope: &[(&'static str, &str)] = if names_the_row { &[("scope", "row")] } else { &[] };
        match self {
            Cell::Words(text) => row.words(name, scope, text),
            Cell::Code(text) => row.element(name, scope, |cell| {
                cell.words("code", &[], text);
            }),
            Cell::Count(count) => {
                let class = if *count == 0 { "count zero" } else { "count" };
                row.words("td", &[("class", class)], &count.to_string())
            }
            Cell::Link(id, text) => row.element(name, scope, |cell| {
                cell.link(id, text);
            }),
        };
    }
}
