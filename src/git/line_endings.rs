//! The conversion between a blob and the work tree's file that Git makes for `text`, `eol` and `core.autocrlf`.
//!
//! Follows `convert.c` of Git 2.47 for contents without a lone carriage return in the blob, which is all that is ever
//! rendered. Attributes that call another program (`filter`) or another encoding are told as such, not obeyed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use git2::{AttrCheckFlags, AttrValue};

use super::GitError;
use super::attribute_files::{AttributeFiles, indexed_folders};
use super::error::library;

/// What is done with line ends, after attributes and configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEndings {
    /// Bytes are kept.
    Kept,
    /// Line feeds in both; what has carriage returns is converted on its way to Git.
    Feed { is_sniffed: bool },
    /// Carriage return and line feed in the work tree.
    ReturnFeed { is_sniffed: bool },
}

/// How a path is converted, or the attribute that cannot be obeyed.
pub(super) enum Conversion {
    LineEndings(LineEndings),
    Foreign(String),
}

/// The repository's part of the decision, read once.
pub(super) struct Converter<'repository> {
    git: &'repository git2::Repository,
    attribute_files: AttributeFiles,
    auto: Auto,
    text_is_return_feed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Auto {
    Off,
    On,
    Input,
}

impl<'repository> Converter<'repository> {
    /// Reads what the configuration and the attributes files say.
    pub(super) fn new(git: &'repository git2::Repository) -> Result<Converter<'repository>, GitError> {
        let index = git.index().map_err(library("look for attributes files"))?;
        Converter::with_attributes(git, indexed_folders(&index))
    }

    /// The same, where the folders whose attributes file the index has are known.
    pub(super) fn with_attributes(
        git: &'repository git2::Repository,
        indexed: BTreeSet<String>,
    ) -> Result<Converter<'repository>, GitError> {
        let config = git
            .config()
            .and_then(|mut config| config.snapshot())
            .map_err(library("read Git's configuration"))?;
        let auto = match config.get_str("core.autocrlf") {
            Ok(value) if value.eq_ignore_ascii_case("input") => Auto::Input,
            Ok(_) if config.get_bool("core.autocrlf").unwrap_or(false) => Auto::On,
            _ => Auto::Off,
        };
        let text_is_return_feed = match auto {
            Auto::On => true,
            Auto::Input => false,
            Auto::Off => match config.get_str("core.eol").unwrap_or_default() {
                "crlf" => true,
                "lf" => false,
                _ => cfg!(windows),
            },
        };
        let attribute_files = AttributeFiles::of(git, &config, indexed);
        Ok(Converter { git, attribute_files, auto, text_is_return_feed })
    }

    pub(super) fn of(&self, path: &str) -> Result<Conversion, GitError> {
        if !self.attribute_files.could_speak_about(path) {
            return Ok(Conversion::LineEndings(match self.auto {
                Auto::Off => LineEndings::Kept,
                Auto::On | Auto::Input if self.text_is_return_feed => {
                    LineEndings::ReturnFeed { is_sniffed: true }
                }
                Auto::On | Auto::Input => LineEndings::Feed { is_sniffed: true },
            }));
        }
        let attribute = |name: &str| {
            self.git
                .get_attr_bytes(Path::new(path), name, AttrCheckFlags::FILE_THEN_INDEX)
                .map(AttrValue::from_bytes)
                .map_err(library(format!("read the attributes of `{path}`")))
        };
        let text_of = |value: AttrValue<'_>| match value {
            AttrValue::String(text) => Some(text.to_owned()),
            AttrValue::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        };
        for name in ["filter", "working-tree-encoding"] {
            if let Some(value) = text_of(attribute(name)?) {
                return Ok(Conversion::Foreign(format!("{name}={value}")));
            }
        }
        if attribute("ident")? == AttrValue::True {
            return Ok(Conversion::Foreign("ident".to_owned()));
        }
        let eol = text_of(attribute("eol")?);
        let mut text = attribute("text")?;
        if text == AttrValue::Unspecified {
            text = attribute("crlf")?;
        }
        let is_input = matches!(text, AttrValue::String("input"));
        let is_sniffed = match text {
            AttrValue::False => return Ok(Conversion::LineEndings(LineEndings::Kept)),
            AttrValue::True => false,
            AttrValue::String("auto") => true,
            _ if is_input || eol.is_some() => false,
            _ => match self.auto {
                Auto::Off => return Ok(Conversion::LineEndings(LineEndings::Kept)),
                Auto::On | Auto::Input => true,
            },
        };
        let is_return_feed = match eol.as_deref() {
            _ if is_input => false,
            Some("crlf") => true,
            Some("lf") => false,
            _ => self.text_is_return_feed,
        };
        Ok(Conversion::LineEndings(if is_return_feed {
            LineEndings::ReturnFeed { is_sniffed }
        } else {
            LineEndings::Feed { is_sniffed }
        }))
    }
}

