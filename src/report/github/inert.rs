//! Foreign text made inert for GitHub's Markdown: code spans, cells of tables, code in HTML, fences, addresses.
//!
//! Code is the one place where neither CommonMark nor GitHub's later filters (mentions, references to issues and commits,
//! addresses) look for anything. So foreign text only ever stands in code, and the functions here make sure that it cannot
//! leave it. Characters that hide or turn text round are shown as U+FFFD.

/// The longest text in a line, in characters.
const LONGEST: usize = 240;

/// A code span, for running text and lists.
#[must_use]
pub fn code(text: &str) -> String {
    let text = flat(text);
    if text.trim().is_empty() {
        return "`(empty)`".to_owned();
    }
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A code span for the cell of a table. A bar would end the cell even in code, and a backslash before it does not always help.
#[must_use]
pub fn cell(text: &str) -> String {
    code(&text.replace('|', "│"))
}

/// Code in HTML, for summaries of folds, where Markdown is not read.
#[must_use]
pub fn html_code(text: &str) -> String {
    let mut html = "<code>".to_owned();
    for character in flat(text).chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            character => html.push(character),
        }
    }
    html.push_str("</code>");
    html
}

/// A fenced block of these lines, in GitHub's colours for a language.
#[must_use]
pub fn fenced(language: &str, lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| line.chars().map(visible).collect()).collect();
    let run = lines.iter().map(|line| longest_run(line, '`')).max().unwrap_or(0);
    let fence = "`".repeat((run + 1).max(3));
    let mut block = format!("{fence}{language}\n");
    for line in &lines {
        block.push_str(line);
        block.push('\n');
    }
    block.push_str(&fence);
    block.push('\n');
    block
}

/// An address that may stand in a link: HTTPS, and only characters that mean nothing to Markdown.
#[must_use]
pub fn address(text: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:?#=&%+,".contains(&byte);
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    (!rest.is_empty() && text.len() <= 500 && text.bytes().all(is_plain)).then_some(text)
}

/// The text in one line, of a length that can be read.
fn flat(text: &str) -> String {
    let mut flat = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST {
            flat.push('…');
            break;
        }
        flat.push(match character {
            '\n' | '\r' | '\t' => ' ',
            character => visible(character),
        });
    }
    flat
}

/// The character, or a sign for it where it would not be seen, end the line, or turn the text round.
fn visible(character: char) -> char {
    match character {
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => '\u{fffd}',
        '\t' => '\t',
        character if character.is_control() => '\u{fffd}',
        character => character,
    }
}

fn longest_run(text: &str, of: char) -> usize {
    let (mut longest, mut run) = (0, 0);
    for character in text.chars() {
        run = if character == of { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_holds_any_backticks() {
        assert_eq!(code("web"), "`web`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code(" \n"), "`(empty)`");
        assert_eq!(cell("a|b\\|c"), "`a│b\\│c`");
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(code("a\u{202e}b\0c"), "`a\u{fffd}b\u{fffd}c`");
        assert_eq!(html_code("</code><img src=x>\n@all"), "<code>&lt;/code&gt;&lt;img src=x&gt; @all</code>");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("diff", &["+ ````".to_owned()]), "`````diff\n+ ````\n`````\n");
    }

    #[test]
    fn only_plain_addresses_become_links() {
        assert_eq!(
            address("https://github.com/a/b/actions/runs/1"),
            Some("https://github.com/a/b/actions/runs/1")
        );
        for wrong in [
            "javascript:alert(1)",
            "https://",
            "https://a)b",
            "https://a b",
            "https://a\n",
            "//a",
            "https://a|b",
        ] {
            assert_eq!(address(wrong), None, "{wrong}");
        }
    }
}
