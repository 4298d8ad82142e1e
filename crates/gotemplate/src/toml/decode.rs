//! TOML into values: tables are maps, whole numbers `int64`, arrays of tables slices of maps, dates times.

use std::collections::BTreeMap;

use crate::date::{Time, Zone, parse};
use crate::functions::from_time;
use crate::quote::quote;
use crate::types::{LIST, MAP};
use crate::{Data, Entries, GoString, GoType, Kind, List, Map, Value};

use super::lines::Cursor;

/// Deepest nesting of arrays and inline tables that is read.
const MAXIMUM_DEPTH: usize = 500;

const MAPS: &GoType = &GoType::unnamed("[]map[string]interface {}", Kind::Slice, Some(MAP));

/// A table that is being filled.
#[derive(Default)]
struct Table(BTreeMap<String, Node>);

enum Node {
    Value(Value),
    /// A table; `is_open` as long as only what lies below it has named it, so that it may still get a header.
    Table {
        table: Table,
        is_open: bool,
    },
    Tables(Vec<Table>),
}

/// Reads a whole text, or says what is wrong with it and where.
pub(crate) fn decode(text: &[u8]) -> Result<Map, String> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut reader =
        Reader { cursor: Cursor::new(text), root: Table::default(), header: Vec::new(), key: Vec::new() };
    match reader.read_all() {
        Ok(()) => Ok(reader.root.into_map()),
        Err(problem) => {
            let line = reader.cursor.line();
            let path: Vec<String> =
                reader.header.iter().chain(&reader.key).map(|part| key_text(part)).collect();
            Err(if path.is_empty() {
                format!("toml: line {line}: {problem}")
            } else {
                format!("toml: line {line} (last key {}): {problem}", quote(path.join(".").as_bytes()))
            })
        }
    }
}

fn key_text(part: &str) -> String {
    let is_bare = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    if !part.is_empty() && part.chars().all(is_bare) { part.to_owned() } else { quote(part.as_bytes()) }
}

fn path_text(path: &[String]) -> String {
    path.iter().map(|part| key_text(part)).collect::<Vec<_>>().join(".")
}

impl Table {
    fn into_map(self) -> Map {
        let entries: Entries =
            self.0.into_iter().map(|(key, node)| (GoString::from(key), node.into_value())).collect();
        Map::of_type(MAP, entries)
    }

    /// Follows a path of tables and makes those that are missing.
    fn descend(&mut self, path: &[String]) -> Result<&mut Self, String> {
        let mut table = self;
        for (index, part) in path.iter().enumerate() {
            let node = table
                .0
                .entry(part.clone())
                .or_insert_with(|| Node::Table { table: Self::default(), is_open: true });
            table = match node {
                Node::Table { table, .. } => table,
                Node::Tables(tables) => tables.last_mut().ok_or("an array of tables is empty")?,
                Node::Value(_) => {
                    return Err(format!("Key '{}' has already been defined.", path_text(&path[..=index])));
                }
            };
        }
        Ok(table)
    }

    fn insert(&mut self, path: &[String], whole: &[String], value: Value) -> Result<(), String> {
        let Some((last, parents)) = path.split_last() else { return Ok(()) };
        let table = self.descend(parents)?;
        if table.0.contains_key(last) {
            return Err(format!("Key '{}' has already been defined.", path_text(whole)));
        }
        table.0.insert(last.clone(), Node::Value(value));
        Ok(())
    }
}

impl Node {
    fn into_value(self) -> Value {
        match self {
            Self::Value(value) => value,
            Self::Table { table, .. } => Value::from(table.into_map()),
            Self::Tables(tables) => {
                let maps = tables.into_iter().map(|table| Value::from(table.into_map())).collect();
                Value::from(List::of_type(MAPS, maps))
            }
        }
    }
}

struct Reader<'t> {
    cursor: Cursor<'t>,
    root: Table,
    /// The table that the last header opened.
    header: Vec<String>,
    /// The key that is being read below it.
    key: Vec<String>,
}

