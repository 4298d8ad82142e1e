//! What the input's values must be: the first problem, as function-patch-and-transform 0.10.8 `validate.go` finds it.
//!
//! The order of the checks decides which problem is told, so it is the original's; so are its gaps: transforms of combining
//! patches are not looked at, and a combine patch's policy neither.

use plimsoll_gotemplate::regex::Regex;

use super::field_error::FieldError;
use super::input::{
    Combine, ComposedTemplate, ConnectionDetail, ConvertTransform, MatchPattern, MatchTransform,
    MathTransform, Patch, PatchKind, ReadinessCheck, Resources, StringTransform, Transform,
};

type Verdict = Result<(), FieldError>;

/// Checks the whole input.
pub(super) fn validate(resources: &Resources) -> Verdict {
    for set in &resources.patch_sets {
        if set.name.is_empty() {
            return Err(FieldError::required("name", "name is required"));
        }
        each(&set.patches, "patches", validate_patch)?;
    }
    if resources.resources.is_empty() && resources.environment.as_ref().is_none_or(Vec::is_empty) {
        return Err(FieldError::required("resources", "resources or environment patches are required"));
    }
    each(&resources.resources, "resources", validate_template)?;
    let environment = resources.environment.as_deref().unwrap_or_default();
    for (index, patch) in environment.iter().enumerate() {
        if !ENVIRONMENT_PATCHES.contains(&patch.kind.as_str()) {
            // The original writes the member as a key.
            let field = format!("environment.patches[{index}][type]");
            return Err(FieldError::invalid(&field, &patch.kind, "invalid environment patch type"));
        }
        validate_patch(patch).map_err(|error| error.below_item("patches", index).below("environment"))?;
    }
    Ok(())
}

fn each<T>(items: &[T], list: &str, check: impl Fn(&T) -> Verdict) -> Verdict {
    items
        .iter()
        .enumerate()
        .try_for_each(|(index, item)| check(item).map_err(|error| error.below_item(list, index)))
}

fn validate_template(template: &ComposedTemplate) -> Verdict {
    if template.name.is_empty() {
        return Err(FieldError::required("name", "name is required"));
    }
    each(&template.patches, "patches", validate_patch)?;
    each(&template.connection_details, "connectionDetails", validate_connection_detail)?;
    each(&template.readiness_checks, "readinessChecks", validate_readiness_check)
}

const ENVIRONMENT_PATCHES: [&str; 6] = [
    "FromCompositeFieldPath",
    "ToCompositeFieldPath",
    "CombineFromComposite",
    "CombineToComposite",
    "FromEnvironmentFieldPath",
    "ToEnvironmentFieldPath",
];

fn validate_patch(patch: &Patch) -> Verdict {
    match patch.kind.as_str() {
        "FromCompositeFieldPath"
        | "ToCompositeFieldPath"
        | "FromEnvironmentFieldPath"
        | "ToEnvironmentFieldPath" => {
            if patch.source.text().is_empty() {
                let detail = format!("fromFieldPath must be set for patch type {}", patch.kind);
                return Err(FieldError::required("fromFieldPath", &detail));
            }
        }
        "PatchSet" => {
            if patch.place != PatchKind::Composed {
                let detail =
                    format!("patch type *{} does not support patch of type PatchSet", patch.place.go_type());
                return Err(FieldError::invalid("type", &patch.kind, &detail));
            }
            if patch.patch_set_name.as_deref().unwrap_or_default().is_empty() {
                let detail = "patchSetName must be set for patch type PatchSet";
                return Err(FieldError::required("patchSetName", detail));
            }
        }
        "CombineFromComposite" | "CombineToComposite" | "CombineFromEnvironment" | "CombineToEnvironment" => {
            let Some(combine) = &patch.combine else {
                let detail = format!("combine must be set for patch type {}", patch.kind);
                return Err(FieldError::required("combine", &detail));
            };
            if patch.target.text().is_empty() {
                let detail = format!("toFieldPath must be set for patch type {}", patch.kind);
                return Err(FieldError::required("toFieldPath", &detail));
            }
            return validate_combine(combine).map_err(|error| error.below("combine"));
        }
        unknown => return Err(FieldError::invalid("type", unknown, "unknown patch type")),
    }
    each(&patch.transforms, "transforms", validate_transform)?;
    if patch.policy.is_some() {
        validate_policies(patch)?;
    }
    Ok(())
}

