//! The functions that templates of function-go-templating know: sprig's, and its own.
//!
//! Follows `function_maps.go` of version 0.12.2; `env` and `expandenv` are missing there as well.

use plimsoll_gotemplate::encoding::base64_decode;
use plimsoll_gotemplate::{
    Call, Error, Function, Functions, GoString, List, Map, Profile, Signature, TaintFlow, Value, functions,
    types,
};
use plimsoll_yaml::{Budget, Dialect, EmitOptions, Numbers, emit_value_with, parse_one};

use crate::field_path::{Segment, Segments, value_at};
use crate::go_value::{from_go, to_go};
use crate::number::with_float_numbers;

/// Functions that are none of sprig's, or Helm's own in its place, so that no template here knows them so.
const HELM_ONLY: [&str; 16] = [
    "tpl",
    "required",
    "lookup",
    "toYamlPretty",
    "fromYamlArray",
    "fromJsonArray",
    "toToml",
    "fromToml",
    "mustToYaml",
    "mustToToml",
    "toYaml",
    "fromYaml",
    "include",
    "mustFromToml",
    "fromJson",
    "fail",
];

/// All functions.
pub(super) fn all() -> Functions {
    let mut all = Functions::builtins();
    functions::register(&mut all, Profile::V4);
    for name in HELM_ONLY {
        all.remove(name);
    }
    for function in own() {
        all.register(function);
    }
    all
}

fn own() -> Vec<Function> {
    let two = Signature::new(&[types::MAP, types::STRING], types::ANY);
    vec![
        Function::new("randomChoice", Signature::variadic(&[types::STRING], types::STRING), random_choice)
            .with_taint(TaintFlow::Source),
        Function::new("toYaml", Signature::new(&[types::ANY], types::STRING), to_yaml),
        Function::new("fromYaml", Signature::new(&[types::STRING], types::ANY), from_yaml),
        Function::new(
            "getResourceCondition",
            Signature::new(&[types::STRING, types::MAP], types::ANY),
            resource_condition,
        ),
        Function::new(
            "setResourceNameAnnotation",
            Signature::new(&[types::STRING], types::STRING),
            |_, arguments| {
                let name = text(arguments, 0);
                Ok(format!("gotemplating.fn.crossplane.io/composition-resource-name: {name}").into())
            },
        ),
        Function::new("getComposedResource", two, |_, arguments| {
            Ok(map_at(arguments, |name| vec![format!("observed.resources[{name}]resource")]))
        }),
        Function::new("getCompositeResource", Signature::new(&[types::MAP], types::ANY), |_, arguments| {
            Ok(map_at(arguments, |_| vec!["observed.composite.resource".to_owned()]))
        }),
        Function::new("getExtraResources", two, |_, arguments| {
            Ok(list_at(arguments, |name| {
                vec![format!("requiredResources[{name}].items"), format!("extraResources[{name}].items")]
            }))
        }),
        Function::new("getExtraResourcesFromContext", two, |_, arguments| {
            Ok(list_at(arguments, |name| {
                vec![format!("context[{}][{name}].items", super::meta::EXTRA_RESOURCES_KEY)]
            }))
        }),
        Function::new("getCredentialData", two, |_, arguments| {
            let data = map_at(arguments, |name| vec![format!("credentials[{name}].credentialData.data")]);
            Ok(data.map().map_or(Value::NIL, |data| {
                let entries = data.entries();
                let decoded = entries.iter().map(|(key, value)| {
                    let text = value.string().cloned().unwrap_or_default();
                    let bytes = base64_decode(text.as_bytes()).unwrap_or_default();
                    (key.clone(), Value::from(List::of_bytes(&bytes)))
                });
                decoded.collect::<Map>().into()
            }))
        }),
        // Helm has these two otherwise than sprig.
        Function::new("fromJson", Signature::new(&[types::STRING], types::ANY), |_, arguments| {
            let value = serde_json::from_str(&text(arguments, 0)).map(with_float_numbers);
            Ok(value.map_or(Value::NIL, |value| to_go(&value)))
        }),
        Function::new("fail", Signature::new(&[types::STRING], types::STRING), |_, arguments| {
            Err(Error::message(text(arguments, 0)))
        }),
        Function::new(
            "include",
            Signature::new(&[types::STRING, types::ANY], types::STRING),
            |call, arguments| {
                let data = arguments.get(1).cloned().unwrap_or_default();
                call.runtime.include(text(arguments, 0).as_bytes(), &data)
            },
        )
        .with_taint(TaintFlow::Carry),
    ]
}

