//! function-patch-and-transform v0.10.8: the tables of its tests.
//!
//! What is tested by itself there, such as a transform, is put into an input and taken out of it again once it is decoded.

use serde_json::{Map, Value, json};

use super::connection::{extract, is_supported_by, reference};
use super::input::{ComposedTemplate, Patch, PatchKind, Resources};
use super::patch::apply;
use super::readiness::is_ready;
use super::template::with_patch_sets;
use super::transform::convert::converted;
use super::transform::resolve_all;
use super::validate::validate;
use crate::pipeline_state::{Fatal, ObservedResource};
use crate::upstream_tables::function_messages::{compare_response, read_request};
use crate::upstream_tables::{Verdict, compare, compare_errors, text_of};

pub(crate) fn replay(test: &str, data: &Value) -> Verdict {
    let data = &with_pairs(data);
    let (arguments, want) = (&data["args"], &data["want"]);
    match test {
        "TestMathResolve" => transforms(
            &json!([{"type": "math", "math": without_nulls(json!({
                "type": arguments["mathType"], "multiply": arguments["multiplier"],
                "clampMin": arguments["clampMin"], "clampMax": arguments["clampMax"],
            }))}]),
            &arguments["i"],
            want,
        ),
        "TestMapResolve" => {
            transforms(&json!([{"type": "map", "map": arguments["t"]}]), &arguments["i"], want)
        }
        "TestMatchResolve" => {
            transforms(&json!([{"type": "match", "match": arguments["t"]}]), &arguments["i"], want)
        }
        "TestStringResolve" => transforms(
            &json!([{"type": "string", "string": without_nulls(json!({
                "type": arguments["stype"], "fmt": arguments["fmts"], "convert": arguments["convert"],
                "trim": arguments["trim"], "regexp": arguments["regexp"], "join": arguments["join"],
                "replace": arguments["replace"],
            }))}]),
            &arguments["i"],
            want,
        ),
        "TestConvertResolve" => transforms(
            &json!([{"type": "convert", "convert": without_nulls(json!({
                "toType": arguments["to"], "format": arguments["format"],
            }))}]),
            &arguments["i"],
            want,
        ),
        "TestConvertTransformGetConversionFunc" => {
            let sample = match (text_of(arguments, "from"), text_of(&arguments["ct"], "toType")) {
                ("int" | "int64", _) => json!(1),
                ("float64", _) => json!(1.5),
                ("bool", _) => json!(true),
                (_, "array") => json!("[]"),
                (_, "object") => json!("{}"),
                _ => json!("1"),
            };
            let template =
                template(&json!({"patches": [{"type": "FromCompositeFieldPath", "fromFieldPath": "a",
                "transforms": [{"type": "convert", "convert": arguments["ct"]}]}]}))?;
            let convert = template.patches[0].transforms[0].convert.as_ref().ok_or("no conversion")?;
            compare_errors(converted(convert, sample).err().as_deref(), &want["err"])
        }
        "TestResolveTransforms" => transforms(
            &arguments["ts"],
            &arguments["input"],
            &json!({"o": want["output"], "err": want["err"]}),
        ),
        "TestApplyFromFieldPathPatch" | "TestApplyCombineFromVariablesPatch" => {
            let template = template(&json!({"patches": [arguments["p"]]}))?;
            let mut target = arguments["to"].clone();
            let result = apply(&template.patches[0], &arguments["from"], &mut target);
            compare(Ok(target), &Value::Null, &want["to"])?;
            compare_errors(result.err().map(|error| error.to_string()).as_deref(), &want["err"])
        }
        "TestComposedTemplates" => patch_sets(arguments, want),
        "TestIsReady" => {
            let template = template(&json!({"readinessChecks": arguments["rc"]}))?;
            compare(
                is_ready(&arguments["o"], &template.readiness_checks).map(Value::from),
                &want["err"],
                &want["ready"],
            )
        }
        "TestExtractConnectionDetails" => connection_details(arguments, want),
        "TestGetConnectionSecretRef" => {
            let mut input = json!({"resources": [], "environment": {"patches": []}});
            if arguments["input"].is_object() {
                input["writeConnectionSecretToRef"] = arguments["input"].clone();
            }
            let input = Resources::read(&input)?;
            let found = reference(&arguments["xr"]["Resource"], input.connection_secret.as_ref())
                .map(|found| without_empty(json!({"name": found.name, "namespace": found.namespace})));
            compare(found, &want["err"], &want["ref"])
        }
        "TestSupportsConnectionDetails" => compare(
            Ok(is_supported_by(&arguments["xr"]["Resource"]).into()),
            &Value::Null,
            &want["supportsConnectionDetails"],
        ),
        "TestValidatePatch" => verdict_of(&json!({"patches": [arguments["patch"]]}), &want["err"]),
        "TestValidateCombine" => verdict_of(
            &json!({"patches": [{"type": "CombineFromComposite", "toFieldPath": "a", "combine": arguments["combine"]}]}),
            &want["err"],
        ),
        "TestValidateTransform" => verdict_of(
            &json!({"patches": [{"type": "FromCompositeFieldPath", "fromFieldPath": "a",
                "transforms": [arguments["transform"]]}]}),
            &want["err"],
        ),
        "TestValidateConnectionDetail" => {
            verdict_of(&json!({"connectionDetails": [arguments["cd"]]}), &want["output"])
        }
        "TestValidateReadinessCheck" => {
            verdict_of(&json!({"readinessChecks": [arguments["r"]]}), &want["output"])
        }
        "TestRunFunction" => {
            let request = &arguments["req"]["json"];
            let (observed, mut desired) = read_request(request);
            let outcome = super::Program::read(&request["input"], 0).and_then(|program| {
                program.run(&observed, &mut desired, &mut super::TemplateMemory::default())
            });
            let outcome = outcome.map_err(|Fatal(message)| message);
            compare_response(&desired, outcome, &want["rsp"]["json"])
        }
        other => Err(format!("nothing replays {other}")),
    }
}