fn validate_policies(patch: &Patch) -> Verdict {
    const TARGETS: [&str; 7] = [
        "Replace",
        "MergeObjects",
        "MergeObjectsAppendArrays",
        "ForceMergeObjects",
        "ForceMergeObjectsAppendArrays",
        "MergeObject",
        "AppendArray",
    ];
    if !TARGETS.contains(&patch.target_policy()) {
        let field = "policy.toFieldPathPolicy";
        return Err(FieldError::invalid(field, patch.target_policy(), "unknown toFieldPathPolicy"));
    }
    if !["Required", "Optional"].contains(&patch.source_policy()) {
        let field = "policy.fromFieldPathPolicy";
        return Err(FieldError::invalid(field, patch.source_policy(), "unknown fromFieldPathPolicy"));
    }
    Ok(())
}

fn validate_combine(combine: &Combine) -> Verdict {
    match combine.strategy.as_str() {
        "string" if combine.string.is_some() => {}
        "string" => {
            return Err(FieldError::required("string", "string must be set for combine strategy string"));
        }
        "" => return Err(FieldError::required("strategy", "a combine strategy must be provided")),
        unknown => return Err(FieldError::invalid("strategy", unknown, "unknown strategy type")),
    }
    if combine.variables.is_empty() {
        return Err(FieldError::required("variables", "at least one variable must be provided"));
    }
    each(&combine.variables, "variables", |path| match path.text() {
        "" => {
            Err(FieldError::required("fromFieldPath", "fromFieldPath must be set for each combine variable"))
        }
        _ => Ok(()),
    })
}

fn validate_transform(transform: &Transform) -> Verdict {
    fn configured<T>(kind: &str, configuration: Option<&T>, check: impl Fn(&T) -> Verdict) -> Verdict {
        match configuration {
            Some(configuration) => check(configuration).map_err(|error| error.below(kind)),
            None => {
                let detail = format!("given transform type {kind} requires configuration");
                Err(FieldError::required(kind, &detail))
            }
        }
    }
    match transform.kind.as_str() {
        "math" => configured("math", transform.math.as_ref(), validate_math),
        "map" => configured("map", transform.map.as_ref(), |pairs| match pairs.is_empty() {
            true => {
                let detail = "at least one pair must be specified if a map transform is specified";
                Err(FieldError::required("pairs", detail))
            }
            false => Ok(()),
        }),
        "match" => configured("match", transform.matching.as_ref(), validate_match),
        "string" => configured("string", transform.string.as_ref(), validate_string),
        "convert" => configured("convert", transform.convert.as_ref(), validate_convert),
        unknown => Err(FieldError::invalid("type", unknown, "unknown transform type")),
    }
}

pub(super) fn validate_math(math: &MathTransform) -> Verdict {
    let (field, value, words) = match math.kind.as_str() {
        "" => return Err(FieldError::required("type", "math transform type is required")),
        "Multiply" => ("multiply", math.multiply, "multiply"),
        "ClampMin" => ("clampMin", math.clamp_min, "clamp min"),
        "ClampMax" => ("clampMax", math.clamp_max, "clamp max"),
        unknown => return Err(FieldError::invalid("type", unknown, "unknown math transform type")),
    };
    match value {
        Some(_) => Ok(()),
        None => {
            let detail = format!("must specify a value if a {words} math transform is specified");
            Err(FieldError::required(field, &detail))
        }
    }
}

fn validate_match(matching: &MatchTransform) -> Verdict {
    if matching.patterns.is_empty() {
        let detail = "at least one pattern must be specified if a match transform is specified";
        return Err(FieldError::required("patterns", detail));
    }
    each(&matching.patterns, "patterns", validate_pattern)
}

fn validate_pattern(pattern: &MatchPattern) -> Verdict {
    match pattern.kind.as_str() {
        "literal" | "" if pattern.literal.is_none() => {
            Err(FieldError::required("literal", "literal pattern type requires a literal"))
        }
        "literal" | "" => Ok(()),
        "regexp" => match &pattern.regexp {
            None => Err(FieldError::required("regexp", "regexp pattern type requires a regexp")),
            Some(expression) => validate_regexp("regexp", expression),
        },
        unknown => Err(FieldError::invalid("type", unknown, "unknown pattern type")),
    }
}