impl Reader<'_> {
    fn read_all(&mut self) -> Result<(), String> {
        loop {
            self.cursor.skip_blank_lines();
            match self.cursor.peek() {
                None => return Ok(()),
                Some('[') => self.read_header()?,
                Some(_) => self.read_entry()?,
            }
            self.key.clear();
            self.cursor.skip_spaces();
            match self.cursor.peek() {
                None | Some('\n' | '\r' | '#') => {}
                Some(other) => {
                    return Err(format!(
                        "expected a top-level item to end with a newline, comment, or EOF, but got {} instead",
                        quote_character(other)
                    ));
                }
            }
        }
    }

    fn read_header(&mut self) -> Result<(), String> {
        self.cursor.next();
        let is_array = self.cursor.take('[');
        let mut path = Vec::new();
        loop {
            self.cursor.skip_spaces();
            match self.cursor.peek() {
                Some(']') => {
                    return Err("unexpected end of table name (table names cannot be empty)".to_owned());
                }
                Some('.') => {
                    return Err("unexpected table separator (table names cannot be empty)".to_owned());
                }
                _ => path.push(self.read_key_part()?),
            }
            self.cursor.skip_spaces();
            match self.cursor.next() {
                Some('.') => {}
                Some(']') => break,
                None => {
                    return Err("expected '.' or ']' to end table name, but got '\\x00' instead".to_owned());
                }
                Some(other) => {
                    return Err(format!(
                        "expected '.' or ']' to end table name, but got {} instead",
                        quote_character(other)
                    ));
                }
            }
        }
        if is_array && !self.cursor.take(']') {
            return Err(match self.cursor.peek() {
                None => "unexpected EOF".to_owned(),
                Some(other) => format!(
                    "expected end of table array name delimiter ']', but got {} instead",
                    quote_character(other)
                ),
            });
        }
        let Some((last, parents)) = path.split_last() else { return Ok(()) };
        let created = |_| format!("Key '{}' was already created as a hash.", path_text(parents));
        let table = self.root.descend(parents).map_err(created)?;
        // Upstream has the parents for its place until the table is there.
        self.header = parents.to_vec();
        match (table.0.get_mut(last), is_array) {
            (None, true) => {
                table.0.insert(last.clone(), Node::Tables(vec![Table::default()]));
            }
            (Some(Node::Tables(tables)), true) => tables.push(Table::default()),
            (Some(_), true) => {
                return Err(format!(
                    "Key '{}' was already created and cannot be used as an array.",
                    path_text(&path)
                ));
            }
            (None, false) => {
                table.0.insert(last.clone(), Node::Table { table: Table::default(), is_open: false });
            }
            (Some(Node::Table { is_open, .. }), false) if *is_open => *is_open = false,
            (Some(_), false) => {
                return Err(format!("Key '{}' has already been defined.", path_text(&path)));
            }
        }
        self.header = path;
        Ok(())
    }

    fn read_entry(&mut self) -> Result<(), String> {
        let path = self.read_key()?;
        let value = self.read_value(0)?;
        let whole: Vec<String> = self.header.iter().chain(&path).cloned().collect();
        let table = self.root.descend(&self.header)?;
        table.insert(&path, &whole, value)
    }

    /// A dotted key up to and with its `=`.
    fn read_key(&mut self) -> Result<Vec<String>, String> {
        let mut path = Vec::new();
        loop {
            self.cursor.skip_spaces();
            match (self.cursor.peek(), path.is_empty()) {
                (Some('='), true) => return Err("unexpected '=': key name appears blank".to_owned()),
                (Some('.'), true) => return Err("unexpected '.': keys cannot start with a '.'".to_owned()),
                (Some('='), false) => return Err("unexpected '='".to_owned()),
                (Some('.'), false) => return Err("unexpected '.'".to_owned()),
                _ => path.push(self.read_key_part()?),
            }
            self.cursor.skip_spaces();
            match self.cursor.next() {
                Some('.') => {}
                Some('=') => {
                    self.key.clone_from(&path);
                    return Ok(path);
                }
                None => return Err("unexpected EOF; expected key separator '='".to_owned()),
                Some(other) => {
                    return Err(format!("expected '.' or '=', but got {} instead", quote_character(other)));
                }
            }
        }
    }

    fn read_key_part(&mut self) -> Result<String, String> {
        match self.cursor.peek() {
            Some('"') => {
                self.cursor.next();
                self.cursor.basic_string()
            }
            Some('\'') => {
                self.cursor.next();
                self.cursor.literal_string()
            }
            _ => {
                let is_bare =
                    |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
                Ok(self.cursor.take_while(is_bare).to_owned())
            }
        }
    }

    fn read_value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > MAXIMUM_DEPTH {
            return Err("values nest too deeply".to_owned());
        }
        self.cursor.skip_spaces();
        match self.cursor.peek() {
            None => Err("unexpected EOF; expected value".to_owned()),
            Some('[') => self.read_array(depth),
            Some('{') => self.read_inline_table(depth),
            Some('"' | '\'') => self.cursor.string().map(Value::from),
            Some('.') => Err("floats must start with a digit, not '.'".to_owned()),
            Some(first) if first.is_ascii_digit() || matches!(first, '+' | '-') => self.read_number(),
            Some(first) if first.is_alphabetic() => {
                let word = self.cursor.take_while(char::is_alphabetic);
                match word {
                    "true" => Ok(Value::from(true)),
                    "false" => Ok(Value::from(false)),
                    "inf" => Ok(Value::from(f64::INFINITY)),
                    "nan" => Ok(Value::from(f64::NAN)),
                    other => Err(format!("expected value but found {} instead", quote(other.as_bytes()))),
                }
            }
            Some(other) => Err(format!("expected value but found {} instead", quote_character(other))),
        }
    }

    fn read_array(&mut self, depth: usize) -> Result<Value, String> {
        self.cursor.next();
        let mut items = Vec::new();
        loop {
            self.cursor.skip_blank_lines();
            match self.cursor.peek() {
                Some(']') => break,
                Some(',') => return Err("unexpected comma".to_owned()),
                _ => items.push(self.read_value(depth + 1)?),
            }
            self.cursor.skip_blank_lines();
            match self.cursor.peek() {
                Some(',') => {
                    self.cursor.next();
                }
                Some(']') => break,
                other => {
                    let found = other.map_or("end of file".to_owned(), |other| format!("'{other}'"));
                    return Err(format!("expected a comma (',') or array terminator (']'), but got {found}"));
                }
            }
        }
        self.cursor.next();
        Ok(Value::from(List::of_type(LIST, items)))
    }

    fn read_inline_table(&mut self, depth: usize) -> Result<Value, String> {
        self.cursor.next();
        let outer = self.key.clone();
        let mut table = Table::default();
        loop {
            self.cursor.skip_blank_lines();
            match self.cursor.peek() {
                Some('}') => break,
                Some(',') => return Err("unexpected comma".to_owned()),
                _ => {}
            }
            let path = self.read_key()?;
            let whole: Vec<String> = self.header.iter().chain(&outer).chain(&path).cloned().collect();
            self.key = outer.iter().chain(&path).cloned().collect();
            let value = self.read_value(depth + 1)?;
            table.insert(&path, &whole, value)?;
            self.cursor.skip_blank_lines();
            match self.cursor.peek() {
                Some(',') => {
                    self.cursor.next();
                }
                Some('}') => break,
                other => {
                    let found = other.map_or("end of file".to_owned(), |other| format!("'{other}'"));
                    return Err(format!(
                        "expected a comma or an inline table terminator '}}', but got {found} instead"
                    ));
                }
            }
        }
        self.cursor.next();
        self.key = outer;
        Ok(Value::from(table.into_map()))
    }

    /// A number or a date.
    fn read_number(&mut self) -> Result<Value, String> {
        let belongs = |character: char| {
            character.is_ascii_alphanumeric() || matches!(character, '_' | '+' | '-' | '.' | ':')
        };
        let mut text = self.cursor.take_while(belongs).to_owned();
        let is_date = text.len() == 10 && text.bytes().filter(|&byte| byte == b'-').count() == 2;
        if is_date && self.cursor.is_space_and_digit() {
            self.cursor.next();
            text.push('T');
            text.push_str(self.cursor.take_while(belongs));
        }
        if text.get(1..).is_some_and(|rest| rest.contains(':') || (is_date_like(&text) && rest.contains('-')))
        {
            return read_date(&text);
        }
        number(&text)
    }
}

