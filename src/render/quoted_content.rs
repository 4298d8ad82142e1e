//! kustomize's messages without the parts of files that they quote.
//!
//! kustomize shows patches, literals, lines of environment files and whole configurations in its errors. Any of them may hold a
//! secret, so what is quoted is replaced by an ellipsis; paths, names of fields and ids stay. A message that may hold a secret
//! even so is not shown at all.

use crate::secrets::mask;

/// What stands before quoted content, and what after it; without an end all the rest is content.
const QUOTES: &[(&str, Option<&str>)] = &[
    ("config: `", Some("`")),
    ("[patch: ", None),
    ("Patch=", None),
    ("JsonOp=", None),
    ("decoding ", None),
    ("must specify one of patch and path in", None),
    ("patch and path can't be set at the same time", None),
    ("literal sources [", None),
    ("invalid literal source ", None),
    ("illegally repeats the key ", None),
    ("has invalid utf8 bytes : ", None),
    ("source \"", None),
    ("in source ", None),
    ("out of bounds for value ", None),
    ("invalid map key: value=", None),
    ("node contents:", None),
    ("cannot decode ", None),
    ("cannot unmarshal ", None),
    ("invalid document separator: ", None),
];

/// The message, with an ellipsis for each quotation.
pub(super) fn without_quoted_content(message: &str) -> String {
    let mut shown = message.to_owned();
    for (opening, closing) in QUOTES {
        let Some(start) = shown.find(opening).map(|at| at + opening.len()) else { continue };
        // The last end is the safe one: content may hold what looks like an end.
        let end = closing.and_then(|closing| shown.rfind(closing)).filter(|end| *end >= start);
        shown.replace_range(start..end.unwrap_or(shown.len()), "...");
    }
    if mask::may_hold_secret(&shown, "") {
        return "the kustomization cannot be built; why is not shown, as it may hold a secret".to_owned();
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_left_out() {
        let cases = [
            (
                "with config: ` a: `x` `: must specify --enable-helm",
                "with config: `...`: must specify --enable-helm",
            ),
            (
                "unable to parse SM or JSON patch from [patch: \"a]b\"]",
                "unable to parse SM or JSON patch from [patch: ...",
            ),
            (
                "loading KV pairs: literal sources [x]: invalid literal source x",
                "loading KV pairs: literal sources [...",
            ),
            ("lstat /base: no such file or directory", "lstat /base: no such file or directory"),
        ];
        for (message, shown) in cases {
            assert_eq!(without_quoted_content(message), shown);
        }
    }

    #[test]
    fn a_message_that_still_looks_like_a_secret_is_not_shown() {
        assert!(!without_quoted_content("trouble at password: hunter2").contains("hunter2"));
    }
}