fn validate_regexp(field: &str, expression: &str) -> Verdict {
    match Regex::new(expression.as_bytes()) {
        Ok(_) => Ok(()),
        Err(_) => Err(FieldError::invalid(field, expression, "invalid regexp")),
    }
}

fn validate_string(string: &StringTransform) -> Verdict {
    let required = |field: &str, detail: &str| Err(FieldError::required(field, detail));
    match string.kind.as_str() {
        "" => required("type", "string transform type is required"),
        "Format" if string.format.is_none() => required("fmt", "format transform requires a format"),
        "Convert" if string.convert.is_none() => {
            required("convert", "convert transform requires a conversion type")
        }
        "TrimPrefix" | "TrimSuffix" if string.trim.is_none() => {
            required("trim", "trim transform requires a trim value")
        }
        "Regexp" => match &string.regexp {
            None => required("regexp", "regexp transform requires a regexp"),
            Some((expression, _)) if expression.is_empty() => {
                required("regexp.match", "regexp transform requires a match")
            }
            Some((expression, _)) => validate_regexp("regexp.match", expression),
        },
        "Join" if string.join.is_none() => required("join", "join transform requires a join"),
        "Replace" => match &string.replace {
            None => required("replace", "replace transform requires a replace"),
            Some((search, _)) if search.is_empty() => {
                required("replace.search", "replace transform requires a search")
            }
            Some(_) => Ok(()),
        },
        "Format" | "Convert" | "TrimPrefix" | "TrimSuffix" | "Join" => Ok(()),
        unknown => Err(FieldError::invalid("type", unknown, "unknown string transform type")),
    }
}

pub(super) fn validate_convert(convert: &ConvertTransform) -> Verdict {
    const TYPES: [&str; 7] = ["string", "bool", "int", "int64", "float64", "object", "array"];
    if let Some(format) = &convert.format
        && !["none", "quantity", "json"].contains(&format.as_str())
    {
        return Err(FieldError::invalid("format", format, "invalid format"));
    }
    if !TYPES.contains(&convert.to_type.as_str()) {
        return Err(FieldError::invalid("toType", &convert.to_type, "invalid type"));
    }
    Ok(())
}

pub(super) fn validate_connection_detail(detail: &ConnectionDetail) -> Verdict {
    let required = |field: &str, words: &str| Err(FieldError::required(field, words));
    match detail.kind.as_str() {
        "" => return required("type", "connection detail type is required"),
        "FromConnectionSecretKey" | "FromFieldPath" | "FromValue" => {}
        unknown => return Err(FieldError::invalid("type", unknown, "unknown connection detail type")),
    }
    if detail.name.is_empty() {
        return required("name", "name is required");
    }
    match detail.kind.as_str() {
        "FromValue" if detail.value.is_none() => {
            required("value", "value connection detail requires a value")
        }
        "FromConnectionSecretKey" if detail.from_connection_secret_key.is_none() => {
            required("fromConnectionSecretKey", "from connection secret key connection detail requires a key")
        }
        "FromFieldPath" if detail.from_field_path.is_none() => {
            required("fromFieldPath", "from field path connection detail requires a field path")
        }
        _ => Ok(()),
    }
}

pub(super) fn validate_readiness_check(check: &ReadinessCheck) -> Verdict {
    let required = |field: &str, words: &str| Err(FieldError::required(field, words));
    match check.kind.as_str() {
        "None" => return Ok(()),
        "MatchString" if check.match_string.is_none() => {
            return required("matchString", "cannot be nil for type MatchString");
        }
        "MatchInteger" if check.match_integer.is_none() => {
            return required("matchInteger", "cannot be nil for type MatchInteger");
        }
        "MatchCondition" => {
            let Some(condition) = &check.match_condition else { return Ok(()) };
            return match (condition.kind.as_str(), condition.status.as_str()) {
                ("", _) => required("matchCondition.type", "cannot be empty for type MatchCondition"),
                (_, "") => required("matchCondition.status", "cannot be empty for type MatchCondition"),
                _ => Ok(()),
            };
        }
        "MatchString" | "MatchInteger" | "NonEmpty" | "MatchFalse" | "MatchTrue" => {}
        unknown => return Err(FieldError::invalid("type", unknown, "unknown readiness check type")),
    }
    match check.field_path {
        Some(_) => Ok(()),
        None => required("fieldPath", "cannot be empty"),
    }
}
