//! What each address of the API does.

use serde_json::{Value, json};

use super::http::{HttpAnswer, HttpRequest};
use super::state::RepositoryState;
use super::{AUTHOR, PAGE, Repositories};

/// The repository that a request is about. GraphQL names none: it is asked in the one that has a pull request called `viewer`.
pub(super) fn repository_of<'r>(
    request: &HttpRequest,
    repositories: &'r mut Repositories,
) -> Option<&'r mut RepositoryState> {
    if request.path == "/graphql" {
        return repositories.values_mut().next();
    }
    let mut parts = request.path.strip_prefix("/repos/")?.splitn(3, '/');
    let name = format!("{}/{}", parts.next()?, parts.next()?);
    repositories.get_mut(&name)
}

pub(super) fn answer(
    request: &HttpRequest,
    state: &mut RepositoryState,
    shows_first_page: bool,
) -> HttpAnswer {
    if request.path == "/graphql" {
        return match state.hides_viewer {
            true => HttpAnswer::of(200, json!({"errors": [{"type": "FORBIDDEN"}], "data": {"viewer": null}})),
            false => HttpAnswer::of(200, json!({"data": {"viewer": {"login": AUTHOR}}})),
        };
    }
    let parts: Vec<&str> = request.path.split('/').skip(4).collect();
    let body = |name: &str| request.body[name].as_str().map(str::to_owned);
    let not_found = || HttpAnswer::of(404, json!({"message": "Not Found"}));
    let too_long = body("body").is_some_and(|body| body.encode_utf16().count() > 65_536);
    if state.refuses_writes && request.method != "GET" {
        return HttpAnswer::of(403, json!({"message": "Resource not accessible by integration"}));
    }
    if too_long {
        let error =
            json!({"resource": "IssueComment", "message": "body is too long (maximum is 65536 characters)"});
        return HttpAnswer::of(422, json!({"message": "Validation Failed", "errors": [error]}));
    }
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["pulls"]) => {
            let open =
                state.pull_requests.iter().filter(|(_, _, is_open)| *is_open).map(pull_request).collect();
            page(request, open, shows_first_page)
        }
        ("GET", ["pulls", number]) => {
            match state.pull_requests.iter().find(|(known, _, _)| known.to_string() == **number) {
                Some(found) => HttpAnswer::of(200, pull_request(found)),
                None => not_found(),
            }
        }
        ("GET", ["issues", number, "comments"]) => {
            let of_issue = state.comments.iter().filter(|comment| comment.issue.to_string() == **number);
            page(request, of_issue.map(|comment| comment.json()).collect(), shows_first_page)
        }
        ("POST", ["issues", number, "comments"]) => {
            let number = number.parse().unwrap_or_default();
            let comment = state.add_comment(number, AUTHOR, &body("body").unwrap_or_default());
            HttpAnswer::of(201, comment.json())
        }
        ("PATCH", ["issues", "comments", id]) => {
            match state.comments.iter_mut().find(|comment| comment.id.to_string() == **id) {
                Some(comment) => {
                    comment.body = body("body").unwrap_or_default();
                    HttpAnswer::of(200, comment.json())
                }
                None => not_found(),
            }
        }
        ("DELETE", ["issues", "comments", id]) => {
            let before = state.comments.len();
            state.comments.retain(|comment| comment.id.to_string() != **id);
            if state.comments.len() < before { HttpAnswer::of(204, Value::Null) } else { not_found() }
        }
        ("GET", ["issues"]) => {
            let asked =
                |name: &str| request.query.iter().find(|(key, _)| key == name).map(|(_, value)| value);
            let label = asked("labels");
            let state_asked = asked("state").map_or("open", String::as_str);
            let found = state.issues.iter().filter(|issue| {
                label.is_none_or(|label| issue.labels.contains(label))
                    && (state_asked == "all" || issue.is_open == (state_asked == "open"))
            });
            page(request, found.map(|issue| issue.json()).collect(), shows_first_page)
        }
        ("POST", ["issues"]) => {
            let labels = labels(&request.body);
            let (title, text) = (body("title").unwrap_or_default(), body("body").unwrap_or_default());
            HttpAnswer::of(201, state.add_issue(AUTHOR, &title, &text, &labels).json())
        }
        ("PATCH", ["issues", number]) => {
            let Some(issue) = state.issues.iter_mut().find(|issue| issue.number.to_string() == **number)
            else {
                return not_found();
            };
            if let Some(title) = body("title") {
                issue.title = title;
            }
            if let Some(text) = body("body") {
                issue.body = text;
            }
            if let Some(state) = body("state") {
                issue.is_open = state == "open";
            }
            if request.body["labels"].is_array() {
                issue.labels = labels(&request.body);
            }
            HttpAnswer::of(200, issue.json())
        }
        _ => not_found(),
    }
}

fn labels(body: &Value) -> Vec<String> {
    let labels = body["labels"].as_array().into_iter().flatten();
    labels.filter_map(|label| label.as_str().map(str::to_owned)).collect()
}

fn pull_request((number, head, is_open): &(u64, String, bool)) -> Value {
    json!({
        "number": number,
        "state": if *is_open { "open" } else { "closed" },
        "head": {"sha": head, "ref": "change"},
        "merge_commit_sha": null,
    })
}

fn page(request: &HttpRequest, items: Vec<Value>, shows_first_page: bool) -> HttpAnswer {
    let asked = request.query.iter().find(|(key, _)| key == "page").and_then(|(_, value)| value.parse().ok());
    let number: usize = asked.unwrap_or(1);
    let has_more = number * PAGE < items.len();
    let first = if shows_first_page { 0 } else { (number - 1) * PAGE };
    let shown: Vec<Value> = items.into_iter().skip(first).take(PAGE).collect();
    let mut answer = HttpAnswer::of(200, Value::Array(shown));
    if has_more {
        let next = format!("<https://api.github.example{}?page={}>; rel=\"next\"", request.path, number + 1);
        answer.headers.push(("link", next));
    }
    answer
}
