//! Values of every kind under a verb; wrong verbs become `%!verb(type=value)`.

use super::integer::Whole;
use super::{MAXIMUM_DEPTH, Printer};
use crate::syntax::on_enough_stack;
use crate::{Data, Error, Kind, Limit, List, Map, Object, Value, types};

impl Printer {
    /// Writes an argument of a verb.
    pub(super) fn argument(&mut self, value: &Value, verb: char) -> Result<(), Error> {
        match verb {
            'T' | 'v' if value.is_nil() => self.pad(b"<nil>"),
            'T' => {
                self.string(value.type_name().as_bytes(), 's');
            }
            'p' => match value.kind() {
                // Addresses mean nothing here; every one is the same.
                Kind::Map | Kind::Slice | Kind::Pointer | Kind::Func => {
                    self.hexadecimal(Whole::Unsigned(0xc0_0000_0000), !self.flags.sharp);
                }
                _ => self.bad_verb(value, verb)?,
            },
            _ => self.value(value, verb, 0)?,
        }
        self.check_length()
    }

    fn value(&mut self, value: &Value, verb: char, depth: u32) -> Result<(), Error> {
        let is_written = match value.data() {
            Data::Nil => false,
            Data::Bool(truth) => {
                let is_known = matches!(verb, 't' | 'v');
                if is_known {
                    self.pad(if *truth { b"true" } else { b"false" });
                }
                is_known
            }
            Data::Int(number) | Data::Int64(number) => self.whole(Whole::Signed(*number), verb),
            Data::Int32(number) => self.whole(Whole::Signed(i64::from(*number)), verb),
            Data::Uint8(number) => self.whole(Whole::Unsigned(u64::from(*number)), verb),
            Data::Uint64(number) => self.whole(Whole::Unsigned(*number), verb),
            Data::Float64(number) => self.float(*number, verb),
            Data::Complex128(real, imaginary) => self.complex(*real, *imaginary, verb),
            Data::String(text) => self.string(text.as_bytes(), verb),
            Data::List(list) => return self.list(list, verb, depth),
            Data::Map(map) => return self.map(map, verb, depth),
            Data::Object(object) => self.object(object.as_ref(), verb),
            Data::Function(_) => {
                self.hexadecimal(Whole::Unsigned(0xc0_0000_0000), !self.flags.sharp);
                true
            }
        };
        if is_written { Ok(()) } else { self.bad_verb(value, verb) }
    }

    /// Writes an element of a slice or map.
    fn element(&mut self, value: &Value, verb: char, depth: u32) -> Result<(), Error> {
        if value.is_nil() {
            self.push(if self.flags.is_syntax { b"interface {}(nil)" } else { b"<nil>" });
            return Ok(());
        }
        self.check_length()?;
        self.value(value, verb, depth)
    }

    fn bad_verb(&mut self, value: &Value, verb: char) -> Result<(), Error> {
        let was_reporting = std::mem::replace(&mut self.is_reporting, true);
        self.push(b"%!");
        self.push_character(verb);
        self.push(b"(");
        if value.is_nil() {
            self.push(b"<nil>");
        } else {
            self.push(value.type_name().as_bytes());
            self.push(b"=");
            self.value(value, 'v', 0)?;
        }
        self.push(b")");
        self.is_reporting = was_reporting;
        Ok(())
    }

    fn object(&mut self, object: &dyn Object, verb: char) -> bool {
        let is_stringable = matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') && !self.flags.is_syntax;
        if object.has_string_method() && is_stringable && !self.is_reporting {
            return self.string(object.text().as_bytes(), verb);
        }
        if let Some(number) = object.integer() {
            return self.whole(Whole::Signed(number), verb);
        }
        let text = if self.flags.names_fields || self.flags.is_syntax {
            object.text_with_names()
        } else {
            object.text()
        };
        self.push(text.as_bytes());
        true
    }

    fn list(&mut self, list: &List, verb: char, depth: u32) -> Result<(), Error> {
        check_depth(depth)?;
        if list.go_type().element.is_some_and(|element| element.is(types::UINT8)) {
            let bytes: Vec<u8> =
                list.items().iter().filter_map(|item| item.unsigned()?.try_into().ok()).collect();
            if matches!(verb, 's' | 'q' | 'x' | 'X') {
                self.string(&bytes, verb);
                return Ok(());
            }
        }
        let is_syntax = self.flags.is_syntax;
        if is_syntax {
            self.push(list.go_type().name.as_bytes());
            if list.is_nil() {
                self.push(b"(nil)");
                return Ok(());
            }
        }
        self.push(if is_syntax { b"{" } else { b"[" });
        for (index, item) in list.items().iter().enumerate() {
            if index > 0 {
                self.push(if is_syntax { b", " } else { b" " });
            }
            on_enough_stack(|| self.element(item, verb, depth + 1))?;
        }
        self.push(if is_syntax { b"}" } else { b"]" });
        Ok(())
    }

    fn map(&mut self, map: &Map, verb: char, depth: u32) -> Result<(), Error> {
        check_depth(depth)?;
        let is_syntax = self.flags.is_syntax;
        if is_syntax {
            self.push(map.go_type().name.as_bytes());
            if map.is_nil() {
                self.push(b"(nil)");
                return Ok(());
            }
        }
        self.push(if is_syntax { b"{" } else { b"map[" });
        for (index, (key, value)) in map.entries().iter().enumerate() {
            if index > 0 {
                self.push(if is_syntax { b", " } else { b" " });
            }
            self.value(&Value::from(key.clone()), verb, depth + 1)?;
            self.push(b":");
            on_enough_stack(|| self.element(value, verb, depth + 1))?;
        }
        self.push(if is_syntax { b"}" } else { b"]" });
        Ok(())
    }
}

fn check_depth(depth: u32) -> Result<(), Error> {
    if depth > MAXIMUM_DEPTH { Err(Error::Limit(Limit::Depth(MAXIMUM_DEPTH))) } else { Ok(()) }
}
