//! Templates which would run, grow or nest without end stop with an error, fast and on a small stack.

use std::time::{Duration, Instant};

use plimsoll_gotemplate::{
    Error, Executor, FixedEnvironment, Functions, Limit, Limits, Map, Profile, Settings, Templates, Value,
};

fn functions() -> Functions {
    let mut functions = Functions::builtins();
    plimsoll_gotemplate::functions::register(&mut functions, Profile::V4);
    functions
}

fn run(template: &str) -> Result<usize, Error> {
    run_within(500_000, template)
}

fn run_within(steps: u64, template: &str) -> Result<usize, Error> {
    let mut templates = Templates::new(functions());
    templates.parse("t", template)?;
    let environment = FixedEnvironment::default();
    let settings = Settings::new(&environment, Profile::V4);
    let limits = Limits { steps, ..settings.limits };
    let mut executor = Executor::new(&templates, Settings { limits, ..settings });
    let start = Instant::now();
    let result = executor.execute("t", &Value::from(Map::new()));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}: {template}", start.elapsed());
    result.map(|output| output.bytes.len())
}

fn limit(template: &str) -> Option<Limit> {
    match run(template).err()?.root_cause() {
        Error::Limit(limit) => Some(*limit),
        _ => None,
    }
}

#[test]
fn endless_work_stops() {
    assert!(matches!(limit("{{ range 9000000000000000000 }}{{ end }}"), Some(Limit::Steps(_))));
    let doubling = "{{ define \"x\" }}{{ if lt . 60 }}{{ $n := len (printf \"%*d\" . 1) }}\
        {{ template \"x\" (len (printf \"%*d \" $n 1)) }}{{ template \"x\" (len (printf \"%*d \" $n 1)) }}{{ end }}{{ end }}\
        {{ template \"x\" 1 }}";
    assert!(matches!(limit(doubling), Some(Limit::Steps(_) | Limit::OutputBytes(_))), "{:?}", run(doubling));
}

#[test]
fn keys_and_slow_hashes_use_up_the_budget() {
    let calls = [
        r#"htpasswd "a" "b""#,
        r#"bcrypt "a""#,
        r#"genPrivateKey "rsa""#,
        r#"genPrivateKey "ecdsa""#,
        r#"genCA "a" 1"#,
        r#"derivePassword 1 "pin" "a" "b" "c""#,
    ];
    for call in calls {
        let error = run_within(60_000, &format!("{{{{ range 1000 }}}}{{{{ $_ := {call} }}}}{{{{ end }}}}"));
        let error = error.expect_err(call);
        assert!(matches!(error.root_cause(), Error::Limit(Limit::Steps(_))), "{call}: {error}");
    }
}

#[test]
fn the_place_where_a_budget_ends_is_told() {
    let error =
        run("a\n{{ define \"x\" }}{{ range 9000000 }}{{ print . }}{{ end }}{{ end }}{{ include \"x\" . }}");
    let message = error.expect_err("too many steps").to_string();
    assert_eq!(
        message,
        "template: t:2:38: executing \"x\" at <{{print .}}>: the template takes more than 500000 steps"
    );
}

#[test]
fn endless_text_stops() {
    let doubling =
        "{{ $x := \"0123456789\" }}{{ range 64 }}{{ $x = printf \"%s%s\" $x $x }}{{ end }}{{ $x }}";
    assert!(matches!(limit(doubling), Some(Limit::OutputBytes(_))));
    let lists = "{{ $x := list 1 }}{{ range 64 }}{{ $x = list $x $x }}{{ end }}{{ $x }}";
    assert!(matches!(limit(lists), Some(Limit::OutputBytes(_))));
    assert!(matches!(
        limit("{{ range 1000 }}{{ printf \"%1000000d\" 1 }}{{ end }}"),
        Some(Limit::OutputBytes(_))
    ));
}

