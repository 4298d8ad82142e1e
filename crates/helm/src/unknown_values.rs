//! Values that a user gives and a chart does not know: no default, no schema and no template mentions them.
//!
//! Helm takes such values without a word, so that a misspelt one looks like a setting that works. A value is known if the chart's
//! values.yaml has its key, its values.schema.json describes it, or a template asks for it or for something around or below it;
//! of a subchart's values also if the subchart knows them. Below a default that is an empty object or absent everything is known,
//! and below one that is text nothing is: there a chart prints Go's form of a map. Invariant: what has an effect is never called
//! unknown as far as text can tell ([`crate::value_mentions`]); some of what has none is not found.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::chart::Chart;
use crate::value_mentions::Mentions;

/// A value that a chart does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownValue {
    /// The keys that lead to it.
    pub path: Vec<String>,
    /// The keys that the chart knows beside it, sorted.
    pub known: Vec<String>,
    /// Those of them whose default is of the same kind, sorted.
    pub similar: Vec<String>,
    /// Whether the chart has text, a number or a list where the user has an object.
    pub is_below_scalar: bool,
}

/// What is known about values at one place: defaults, schemas and mentions of the charts that see them.
#[derive(Clone, Default)]
struct Knowledge<'a> {
    defaults: Vec<&'a Value>,
    schemas: Vec<Schema<'a>>,
    mentions: Vec<&'a Mentions>,
    /// Whether a chart sees these values that could not be looked into.
    is_open: bool,
}

/// A place in a schema, with the document that its references lead through.
#[derive(Clone, Copy)]
struct Schema<'a> {
    root: &'a Value,
    at: &'a Value,
}

/// What a chart knows of values, learned once.
pub struct KnownValues<'a>(Learned<'a>);

/// A chart with what is learned from it.
struct Learned<'a> {
    chart: &'a Chart,
    defaults: Value,
    schema: Option<Value>,
    mentions: Mentions,
    dependencies: Vec<Learned<'a>>,
}

/// How many schemas are looked into for one value; schemas that refer to themselves have no end.
const MOST_SCHEMAS: usize = 1000;

/// How deep values and references of schemas are followed.
const DEPTH: usize = 64;

impl<'a> KnownValues<'a> {
    /// What a chart and its subcharts know.
    #[must_use]
    pub fn of(chart: &'a Chart) -> KnownValues<'a> {
        KnownValues(Learned::from(chart, DEPTH))
    }

    /// The values that the chart does not know, each by its shortest path, in the order of their keys.
    #[must_use]
    pub fn unknown(&self, values: &Map<String, Value>) -> Vec<UnknownValue> {
        let mut texts = Mentions::default();
        values.values().for_each(|value| texts.add_values(value));
        let mut found = Vec::new();
        let mut knowledge = self.0.knowledge();
        knowledge.mentions.push(&texts);
        let mut walk = Walk { texts: &texts, path: Vec::new(), found: &mut found };
        walk.visit(values, &knowledge, &[&self.0]);
        found
    }
}

impl<'a> Learned<'a> {
    fn from(chart: &'a Chart, depth: usize) -> Learned<'a> {
        let dependencies: Vec<Learned<'a>> = match depth.checked_sub(1) {
            Some(depth) => chart.dependencies.iter().map(|inner| Learned::from(inner, depth)).collect(),
            None => Vec::new(),
        };
        let mut mentions = Mentions { is_whole: depth == 0, ..Mentions::default() };
        chart.values.values().for_each(|value| mentions.add_values(value));
        for template in &chart.templates {
            mentions.add_template(&String::from_utf8_lossy(&template.data));
        }
        // Named templates of a library see the values of whoever includes them.
        for library in dependencies.iter().filter(|inner| inner.chart.metadata.is_library()) {
            mentions.extend(&library.mentions);
        }
        for dependency in chart.metadata.dependencies.iter().flatten() {
            for condition in dependency.condition.split(',') {
                mentions.add_path(condition.trim());
            }
            for import in dependency.import_values.iter().flatten() {
                let parent = import.get("parent").and_then(Value::as_str);
                mentions.add_path(parent.unwrap_or_default());
            }
        }
        // Any chart may read these.
        for key in ["global", "tags"] {
            mentions.below.entry(key.to_owned()).or_default().is_whole = true;
        }
        let schema = chart.schema.as_ref().and_then(|bytes| serde_json::from_slice(bytes).ok());
        Learned { chart, defaults: Value::Object(chart.values.clone()), schema, mentions, dependencies }
    }

