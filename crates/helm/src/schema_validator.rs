//! Validates template values by a JSON schema, in the order and with the messages of santhosh-tekuri/jsonschema v6.0.2, which
//! both Helm 3.21.4 and 4.2.4 use.
//!
//! Drafts 4 to 2020-12. Go's map order, which Helm reports properties in, is sorted order here. From draft 2019-09 on `format`
//! is an annotation and never fails; `contentEncoding` and `contentMediaType` never do.

use std::collections::BTreeSet;

use plimsoll_gotemplate::{Data, Map, Value};
use serde_json::{Map as JsonMap, Value as Json};

use crate::schema_document::{Draft, SchemaDocument};
use crate::schema_failure::{Failure, Role, all_quoted, grouped, quoted};
use crate::schema_format;
use crate::schema_value::{duplicates, equals, is_multiple, number, type_name};

/// What of a value some keyword has looked at.
#[derive(Debug, Default, Clone)]
struct Evaluated {
    properties: BTreeSet<Vec<u8>>,
    items: BTreeSet<usize>,
}

impl Evaluated {
    fn merge(&mut self, other: Evaluated) {
        self.properties.extend(other.properties);
        self.items.extend(other.items);
    }
}

/// Validates values by one document.
pub(crate) struct Validator<'a> {
    document: &'a SchemaDocument,
    pointer: Vec<String>,
    /// The schemas that one value is being held against, to find references which end nowhere.
    open: Vec<(*const Json, usize)>,
}

type Outcome = Result<Evaluated, Failure>;