#[test]
fn values_which_share_or_hold_themselves_are_weighed_before_they_are_read() {
    let doubled = "{{ $x := list 1 }}{{ range 64 }}{{ $x = list $x $x }}{{ end }}";
    for read in
        ["toYaml $x", "toJson $x", "toPrettyJson $x", "quote $x", "len (deepCopy $x)", "deepEqual $x $x"]
    {
        let found = limit(&format!("{doubled}{{{{ {read} }}}}"));
        let is_quick = read.starts_with("deepEqual");
        assert!(is_quick || matches!(found, Some(Limit::Steps(_))), "{read}: {found:?}");
    }
    let circle = "{{ $x := dict }}{{ $_ := set $x \"a\" $x }}";
    for read in ["toYaml $x", "toJson $x", "$x", "len (deepCopy $x)"] {
        assert!(limit(&format!("{circle}{{{{ {read} }}}}")).is_some(), "{read}");
    }
    for call in ["repeat 1000000000 \"abc\"", "until 1000000000", "indent 1000000000 \"a\\nb\""] {
        assert!(limit(&format!("{{{{ {call} }}}}")).is_some(), "{call}");
    }
}

#[test]
fn endless_recursion_stops() {
    let message =
        run("{{ define \"x\" }}{{ template \"x\" }}{{ end }}{{ template \"x\" }}").expect_err("recursion");
    let expected =
        "template: t:1:28: executing \"x\" at <{{template \"x\"}}>: exceeded maximum template depth (100000)";
    assert_eq!(message.to_string(), expected);
    let message =
        run("{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}").expect_err("recursion");
    let message = message.root_cause().to_string();
    assert_eq!(message, "rendering template has a nested reference name: x: unable to execute template");
}

#[test]
fn long_chains_of_errors_print_and_go_away() {
    let templates: String = (0..8)
        .map(|index| {
            format!("{{{{ define \"x{index}\" }}}}{{{{ include \"x{}\" . }}}}{{{{ end }}}}", (index + 1) % 8)
        })
        .collect();
    let error = run(&format!("{templates}{{{{ include \"x0\" . }}}}")).expect_err("recursion");
    assert_eq!(error.to_string().matches("error calling include").count(), 8 * 1001 + 1);
}

#[test]
fn deep_texts_parse_run_and_go_away() {
    let nested = format!("{}x{}", "{{ if true }}".repeat(9_000), "{{ end }}".repeat(9_000));
    assert_eq!(run(&nested).ok(), Some(1));
    let nested = format!("{{{{ {}1{} }}}}", "(".repeat(9_000), ")".repeat(9_000));
    assert_eq!(run(&nested).ok(), Some(1));
    let nested = format!("{}x{}", "{{ if true }}".repeat(20_000), "{{ end }}".repeat(20_000));
    assert!(matches!(run(&nested), Err(Error::Parse(_))));
    let nested = format!("{{{{ {}", "(".repeat(200_000));
    let message = run(&nested).expect_err("too deep").to_string();
    assert_eq!(message, "template: t:1: max expression depth exceeded");
}

#[test]
fn deep_values_are_made_printed_and_go_away() {
    let deep = "{{ $x := list 1 }}{{ range 60000 }}{{ $x = list $x }}{{ end }}ok";
    assert_eq!(run(deep).ok(), Some(2));
    let maps = "{{ $x := dict }}{{ range 60000 }}{{ $x = dict \"a\" $x }}{{ end }}ok";
    assert_eq!(run(maps).ok(), Some(2));
    let printed = "{{ $x := list 1 }}{{ range 60000 }}{{ $x = list $x }}{{ end }}{{ $x }}";
    assert!(matches!(limit(printed), Some(Limit::Depth(_))));
}

#[test]
fn many_texts_through_tpl_take_linear_time() {
    let start = Instant::now();
    assert_eq!(run("{{ range 10000 }}{{ tpl (printf \"{{ %d }}\" .) $ }}{{ end }}").ok(), Some(38_890));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