impl LineEndings {
    /// What the work tree's file holds for this blob.
    pub(super) fn to_work_tree(self, blob: &[u8]) -> Cow<'_, [u8]> {
        let LineEndings::ReturnFeed { is_sniffed } = self else { return Cow::Borrowed(blob) };
        if is_sniffed && (blob.contains(&b'\r') || is_binary(blob)) {
            return Cow::Borrowed(blob);
        }
        let mut converted = Vec::with_capacity(blob.len() + blob.len() / 32);
        let mut previous = 0;
        for &byte in blob {
            if byte == b'\n' && previous != b'\r' {
                converted.push(b'\r');
            }
            converted.push(byte);
            previous = byte;
        }
        Cow::Owned(converted)
    }

    /// What Git would store for this file of the work tree.
    pub(super) fn to_git(self, file: &[u8]) -> Cow<'_, [u8]> {
        let is_sniffed = match self {
            LineEndings::Kept => return Cow::Borrowed(file),
            LineEndings::Feed { is_sniffed } | LineEndings::ReturnFeed { is_sniffed } => is_sniffed,
        };
        if !file.contains(&b'\r') || (is_sniffed && is_binary(file)) {
            return Cow::Borrowed(file);
        }
        let mut converted = Vec::with_capacity(file.len());
        let mut bytes = file.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            if byte != b'\r' || bytes.peek() != Some(&b'\n') {
                converted.push(byte);
            }
        }
        Cow::Owned(converted)
    }
}

/// Git's guess: a NUL, a lone carriage return, or more than one unprintable byte in 128.
fn is_binary(bytes: &[u8]) -> bool {
    let mut printable = 0_usize;
    let mut unprintable = 0_usize;
    for (index, &byte) in bytes.iter().enumerate() {
        match byte {
            0 => return true,
            b'\r' if bytes.get(index + 1) != Some(&b'\n') => return true,
            b'\r' | b'\n' => {}
            8 | b'\t' | 27 | 12 => printable += 1,
            127 | 0..32 => unprintable += 1,
            _ => printable += 1,
        }
    }
    (printable >> 7) < unprintable
}

#[cfg(test)]
mod tests {
    use super::LineEndings;

    #[test]
    fn text_goes_out_with_carriage_returns_and_comes_back_without() {
        let endings = LineEndings::ReturnFeed { is_sniffed: true };
        assert_eq!(endings.to_work_tree(b"a: 1\nb: 2\n").as_ref(), b"a: 1\r\nb: 2\r\n");
        assert_eq!(endings.to_git(b"a: 1\r\nb: 2\r\n").as_ref(), b"a: 1\nb: 2\n");
    }

    #[test]
    fn what_looks_binary_is_kept_where_git_guesses() {
        let endings = LineEndings::ReturnFeed { is_sniffed: true };
        assert_eq!(endings.to_work_tree(b"a\0\n").as_ref(), b"a\0\n");
        assert_eq!(endings.to_git(b"a\rb\r\n").as_ref(), b"a\rb\r\n");
        assert_eq!(
            LineEndings::ReturnFeed { is_sniffed: false }.to_work_tree(b"a\r\nb\n").as_ref(),
            b"a\r\nb\r\n"
        );
    }
}