    fn knowledge(&self) -> Knowledge<'_> {
        Knowledge {
            defaults: vec![&self.defaults],
            schemas: self.schema.iter().map(|schema| Schema { root: schema, at: schema }).collect(),
            mentions: vec![&self.mentions],
            is_open: false,
        }
    }

    /// The charts that take their values from below a key; `None` where a declared one is not at hand.
    fn below(&self, key: &str) -> Option<Vec<&Learned<'a>>> {
        let declared = self.chart.metadata.dependencies.iter().flatten();
        let names: Vec<&str> = declared
            .filter(|dependency| {
                let alias = &dependency.alias;
                if alias.is_empty() { dependency.name == key } else { alias == key }
            })
            .map(|dependency| dependency.name.as_str())
            .collect();
        let is_named =
            |inner: &&Learned<'a>| inner.chart.name() == key || names.contains(&inner.chart.name());
        let charts: Vec<&Learned<'a>> = self.dependencies.iter().filter(is_named).collect();
        if charts.is_empty() && !names.is_empty() { None } else { Some(charts) }
    }
}

/// One walk through a user's values.
struct Walk<'w> {
    /// What the texts among the values ask for, of whichever chart they are handed to.
    texts: &'w Mentions,
    path: Vec<String>,
    found: &'w mut Vec<UnknownValue>,
}

impl Walk<'_> {
    fn visit(&mut self, values: &Map<String, Value>, knowledge: &Knowledge<'_>, charts: &[&Learned<'_>]) {
        if self.path.len() >= DEPTH {
            return;
        }
        for (key, value) in values {
            // Null takes a default away, and an unknown one changes nothing.
            if value.is_null() {
                continue;
            }
            let mut below = knowledge.below(key);
            let mut inner = Vec::new();
            for chart in charts {
                match chart.below(key) {
                    Some(charts) => inner.extend(charts),
                    None => below.is_open = true,
                }
            }
            for chart in &inner {
                below.join(chart.knowledge());
            }
            if !inner.is_empty() {
                below.mentions.push(self.texts);
            }
            self.path.push(key.clone());
            if inner.is_empty() && !below.is_open && !knowledge.knows(key) {
                self.found.push(knowledge.unknown(self.path.clone(), key, value));
            } else if let Value::Object(values) = value
                && !below.is_free()
            {
                self.visit(values, &below, &inner);
            }
            self.path.pop();
        }
    }
}

impl<'a> Knowledge<'a> {
    fn join(&mut self, other: Knowledge<'a>) {
        self.defaults.extend(other.defaults);
        self.schemas.extend(other.schemas);
        self.mentions.extend(other.mentions);
        self.is_open |= other.is_open;
    }