fn text(arguments: &[Value], index: usize) -> String {
    let bytes = arguments.get(index).and_then(Value::string).cloned().unwrap_or_default();
    GoString::to_text(&bytes).into_owned()
}

/// The map at the first path that exists. Where none does it is Go's nil map, of which every key is absent.
fn map_at(arguments: &[Value], paths: impl Fn(&str) -> Vec<String>) -> Value {
    let found = at(arguments, paths);
    if found.map().is_some() { found } else { Map::default().into() }
}

/// The list at the first path that exists. Where none does it is Go's nil slice, which has no items.
fn list_at(arguments: &[Value], paths: impl Fn(&str) -> Vec<String>) -> Value {
    let found = at(arguments, paths);
    if found.list().is_some() { found } else { Vec::<Value>::new().into() }
}

/// A copy of the value at the first path that exists; nil where none does.
fn at(arguments: &[Value], paths: impl Fn(&str) -> Vec<String>) -> Value {
    let Some(request) = arguments.first() else { return Value::NIL };
    let paths = paths(&text(arguments, 1));
    paths.iter().find_map(|path| followed(request, path)).map_or(Value::NIL, |found| to_go(&from_go(&found)))
}

fn followed(request: &Value, path: &str) -> Option<Value> {
    let segments = Segments::parse(path).ok()?;
    segments.0.iter().try_fold(request.clone(), |value, segment| match segment {
        Segment::Field(field) => value.map()?.value(field.as_bytes()),
        Segment::Index(index) => value.list()?.items().get(*index as usize).cloned(),
    })
}

fn random_choice(call: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let mut bytes = [0; 8];
    call.environment().fill_random(&mut bytes);
    let count = u64::try_from(arguments.len()).unwrap_or(u64::MAX);
    let choice = u64::from_le_bytes(bytes).checked_rem(count);
    let choice = choice.and_then(|index| arguments.get(usize::try_from(index).unwrap_or_default()));
    choice.cloned().ok_or_else(|| Error::message("invalid argument to Intn"))
}

fn to_yaml(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let value = arguments.first().map(from_go).unwrap_or_default();
    Ok(emit_value_with(&value, &EmitOptions::GO_YAML_V3).into())
}

fn from_yaml(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let tree = parse_one(text(arguments, 0), Dialect::Kustomize, &Budget::DEFAULT)
        .and_then(|tree| tree.to_value(Dialect::Kustomize, Numbers::AsWritten));
    tree.map(|value| to_go(&value)).map_err(|error| Error::message(error.to_string()))
}

/// The condition of a type, with the names of Go's fields; one of status Unknown where there is none.
fn resource_condition(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let kind = text(arguments, 0);
    let resource = arguments.get(1).map(from_go).unwrap_or_default();
    let conditions = ["resource.status.conditions", "status.conditions"]
        .iter()
        .find_map(|path| value_at(&resource, path).ok().and_then(serde_json::Value::as_array).cloned())
        .unwrap_or_default();
    let found = conditions
        .iter()
        .find(|condition| condition.get("type").and_then(serde_json::Value::as_str) == Some(&kind));
    let field = |key: &str| {
        let value = found.and_then(|condition| condition.get(key)).and_then(serde_json::Value::as_str);
        Value::from(value.unwrap_or_default())
    };
    let status = if found.is_some() { field("status") } else { Value::from("Unknown") };
    let fields = [
        ("Type", Value::from(kind.as_str())),
        ("Status", status),
        ("LastTransitionTime", field("lastTransitionTime")),
        ("Reason", field("reason")),
        ("Message", field("message")),
    ];
    Ok(fields.into_iter().map(|(name, value)| (GoString::from(name), value)).collect::<Map>().into())
}