fn quote_character(character: char) -> String {
    match character {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        other => {
            let quoted = quote(other.to_string().as_bytes());
            format!("'{}'", quoted.trim_matches('"'))
        }
    }
}

fn is_date_like(text: &str) -> bool {
    text.len() >= 10 && text.as_bytes().get(4) == Some(&b'-')
}

fn read_date(text: &str) -> Result<Value, String> {
    let upper = text.replace('z', "Z").replace('t', "T");
    let fixed = |name: &str| Zone::Fixed { name: name.to_owned(), offset: 0 };
    let layouts: [(&[u8], Zone); 7] = [
        (b"2006-01-02T15:04:05.999999999Z07:00", Zone::Utc),
        (b"2006-01-02T15:04:05.999999999", fixed("datetime-local")),
        (b"2006-01-02", fixed("date-local")),
        (b"15:04:05.999999999", fixed("time-local")),
        (b"2006-01-02T15:04Z07:00", Zone::Utc),
        (b"2006-01-02T15:04", fixed("datetime-local")),
        (b"15:04", fixed("time-local")),
    ];
    let time: Option<Time> =
        layouts.into_iter().find_map(|(layout, zone)| parse(layout, upper.as_bytes(), &zone).ok());
    time.map(from_time).ok_or_else(|| format!("invalid datetime: {}", quote(text.as_bytes())))
}