    fn below(&self, key: &str) -> Knowledge<'a> {
        Knowledge {
            defaults: self.defaults.iter().filter_map(|default| default.get(key)).collect(),
            schemas: self.schemas.iter().flat_map(|schema| schema.below(key)).collect(),
            mentions: self.mentions.iter().filter_map(|mentions| mentions.below.get(key)).collect(),
            is_open: self.is_open,
        }
    }

    fn knows(&self, key: &str) -> bool {
        self.defaults.iter().any(|default| default.get(key).is_some())
            || self.mentions.iter().any(|mentions| mentions.below.contains_key(key))
            || self.schemas.iter().any(|schema| !schema.below(key).is_empty())
    }

    /// Whether anything may stand below.
    fn is_free(&self) -> bool {
        if self.is_open || self.schemas.iter().any(|schema| schema.describes_nothing()) {
            return true;
        }
        let is_whole = self.mentions.iter().any(|mentions| mentions.is_whole);
        let has_scalar = self.defaults.iter().any(|default| is_text(default));
        let has_keys =
            self.defaults.iter().any(|default| default.as_object().is_some_and(|map| !map.is_empty()));
        if !has_keys && has_scalar {
            return false;
        }
        let has_mentions = self.mentions.iter().any(|mentions| !mentions.below.is_empty());
        let has_properties = self.schemas.iter().any(|schema| !schema.names().is_empty());
        is_whole || !(has_keys || has_mentions || has_properties)
    }

    fn unknown(&self, path: Vec<String>, key: &str, value: &Value) -> UnknownValue {
        let mut known: BTreeSet<String> = BTreeSet::new();
        let mut similar = BTreeSet::new();
        for (name, default) in self.defaults.iter().filter_map(|default| default.as_object()).flatten() {
            known.insert(name.clone());
            if std::mem::discriminant(default) == std::mem::discriminant(value) {
                similar.insert(name.clone());
            }
        }
        known.extend(self.mentions.iter().flat_map(|mentions| mentions.below.keys().cloned()));
        known.extend(self.schemas.iter().flat_map(|schema| schema.names()));
        known.remove(key);
        UnknownValue {
            path,
            known: known.into_iter().collect(),
            similar: similar.into_iter().collect(),
            is_below_scalar: self.defaults.iter().any(|default| is_text(default)),
        }
    }
}

/// Whether a default is something that no key can stand below.
fn is_text(default: &Value) -> bool {
    matches!(default, Value::String(_) | Value::Number(_) | Value::Bool(_))
}

