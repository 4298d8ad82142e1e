//! The page about all rules, `docs/lint.md`.

use std::fmt::Write;

use super::catalog::{Rule, rules};

const HEAD: &str = "\
# Lint

`plimsoll lint --env dev` renders an environment and looks at everything in it at once, across layers and clusters, with what its claims
become in AWS. It finds what every part alone takes for right and the whole is not. It needs no cluster and no credentials; `--all`
takes every environment.

Exit status: 0 without findings of severity error, 2 with one, 1 where an environment does not render. `-o` prints findings as `text`,
`json`, `sarif` (2.1.0, for code scanning) or `github` (annotations in a workflow), several at once with `-o FORMAT=PATH`.
`plimsoll explain CODE` tells what a rule is about.

## Allowing a finding

What is right in spite of a rule is allowed in `environment.yaml`, always with a reason. `rule` is a code without `lint::`; `kind`, `name`
and `namespace` narrow it down (names are globs); past `expires` it allows nothing and is itself told, and so is one that allows nothing.

```yaml
spec:
  lint:
    allow:
      - {rule: image-tag, kind: Deployment, name: debug-*, reason: \"tracks our own nightly\", expires: 2027-01-31}
```

## Rules

This part is made of the rules themselves (`src/lint/rules.yaml`); a test keeps it so.

";

/// The whole page.
#[must_use]
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("| rule | severity | demands |\n|---|---|---|\n");
    for rule in rules() {
        let name = rule.code.trim_start_matches("lint::");
        let _ = writeln!(page, "| [{name}](#lint{name}) | {} | {} |", rule.severity.word(), rule.title);
    }
    for rule in rules() {
        let Rule { code, why, mend, example, title, .. } = rule;
        let _ =
            write!(page, "\n### {code}\n\n{title}. {why}\n\nTo mend it, {mend}\n\n```yaml\n{example}\n```\n");
    }
    page
}