fn number(text: &str) -> Result<Value, String> {
    let quoted = quote(text.as_bytes());
    let unsigned = text.trim_start_matches(['+', '-']);
    let prefixed = ["0x", "0o", "0b"].iter().any(|prefix| unsigned.starts_with(prefix));
    let is_float = !prefixed && (unsigned.contains(['.', 'e', 'E']) || matches!(unsigned, "inf" | "nan"));
    let kind = if is_float { "float" } else { "integer" };
    let well_placed = |part: &str| {
        let mut accepts = false;
        part.chars().all(|character| {
            let good = character != '_' || accepts;
            accepts = character.is_ascii_hexdigit();
            good
        }) && accepts
    };
    let named = matches!(unsigned, "inf" | "nan");
    let parts: Vec<&str> = if is_float {
        text.split(['.', 'e', 'E']).filter(|part| !part.is_empty()).collect()
    } else {
        vec![text]
    };
    if !named && !parts.iter().all(|part| well_placed(part)) {
        return Err(format!("Invalid {kind} {quoted}: underscores must be surrounded by digits"));
    }
    let first = parts.first().map_or("", |part| part.trim_start_matches(['+', '-']));
    if first.len() > 1 && first.starts_with('0') && !prefixed {
        return Err(format!("Invalid {kind} {quoted}: cannot have leading zeroes"));
    }
    let plain = text.replace('_', "");
    if is_float {
        let digit_behind =
            |(index, _): (usize, &str)| plain.as_bytes().get(index + 1).is_some_and(u8::is_ascii_digit);
        if !plain.match_indices('.').all(digit_behind) {
            return Err(format!("Invalid float {quoted}: '.' must be followed by one or more digits"));
        }
        return match plain.parse::<f64>() {
            Ok(number) if number.is_finite() || named => Ok(Value::from(number)),
            Ok(_) => Err(format!("{text} is out of range for float64")),
            Err(_) => Err(format!("Invalid float value: {quoted}")),
        };
    }
    let digits = plain.trim_start_matches(['+', '-']);
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        _ => (10, digits),
    };
    if let Some(wrong) = digits.chars().find(|character| !character.is_digit(radix)) {
        return Err(format!(
            "expected a top-level item to end with a newline, comment, or EOF, but got {} instead",
            quote_character(wrong)
        ));
    }
    let sign = if plain.starts_with('-') { "-" } else { "" };
    i64::from_str_radix(&format!("{sign}{digits}"), radix)
        .map(|number| Value::from(Data::Int64(number)))
        .map_err(|_| format!("{text} is out of range for int64"))
}