impl<'a> Schema<'a> {
    /// The schemas of a property, references and combinations followed.
    fn below(self, key: &str) -> Vec<Schema<'a>> {
        let mut found = Vec::new();
        self.visit(DEPTH, &mut 0, &mut |schema| {
            if let Some(at) = schema.at.get("properties").and_then(|properties| properties.get(key)) {
                found.push(Schema { at, ..schema });
            } else if schema.at.get("patternProperties").is_some()
                || schema.at.get("additionalProperties").is_some_and(|more| more.is_object())
            {
                // What is described by a pattern or for all keys is known; what below it is, nobody says here.
                found.push(Schema { root: &Value::Null, at: &Value::Null });
            }
        });
        found
    }

    /// Whether the schema leaves open what may stand below.
    fn describes_nothing(self) -> bool {
        let mut has_properties = false;
        let mut is_object = self.at.is_null();
        self.visit(DEPTH, &mut 0, &mut |schema| {
            has_properties |= schema.at.get("properties").is_some();
            is_object |= schema.at.get("type").is_none_or(|kind| {
                kind == "object"
                    || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "object"))
            });
        });
        is_object && !has_properties
    }

    fn names(self) -> Vec<String> {
        let mut names = Vec::new();
        self.visit(DEPTH, &mut 0, &mut |schema| {
            let properties = schema.at.get("properties").and_then(Value::as_object);
            names.extend(properties.into_iter().flatten().map(|(name, _)| name.clone()));
        });
        names
    }

    /// Sees the schema, and all that it refers to and combines.
    fn visit(self, depth: usize, seen: &mut usize, see: &mut dyn FnMut(Schema<'a>)) {
        *seen += 1;
        see(self);
        let Some(depth) = depth.checked_sub(1).filter(|_| *seen < MOST_SCHEMAS) else { return };
        let reference = self.at.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        let referred = reference.and_then(|pointer| self.root.pointer(pointer));
        let combined = ["allOf", "anyOf", "oneOf"]
            .into_iter()
            .flat_map(|keyword| self.at.get(keyword).and_then(Value::as_array).into_iter().flatten());
        let conditional = ["if", "then", "else"].into_iter().filter_map(|keyword| self.at.get(keyword));
        for at in referred.into_iter().chain(combined).chain(conditional) {
            Schema { at, ..self }.visit(depth, seen, see);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::KnownValues;
    use crate::archive::ChartFile;
    use crate::chart::{Chart, LoadOptions};

    const VALUES: &str = "
replicas: 1
url: http://localhost
resources: {limits: {cpu: 1}}
annotations: {}
ingress: {enabled: false, host: a}
template: '{{ .Values.inText }}'
cache: {size: 1}
";

    const TEMPLATE: &str = r#"
{{ .Values.replicas }} {{ .Values.url | quote }} {{ toYaml .Values.resources }}
{{ if .Values.ingress.enabled }}{{ .Values.ingress.host }}{{ end }}
{{ if hasKey .Values.ingress "class" }}{{ .Values.ingress.class }}{{ end }}
{{ tpl .Values.template . }} {{ index .Values "by-name" "key" }} {{ .Values.global.region }}
"#;

    const SCHEMA: &str = r##"{"properties": {"described": {"$ref": "#/definitions/it"}},
        "definitions": {"it": {"type": "object", "properties": {"inner": {"type": "string"}}, "allOf": [{"$ref": "#/definitions/it"}]}}}"##;

    fn chart() -> Chart {
        let dependencies = "dependencies: [{name: store, version: 1.0.0, alias: cache, condition: cacheEnabled}, {name: gone, version: 1.0.0}]";
        let files = [
            ("Chart.yaml", format!("apiVersion: v2\nname: shop\nversion: 1.0.0\n{dependencies}\n")),
            ("values.yaml", VALUES.to_owned()),
            ("values.schema.json", SCHEMA.to_owned()),
            ("templates/a.yaml", TEMPLATE.to_owned()),
            ("charts/store/Chart.yaml", "apiVersion: v2\nname: store\nversion: 1.0.0\n".to_owned()),
            ("charts/store/values.yaml", "size: 1\nlimits: {memory: 1}\n".to_owned()),
            ("charts/store/templates/a.yaml", "{{ .Values.name }} {{ .Values.limits.memory }}".to_owned()),
        ];
        let file = |(name, text): (&str, String)| ChartFile {
            name: name.to_owned(),
            data: text.into_bytes().into(),
        };
        Chart::from_files(files.into_iter().map(file).collect(), &LoadOptions::default()).unwrap().chart
    }

    fn unknown(values: Value) -> Vec<String> {
        let chart = chart();
        let Value::Object(values) = values else { return Vec::new() };
        KnownValues::of(&chart).unknown(&values).into_iter().map(|unknown| unknown.path.join(".")).collect()
    }

    #[test]
    fn what_has_an_effect_is_known() {
        let known = json!({
            "replicas": 2, "url": "x", "resources": {"requests": {"cpu": 2}}, "annotations": {"a": "b"},
            "ingress": {"enabled": true, "class": "nginx"}, "inText": 1, "by-name": {"key": 1}, "global": {"anything": 1},
            "cache": {"size": 2, "name": "x", "limits": {"memory": 2}}, "cacheEnabled": false, "gone": {"anything": 1},
            "described": {"inner": "x"}, "absent": null,
        });
        assert_eq!(unknown(known), [""; 0]);
        assert_eq!(unknown(json!({"replicas": "{{ .Values.mine }}", "mine": 1})), [""; 0]);
    }

    #[test]
    fn what_has_none_is_told_by_its_shortest_path() {
        let wrong = json!({
            "replica": {"count": 2}, "url": {"value": "x"}, "ingress": {"hosts": ["a"]}, "by-name": {"kay": 1},
            "cache": {"sise": 2, "limits": {"cpu": 1}}, "described": {"outer": 1},
        });
        assert_eq!(
            unknown(wrong),
            [
                "by-name.kay",
                "cache.limits.cpu",
                "cache.sise",
                "described.outer",
                "ingress.hosts",
                "replica",
                "url.value"
            ]
        );
        let chart = chart();
        let values = json!({"url": {"value": 1}});
        let found = KnownValues::of(&chart).unknown(values.as_object().unwrap());
        assert!(found[0].is_below_scalar);
    }
}
