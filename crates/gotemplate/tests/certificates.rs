//! Keys and certificates are other ones on every run, so these tests look at what reads back and what is marked.

use plimsoll_gotemplate::{
    Environment, Executor, FixedEnvironment, Functions, Output, Profile, Settings, Templates, Value,
    functions,
};

fn render(template: &str) -> Output {
    let mut known = Functions::builtins();
    functions::register(&mut known, Profile::V4);
    let mut templates = Templates::new(known);
    templates.parse("case", template).expect("the template parses");
    let environment = FixedEnvironment::at(1_795_437_296_789_000_000);
    let mut executor = Executor::new(&templates, Settings::new(&environment, Profile::V4));
    executor.execute("case", &Value::NIL).expect("the template runs")
}

fn text(template: &str) -> String {
    String::from_utf8(render(template).bytes).expect("certificates are text")
}

#[test]
fn certificates_and_keys_of_every_kind_read_back() {
    for key in ["rsa", "ecdsa", "ed25519"] {
        let template = format!(
            r#"{{{{ $ca := genCAWithKey "ca" 365 (genPrivateKey "{key}") -}}}}
{{{{ $leaf := genSignedCertWithKey "leaf" (list "10.0.0.1") (list "a.example") 30 $ca (genPrivateKey "{key}") -}}}}
{{{{ $read := buildCustomCert ($leaf.Cert | b64enc) ($leaf.Key | b64enc) -}}}}
{{{{ and (eq $read.Cert $leaf.Cert) (eq $read.Key $leaf.Key) (ne $ca.Cert $leaf.Cert) }}}}"#
        );
        assert_eq!(text(&template), "true", "{key}");
    }
}

/// Counts the bytes of randomness that are asked for.
#[derive(Default)]
struct Counting {
    bytes: std::cell::Cell<usize>,
}

impl Environment for Counting {
    fn now(&self) -> i128 {
        0
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.bytes.set(self.bytes.get() + bytes.len());
        bytes.fill(7);
    }
}

#[test]
fn keys_that_nothing_reads_are_not_made() {
    let template = r#"{{ $ca := genCA "ca" 1 }}{{ $leaf := genSignedCert "leaf" nil (list "a.example") 1 $ca }}{{ if $leaf }}{{ end }}"#;
    let mut known = Functions::builtins();
    functions::register(&mut known, Profile::V4);
    let mut templates = Templates::new(known);
    templates.parse("case", template).expect("the template parses");
    let environment = Counting::default();
    let mut executor = Executor::new(&templates, Settings::new(&environment, Profile::V4));
    executor.execute("case", &Value::NIL).expect("the template runs");
    assert_eq!(environment.bytes.get(), 2 * 32, "a seed each");
}

#[test]
fn what_is_looked_at_twice_is_the_same() {
    let template = r#"{{ $ca := genCA "ca" 1 }}{{ $leaf := genSignedCert "leaf" nil (list "a.example") 1 $ca -}}
{{ $cert := $leaf.Cert }}{{ $key := $leaf.Key -}}
{{ and (eq $cert $leaf.Cert) (eq $key $leaf.Key) (contains $cert (printf "%v" $leaf)) (ne $ca.Cert $cert) }}"#;
    assert_eq!(text(template), "true");
}

#[test]
fn names_that_no_certificate_can_hold_are_refused_at_once() {
    let mut known = Functions::builtins();
    functions::register(&mut known, Profile::V4);
    let mut templates = Templates::new(known);
    templates
        .parse("case", r#"{{ $_ := genSelfSignedCert "a" nil (list "\u00e4.example") 1 }}"#)
        .expect("the template parses");
    let environment = FixedEnvironment::default();
    let mut executor = Executor::new(&templates, Settings::new(&environment, Profile::V4));
    let error = executor.execute("case", &Value::NIL).expect_err("the name is not ASCII").to_string();
    let expected = "error calling genSelfSignedCert: error creating certificate: x509: \"\u{e4}.example\" cannot be encoded as an \
                    IA5String";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn a_signer_whose_key_belongs_to_another_certificate_is_refused() {
    let template = r#"{{ $one := genCAWithKey "one" 1 (genPrivateKey "ecdsa") -}}
{{ $other := genCAWithKey "other" 1 (genPrivateKey "ecdsa") -}}
{{ $mixed := buildCustomCert ($one.Cert | b64enc) ($other.Key | b64enc) -}}
{{ (genSignedCert "leaf" nil nil 1 $mixed).Cert }}"#;
    let mut known = Functions::builtins();
    functions::register(&mut known, Profile::V4);
    let mut templates = Templates::new(known);
    templates.parse("case", template).expect("the template parses");
    let environment = FixedEnvironment::default();
    let mut executor = Executor::new(&templates, Settings::new(&environment, Profile::V4));
    let error = executor.execute("case", &Value::NIL).expect_err("the key is another one").to_string();
    let expected = "error calling genSignedCert: error creating certificate: x509: provided PrivateKey doesn't match \
                    parent's PublicKey";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn what_is_encrypted_reads_back_and_is_marked() {
    assert_eq!(
        text(r#"{{ decryptAES "key" (encryptAES "key" "a text of some length") }}"#),
        "a text of some length"
    );
    assert!(!render(r#"{{ htpasswd "user" "password" }}"#).tainted.is_empty());
    assert!(!render(r#"{{ (genSelfSignedCert "a" nil nil 1).Key }}"#).tainted.is_empty());
    assert!(!render(r#"{{ date "2006" "no date" }}"#).tainted.is_empty());
    assert!(render(r#"{{ date "2006" 0 }}{{ derivePassword 1 "pin" "a" "b" "c" }}"#).tainted.is_empty());
}