impl<'a> Validator<'a> {
    /// A validator for a document.
    pub(crate) fn new(document: &'a SchemaDocument) -> Validator<'a> {
        Validator { document, pointer: Vec::new(), open: Vec::new() }
    }

    /// What is wrong with the values, if anything.
    pub(crate) fn validate(&mut self, values: &Map) -> Option<Failure> {
        let document = self.document;
        self.schema(&document.root, &Value::from(values.clone())).err()
    }

    fn failure(&self, message: impl Into<String>) -> Failure {
        let escape = |part: &String| format!("/{}", part.replace('~', "~0").replace('/', "~1"));
        let pointer = self.pointer.iter().map(escape).collect();
        Failure { pointer, message: message.into(), causes: Vec::new(), role: Role::Keyword }
    }

    fn schema(&mut self, schema: &'a Json, value: &Value) -> Outcome {
        let entries = match schema {
            Json::Bool(true) => return Ok(Evaluated::default()),
            Json::Bool(false) => return Err(self.failure("false schema")),
            Json::Object(entries) => entries,
            _ => return Ok(Evaluated::default()),
        };
        let here = (std::ptr::from_ref(schema), self.pointer.len());
        if self.open.contains(&here) || self.open.len() > 512 {
            return Err(self.failure("the schema refers to itself without end"));
        }
        self.open.push(here);
        let outcome = self.keywords(entries, value);
        self.open.pop();
        outcome
    }

    fn keywords(&mut self, schema: &'a JsonMap<String, Json>, value: &Value) -> Outcome {
        let draft = self.document.draft;
        let reference = schema.get("$ref").and_then(Json::as_str);
        if let (Some(reference), true) = (reference, draft < Draft::Nineteen) {
            return self.reference(reference, value);
        }
        self.check_type(schema, value)?;
        self.check_constants(schema, value)?;
        self.check_format(schema, value)?;
        let mut failures = Vec::new();
        let mut evaluated = Evaluated::default();
        let mut take = |outcome: Outcome, failures: &mut Vec<Failure>| match outcome {
            Ok(found) => evaluated.merge(found),
            Err(failure) => failures.push(failure),
        };
        if let Some(reference) = reference {
            take(self.reference(reference, value), &mut failures);
        }
        match value.data() {
            Data::Map(map) => take(self.object(schema, value, map, &mut failures), &mut failures),
            Data::List(list) => take(self.array(schema, list.items(), &mut failures), &mut failures),
            Data::String(text) => self.text(schema, &text.to_text(), &mut failures),
            _ => {
                if let Some(number) = number(value) {
                    self.number(schema, number, &mut failures);
                }
            }
        }
        for key in ["$recursiveRef", "$dynamicRef"] {
            if let Some(reference) = schema.get(key).and_then(Json::as_str) {
                take(self.reference(reference, value), &mut failures);
            }
        }
        take(self.conditions(schema, value, &mut failures), &mut failures);
        if self.document.tracks_evaluation {
            self.unevaluated(schema, value, &mut evaluated, &mut failures);
        }
        match failures.len() {
            0 => Ok(evaluated),
            1 => Err(failures.remove(0)),
            _ => Err(Failure { causes: failures, role: Role::Group, ..self.failure("validation failed") }),
        }
    }

    fn reference(&mut self, reference: &str, value: &Value) -> Outcome {
        let document = self.document;
        let Some(target) = document.resolve(reference) else { return Ok(Evaluated::default()) };
        self.schema(target, value).map_err(|failure| {
            let outer = self.failure("validation failed");
            Failure { causes: failure.flattened(), role: Role::Reference, ..outer }
        })
    }

    fn check_type(&self, schema: &JsonMap<String, Json>, value: &Value) -> Result<(), Failure> {
        const ORDER: [&str; 7] = ["null", "boolean", "number", "integer", "string", "array", "object"];
        let wanted: Vec<&str> = match schema.get("type") {
            Some(Json::String(name)) => vec![name],
            Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
            _ => return Ok(()),
        };
        let found = type_name(value);
        let is_whole = number(value).is_some_and(|number| number.fract() == 0.0);
        if wanted.contains(&found) || (is_whole && wanted.contains(&"integer")) {
            return Ok(());
        }
        let names: Vec<&str> = ORDER.into_iter().filter(|name| wanted.contains(name)).collect();
        if names.is_empty() {
            return Ok(());
        }
        Err(self.failure(format!("got {found}, want {}", names.join(" or "))))
    }

    fn check_constants(&self, schema: &JsonMap<String, Json>, value: &Value) -> Result<(), Failure> {
        if let Some(wanted) = schema.get("const").filter(|_| self.document.draft >= Draft::Six)
            && !equals(value, wanted)
        {
            return Err(self.failure(match wanted {
                Json::Array(_) | Json::Object(_) => "'const' failed".to_owned(),
                wanted => format!("value must be {}", shown(wanted)),
            }));
        }
        if let Some(Json::Array(wanted)) = schema.get("enum")
            && !wanted.iter().any(|wanted| equals(value, wanted))
        {
            let is_plain = !wanted.iter().any(|wanted| wanted.is_array() || wanted.is_object());
            return Err(self.failure(match wanted.as_slice() {
                _ if !is_plain => "'enum' failed".to_owned(),
                [only] => format!("value must be {}", shown(only)),
                several => {
                    format!(
                        "value must be one of {}",
                        several.iter().map(shown).collect::<Vec<_>>().join(", ")
                    )
                }
            }));
        }
        Ok(())
    }

    fn check_format(&self, schema: &JsonMap<String, Json>, value: &Value) -> Result<(), Failure> {
        let format = schema.get("format").and_then(Json::as_str);
        let (Some(format), Some(text), true) =
            (format, value.string(), self.document.draft < Draft::Nineteen)
        else {
            return Ok(());
        };
        let text = text.to_text();
        schema_format::check(format, &text)
            .map_err(|reason| self.failure(format!("{} is not valid {format}: {reason}", quoted(&text))))
    }

    fn within(&mut self, part: &str, schema: &'a Json, value: &Value) -> Result<(), Failure> {
        self.pointer.push(part.to_owned());
        let outcome = self.schema(schema, value);
        self.pointer.pop();
        outcome.map(|_| ())
    }

    fn object(
        &mut self,
        schema: &'a JsonMap<String, Json>,
        value: &Value,
        map: &Map,
        failures: &mut Vec<Failure>,
    ) -> Outcome {
        let mut evaluated = Evaluated::default();
        self.check_size(schema, ["minProperties", "maxProperties"], map.len(), failures);
        let missing = missing(schema.get("required"), map);
        if !missing.is_empty() {
            let word = if missing.len() == 1 { "property" } else { "properties" };
            failures.push(self.failure(format!("missing {word} {}", all_quoted(missing.iter().copied()))));
        }
        if let Some(Json::Object(dependencies)) = schema.get("dependencies") {
            self.dependencies(dependencies, value, map, &mut evaluated, failures);
        }
        let table = |key: &str| schema.get(key).and_then(Json::as_object);
        let (properties, patterns) = (table("properties"), table("patternProperties"));
        let additional = schema.get("additionalProperties");
        let mut refused = Vec::new();
        for (name, inner) in map.entries().iter() {
            let text = name.to_text();
            let mut is_evaluated = false;
            if let Some(schema) = properties.and_then(|properties| properties.get(&*text)) {
                is_evaluated = true;
                failures.extend(self.within(&text, schema, inner).err());
            }
            for (pattern, schema) in patterns.into_iter().flatten() {
                if self.document.pattern(pattern).is_some_and(|pattern| pattern.is_match(name.as_bytes())) {
                    is_evaluated = true;
                    failures.extend(self.within(&text, schema, inner).err());
                }
            }
            if let (false, Some(additional)) = (is_evaluated, additional) {
                is_evaluated = true;
                match additional {
                    Json::Bool(true) => {}
                    Json::Bool(false) => refused.push(text.clone().into_owned()),
                    schema => failures.extend(self.within(&text, schema, inner).err()),
                }
            }
            if is_evaluated && self.document.tracks_evaluation {
                evaluated.properties.insert(name.as_bytes().to_vec());
            }
        }
        if !refused.is_empty() {
            let names = all_quoted(refused.iter().map(String::as_str));
            failures.push(self.failure(format!("additional properties {names} not allowed")));
        }
        if let Some(names) = schema.get("propertyNames").filter(|_| self.document.draft >= Draft::Six) {
            for name in map.entries().keys() {
                let outer = std::mem::take(&mut self.pointer);
                let outcome = self.schema(names, &Value::from(name.clone()));
                if let Err(failure) = outcome {
                    let mut named = self.failure(format!("invalid propertyName {}", quoted(&name.to_text())));
                    named.causes = failure.flattened();
                    failures.push(named);
                }
                self.pointer = outer;
            }
        }
        if self.document.draft >= Draft::Nineteen {
            for key in ["dependentSchemas", "dependentRequired"] {
                if let Some(dependencies) = table(key) {
                    self.dependencies(dependencies, value, map, &mut evaluated, failures);
                }
            }
        }
        Ok(evaluated)
    }

    fn dependencies(
        &mut self,
        dependencies: &'a JsonMap<String, Json>,
        value: &Value,
        map: &Map,
        evaluated: &mut Evaluated,
        failures: &mut Vec<Failure>,
    ) {
        for (name, needed) in dependencies.iter().filter(|(name, _)| map.contains(name.as_bytes())) {
            if needed.is_array() {
                let missing = missing(Some(needed), map);
                if !missing.is_empty() {
                    let (missing, name) = (all_quoted(missing), quoted(name));
                    failures.push(self.failure(format!("properties {missing} required, if {name} exists")));
                }
            } else {
                match self.schema(needed, value) {
                    Ok(found) => evaluated.merge(found),
                    Err(failure) => failures.push(failure),
                }
            }
        }
    }

    fn check_size(
        &self,
        schema: &JsonMap<String, Json>,
        [least, most]: [&str; 2],
        size: usize,
        failures: &mut Vec<Failure>,
    ) {
        let size = size as f64;
        let limit = |key: &str| schema.get(key).and_then(Json::as_f64);
        for (key, limit, is_wrong) in [
            (least, limit(least), limit(least).is_some_and(|least| size < least)),
            (most, limit(most), limit(most).is_some_and(|most| size > most)),
        ] {
            if let (true, Some(limit)) = (is_wrong, limit) {
                let (size, limit) = (grouped(size), grouped(limit));
                failures.push(self.failure(format!("{key}: got {size}, want {limit}")));
            }
        }
    }

    fn array(
        &mut self,
        schema: &'a JsonMap<String, Json>,
        items: &[Value],
        failures: &mut Vec<Failure>,
    ) -> Outcome {
        self.check_size(schema, ["minItems", "maxItems"], items.len(), failures);
        if schema.get("uniqueItems") == Some(&Json::Bool(true))
            && let Some((one, other)) = duplicates(items)
        {
            failures.push(self.failure(format!("items at {one} and {other} are equal")));
        }
        let (heads, rest) = if self.document.draft >= Draft::Twenty {
            (schema.get("prefixItems").and_then(Json::as_array), schema.get("items"))
        } else {
            match schema.get("items") {
                Some(Json::Array(heads)) => (Some(heads), schema.get("additionalItems")),
                items => (None, items),
            }
        };
        let heads = heads.map(Vec::as_slice).unwrap_or_default();
        for (index, (schema, item)) in heads.iter().zip(items).enumerate() {
            failures.extend(self.within(&index.to_string(), schema, item).err());
        }
        let tail = items.len().saturating_sub(heads.len());
        let mut evaluated = Evaluated::default();
        match rest {
            None => evaluated.items.extend(0..heads.len().min(items.len())),
            Some(Json::Bool(false)) if self.document.draft < Draft::Twenty && !heads.is_empty() => {
                if tail > 0 {
                    failures.push(self.failure(format!("last {tail} additionalItem(s) not allowed")));
                }
            }
            Some(schema) => {
                for (index, item) in items.iter().enumerate().skip(heads.len()) {
                    failures.extend(self.within(&index.to_string(), schema, item).err());
                }
                evaluated.items.extend(0..items.len());
            }
        }
        if let Some(contained) = schema.get("contains").filter(|_| self.document.draft >= Draft::Six) {
            self.contains(schema, contained, items, &mut evaluated, failures);
        }
        Ok(evaluated)
    }

    fn contains(
        &mut self,
        schema: &'a JsonMap<String, Json>,
        contained: &'a Json,
        items: &[Value],
        evaluated: &mut Evaluated,
        failures: &mut Vec<Failure>,
    ) {
        let (mut causes, mut matched) = (Vec::new(), Vec::new());
        for (index, item) in items.iter().enumerate() {
            match self.within(&index.to_string(), contained, item) {
                Ok(()) => matched.push(index),
                Err(failure) => causes.push(failure),
            }
        }
        if self.document.draft >= Draft::Twenty {
            evaluated.items.extend(matched.iter().copied());
        }
        let places = matched.iter().map(usize::to_string).collect::<Vec<_>>().join(" ");
        let count = matched.len();
        let limit = |key: &str| {
            schema.get(key).filter(|_| self.document.draft >= Draft::Nineteen).and_then(Json::as_f64)
        };
        let short = match limit("minContains") {
            Some(least) if (count as f64) < least => {
                let least = grouped(least);
                Some(if count == 0 {
                    format!("min {least} items required to match contains schema, but none matched")
                } else {
                    format!(
                        "min {least} items required to match contains schema, but matched {count} items at {places}"
                    )
                })
            }
            Some(_) => None,
            None if count == 0 => Some("no items match contains schema".to_owned()),
            None => None,
        };
        if let Some(message) = short {
            failures.push(Failure { causes, ..self.failure(message) });
        }
        if let Some(most) = limit("maxContains").filter(|most| count as f64 > *most) {
            let most = grouped(most);
            failures.push(self.failure(format!(
                "max {most} items required to match contains schema, but matched {count} items at {places}"
            )));
        }
    }

    fn text(&self, schema: &JsonMap<String, Json>, text: &str, failures: &mut Vec<Failure>) {
        self.check_size(schema, ["minLength", "maxLength"], text.chars().count(), failures);
        if let Some(pattern) = schema.get("pattern").and_then(Json::as_str)
            && !self.document.pattern(pattern).is_some_and(|regex| regex.is_match(text.as_bytes()))
        {
            failures.push(self.failure(format!(
                "{} does not match pattern {}",
                quoted(text),
                quoted(pattern)
            )));
        }
    }

    fn number(&self, schema: &JsonMap<String, Json>, number: f64, failures: &mut Vec<Failure>) {
        let limit = |key: &str| schema.get(key).and_then(Json::as_f64);
        let is_exclusive = |key: &str| schema.get(key) == Some(&Json::Bool(true));
        let (least, most) = (limit("minimum"), limit("maximum"));
        // Draft 4 says by a flag that a limit is exclusive.
        let (least_excluded, most_excluded) = if self.document.draft == Draft::Four {
            (
                least.filter(|_| is_exclusive("exclusiveMinimum")),
                most.filter(|_| is_exclusive("exclusiveMaximum")),
            )
        } else {
            (limit("exclusiveMinimum"), limit("exclusiveMaximum"))
        };
        let checks = [
            ("minimum", least, least.is_some_and(|least| number < least)),
            ("maximum", most, most.is_some_and(|most| number > most)),
            ("exclusiveMinimum", least_excluded, least_excluded.is_some_and(|least| number <= least)),
            ("exclusiveMaximum", most_excluded, most_excluded.is_some_and(|most| number >= most)),
            (
                "multipleOf",
                limit("multipleOf"),
                limit("multipleOf").is_some_and(|divisor| !is_multiple(number, divisor)),
            ),
        ];
        for (key, limit, is_wrong) in checks {
            if let (true, Some(limit)) = (is_wrong, limit) {
                let (number, limit) = (grouped(number), grouped(limit));
                failures.push(self.failure(format!("{key}: got {number}, want {limit}")));
            }
        }
    }

    fn conditions(
        &mut self,
        schema: &'a JsonMap<String, Json>,
        value: &Value,
        failures: &mut Vec<Failure>,
    ) -> Outcome {
        let mut evaluated = Evaluated::default();
        if let Some(refused) = schema.get("not")
            && self.schema(refused, value).is_ok()
        {
            failures.push(self.failure("'not' failed"));
        }
        let list = |key: &str| schema.get(key).and_then(Json::as_array).filter(|list| !list.is_empty());
        if let Some(all) = list("allOf") {
            let mut causes = Vec::new();
            for schema in all {
                match self.schema(schema, value) {
                    Ok(found) => evaluated.merge(found),
                    Err(failure) => causes.push(failure),
                }
            }
            if !causes.is_empty() {
                failures.push(Failure { causes, ..self.failure("'allOf' failed") });
            }
        }
        if let Some(any) = list("anyOf") {
            let (mut causes, mut is_matched) = (Vec::new(), false);
            for schema in any {
                match self.schema(schema, value) {
                    Ok(found) => {
                        is_matched = true;
                        evaluated.merge(found);
                        if !self.document.tracks_evaluation {
                            break;
                        }
                    }
                    Err(failure) => causes.push(failure),
                }
            }
            if !is_matched {
                failures.push(Failure { causes, ..self.failure("'anyOf' failed") });
            }
        }
        if let Some(one) = list("oneOf") {
            let (mut causes, mut matched) = (Vec::new(), None);
            for (index, schema) in one.iter().enumerate() {
                match (self.schema(schema, value), matched) {
                    (Ok(found), None) => {
                        matched = Some(index);
                        evaluated.merge(found);
                    }
                    (Ok(_), Some(first)) => {
                        failures.push(
                            self.failure(format!("'oneOf' failed, subschemas {first}, {index} matched")),
                        );
                        break;
                    }
                    (Err(failure), None) => causes.push(failure),
                    (Err(_), Some(_)) => {}
                }
            }
            if matched.is_none() {
                failures.push(Failure { causes, ..self.failure("'oneOf' failed, none matched") });
            }
        }
        if let Some(condition) = schema.get("if").filter(|_| self.document.draft >= Draft::Seven) {
            let branch = match self.schema(condition, value) {
                Ok(found) => {
                    evaluated.merge(found);
                    schema.get("then")
                }
                Err(_) => schema.get("else"),
            };
            if let Some(branch) = branch {
                match self.schema(branch, value) {
                    Ok(found) => evaluated.merge(found),
                    Err(failure) => failures.push(failure),
                }
            }
        }
        Ok(evaluated)
    }

    fn unevaluated(
        &mut self,
        schema: &'a JsonMap<String, Json>,
        value: &Value,
        evaluated: &mut Evaluated,
        failures: &mut Vec<Failure>,
    ) {
        if let (Some(rest), Some(map)) = (schema.get("unevaluatedProperties"), value.map()) {
            for (name, inner) in map.entries().iter() {
                if evaluated.properties.insert(name.as_bytes().to_vec()) {
                    failures.extend(self.within(&name.to_text(), rest, inner).err());
                }
            }
        }
        if let (Some(rest), Some(list)) = (schema.get("unevaluatedItems"), value.list()) {
            for (index, item) in list.items().iter().enumerate() {
                if evaluated.items.insert(index) {
                    failures.extend(self.within(&index.to_string(), rest, item).err());
                }
            }
        }
    }
}

fn missing<'j>(needed: Option<&'j Json>, map: &Map) -> Vec<&'j str> {
    let names = needed.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    names.filter(|name| !map.contains(name.as_bytes())).collect()
}

fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => quoted(text),
        Json::Null => "<nil>".to_owned(),
        Json::Array(_) | Json::Object(_) => "value".to_owned(),
        other => other.to_string(),
    }
}