/// The Go struct of a map transform has its pairs in a member of their own.
fn with_pairs(value: &Value) -> Value {
    match value {
        Value::Object(fields) => match fields.get("Pairs") {
            Some(pairs) if fields.len() == 1 => pairs.clone(),
            _ => fields.iter().map(|(key, value)| (key.clone(), with_pairs(value))).collect(),
        },
        Value::Array(items) => items.iter().map(with_pairs).collect(),
        other => other.clone(),
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

fn without_empty(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.into_iter().filter(|(_, value)| value != "").collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

fn input_with(template: &Value) -> Result<Resources, String> {
    let mut template = template.clone();
    template["name"] = "cool".into();
    template["base"] = json!({"kind": "Cool"});
    Resources::read(&json!({"resources": [template]}))
}

fn template(template: &Value) -> Result<ComposedTemplate, String> {
    input_with(template)?.resources.into_iter().next().ok_or_else(|| "no template".to_owned())
}

fn transforms(steps: &Value, input: &Value, want: &Value) -> Verdict {
    let decoded = template(
        &json!({"patches": [{"type": "FromCompositeFieldPath", "fromFieldPath": "a", "transforms": steps}]}),
    )?;
    compare(resolve_all(&decoded.patches[0].transforms, input.clone()), &want["err"], &want["o"])
}

fn verdict_of(part: &Value, wanted: &Value) -> Verdict {
    let verdict = validate(&input_with(part)?);
    compare_errors(verdict.err().map(|error| error.to_string()).as_deref(), wanted)
}

fn patch_sets(arguments: &Value, want: &Value) -> Verdict {
    let named = |template: &Value| {
        let mut template = template.clone();
        template["name"] = "cool".into();
        template
    };
    let listed = |value: &Value| value.as_array().into_iter().flatten().map(named).collect::<Vec<_>>();
    let sets = if arguments["pss"].is_null() { json!([]) } else { arguments["pss"].clone() };
    let input = Resources::read(&json!({"patchSets": sets, "resources": listed(&arguments["cts"])}))?;
    let found = with_patch_sets(&input, "");
    compare_errors(found.as_ref().err().map(String::as_str), &want["err"])?;
    let wanted = Resources::read(&json!({"resources": listed(&want["ct"])}))?;
    // Where a patch was written is not compared: there it is one Go type.
    let placed = |mut patches: Vec<Patch>| {
        patches.iter_mut().for_each(|patch| patch.place = PatchKind::InPatchSet);
        patches
    };
    let found: Vec<_> =
        found.into_iter().flatten().map(|template| placed(template.patches.clone())).collect();
    let wanted: Vec<_> = wanted.resources.into_iter().map(|template| placed(template.patches)).collect();
    if found == wanted { Ok(()) } else { Err(format!("the patches are {found:?}, wanted {wanted:?}")) }
}

fn connection_details(arguments: &Value, want: &Value) -> Verdict {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let bytes = |value: &Value| STANDARD.decode(text_of(value, "$bytes")).unwrap_or_default();
    let map = |value: &Value| {
        let entries = value.as_object().into_iter().flatten();
        entries.map(|(key, value)| (key.clone(), bytes(value))).collect()
    };
    // The resource of the test is a Go struct whose metadata and secret stand at the top, the generation a number.
    let mut resource = arguments["cd"]["ObjectMeta"].clone();
    if resource.is_object() {
        resource["Ref"] = arguments["cd"]["ConnectionSecretWriterTo"]["Ref"].clone();
    }
    let observed = ObservedResource { resource: resource.into(), connection: map(&arguments["data"]) };
    let details = template(&json!({"connectionDetails": arguments["cfg"]}))?.connection_details;
    match extract(&observed, &details) {
        Ok(found) if found == map(&want["conn"]) => compare_errors(None, &want["err"]),
        Ok(found) => Err(format!("the details are {found:?}, wanted {}", want["conn"])),
        Err(error) => compare_errors(Some(&error), &want["err"]),
    }
}
