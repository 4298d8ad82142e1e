//! Expressions of workflows, `${{ ... }}`, as far as ours use them: properties, texts, comparisons, `!`, `&&`, `||`, and the
//! functions of a job's state. What it does not know it refuses, so that no workflow is executed other than it is written.

use serde_json::Value;

/// A text with every expression in it replaced by what it comes to.
pub(super) fn text(template: &str, contexts: &Value) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) = after.split_once("}}").expect("an expression ends");
        text.push_str(before);
        text.push_str(&shown(&value(expression, contexts, Status::Success)));
        rest = after;
    }
    text + rest
}

/// Whether the steps before went well.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Success,
    Failure,
}

/// Whether an `if` lets a step or a job run; without a function of the state it runs after success alone.
pub(super) fn holds(condition: &Value, contexts: &Value, status: Status) -> bool {
    let Some(condition) = condition.as_str() else { return status == Status::Success };
    let condition = condition.trim().trim_start_matches("${{").trim_end_matches("}}");
    let names_the_state =
        ["always(", "failure(", "success(", "cancelled("].iter().any(|name| condition.contains(name));
    is_true(&value(condition, contexts, status)) && (names_the_state || status == Status::Success)
}

fn value(expression: &str, contexts: &Value, status: Status) -> Value {
    let mut parser = Parser { rest: expression.trim(), contexts, status };
    let value = parser.any();
    assert_eq!(parser.rest, "", "of `{expression}` this is not understood");
    value
}

struct Parser<'a> {
    rest: &'a str,
    contexts: &'a Value,
    status: Status,
}

impl Parser<'_> {
    fn takes(&mut self, token: &str) -> bool {
        let taken = self.rest.strip_prefix(token).map(str::trim_start);
        self.rest = taken.unwrap_or(self.rest);
        taken.is_some()
    }

    fn any(&mut self) -> Value {
        let mut left = self.all();
        while self.takes("||") {
            let right = self.all();
            left = if is_true(&left) { left } else { right };
        }
        left
    }

    fn all(&mut self) -> Value {
        let mut left = self.comparison();
        while self.takes("&&") {
            let right = self.comparison();
            left = if is_true(&left) { right } else { left };
        }
        left
    }

    fn comparison(&mut self) -> Value {
        let left = self.one();
        if self.takes("==") {
            return Value::Bool(shown(&left) == shown(&self.one()));
        }
        if self.takes("!=") {
            return Value::Bool(shown(&left) != shown(&self.one()));
        }
        left
    }

    fn one(&mut self) -> Value {
        if self.takes("!") {
            return Value::Bool(!is_true(&self.one()));
        }
        if self.takes("(") {
            let value = self.any();
            assert!(self.takes(")"), "a bracket is not closed before `{}`", self.rest);
            return value;
        }
        if let Some(rest) = self.rest.strip_prefix('\'') {
            let (text, rest) = rest.split_once('\'').expect("a text ends");
            self.rest = rest.trim_start();
            return Value::from(text);
        }
        let is_of_a_path = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        let end = self.rest.bytes().position(|byte| !is_of_a_path(byte)).unwrap_or(self.rest.len());
        let (path, rest) = self.rest.split_at(end);
        assert!(!path.is_empty(), "nothing is known that begins with `{}`", self.rest);
        self.rest = rest.trim_start();
        if self.takes("()") {
            return Value::Bool(match path {
                "always" => true,
                "cancelled" => false,
                "success" => self.status == Status::Success,
                "failure" => self.status == Status::Failure,
                other => panic!("the function `{other}` is not known"),
            });
        }
        let mut found = self.contexts;
        for (depth, key) in path.split('.').enumerate() {
            let below = found.get(key);
            assert!(depth > 0 || below.is_some(), "the context `{key}` is not known");
            // What is not there is null, as on GitHub.
            found = below.unwrap_or(&Value::Null);
        }
        found.clone()
    }
}

fn is_true(value: &Value) -> bool {
    !matches!(shown(value).as_str(), "" | "false" | "0")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn expressions_come_to_what_they_come_to_on_github() {
    let contexts = serde_json::json!({
        "github": {"event": {"number": 7}, "ref_name": "main"}, "needs": {"check": {"result": "failure"}}, "vars": {},
    });
    assert_eq!(text("a-${{ github.event.number }}-${{ github.ref_name }}", &contexts), "a-7-main");
    assert_eq!(text("${{ vars.NONE }}", &contexts), "");
    assert_eq!(text("${{ vars.NONE || 'else' }}", &contexts), "else");
    let holds = |condition: &str, status| holds(&Value::from(condition), &contexts, status);
    assert!(!holds("vars.NONE != ''", Status::Success));
    assert!(holds("${{ !cancelled() && needs.check.result != 'skipped' }}", Status::Failure));
    assert!(!holds("github.ref_name == 'main'", Status::Failure));
    assert!(holds("always()", Status::Failure));
}
