//! `Chart.yaml` and `requirements.yaml`: what a chart says of itself, read and checked as Helm does.
//!
//! Field names, order and checks are those of Helm 3.21.4 and 4.2.4, which agree.

use plimsoll_gotemplate::quote::quote;
use serde_json::{Value, json};

use crate::error::Error;
use crate::semver;
use crate::typed::Reader;

/// The contents of a `Chart.yaml`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    /// The chart's name.
    pub name: String,
    /// The project's page.
    pub home: String,
    /// Where the sources are.
    pub sources: Option<Vec<String>>,
    /// The chart's own version.
    pub version: String,
    /// One sentence about the chart.
    pub description: String,
    /// Words to find it by.
    pub keywords: Option<Vec<String>>,
    /// Who maintains it.
    pub maintainers: Option<Vec<Maintainer>>,
    /// The address of an icon.
    pub icon: String,
    /// `v1` or `v2`.
    pub api_version: String,
    /// A condition; nothing reads it.
    pub condition: String,
    /// Tags; nothing reads them.
    pub tags: String,
    /// The version of what the chart installs.
    pub app_version: String,
    /// Whether the chart should no longer be used.
    pub deprecated: bool,
    /// Anything else, by key.
    pub annotations: Option<Vec<(String, String)>>,
    /// Which versions of Kubernetes it is for.
    pub kube_version: String,
    /// Which charts it needs.
    pub dependencies: Option<Vec<Dependency>>,
    /// `application`, `library` or nothing.
    pub kind: String,
}

/// Someone who maintains a chart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Maintainer {
    /// A name.
    pub name: String,
    /// An address.
    pub email: String,
    /// A page.
    pub url: String,
    is_null: bool,
}

/// A chart that another chart needs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dependency {
    /// The chart's name, or its alias once dependencies have been processed.
    pub name: String,
    /// Which versions will do.
    pub version: String,
    /// Where it comes from.
    pub repository: String,
    /// Paths of values that turn it on or off, separated by commas.
    pub condition: String,
    /// Tags that turn it on or off.
    pub tags: Option<Vec<String>>,
    /// Whether it is turned on, once dependencies have been processed.
    pub enabled: bool,
    /// Which of its values the parent takes over.
    pub import_values: Option<Vec<Value>>,
    /// The name that it goes by.
    pub alias: String,
    is_null: bool,
    is_imported: bool,
}

impl Metadata {
    /// Reads a document over what is already there: `requirements.yaml` adds to `Chart.yaml`.
    pub(crate) fn read(&mut self, document: &Value) -> Result<(), String> {
        let Some(reader) = Reader::of_document(document, "Metadata", "chart")? else { return Ok(()) };
        reader.string("name", &mut self.name)?;
        reader.string("home", &mut self.home)?;
        reader.strings("sources", &mut self.sources)?;
        reader.string("version", &mut self.version)?;
        reader.string("description", &mut self.description)?;
        reader.strings("keywords", &mut self.keywords)?;
        reader.structs("maintainers", "Maintainer", &mut self.maintainers, Maintainer::read)?;
        reader.string("icon", &mut self.icon)?;
        reader.string("apiVersion", &mut self.api_version)?;
        reader.string("condition", &mut self.condition)?;
        reader.string("tags", &mut self.tags)?;
        reader.string("appVersion", &mut self.app_version)?;
        reader.boolean("deprecated", &mut self.deprecated)?;
        reader.string_map("annotations", &mut self.annotations)?;
        reader.string("kubeVersion", &mut self.kube_version)?;
        reader.structs("dependencies", "Dependency", &mut self.dependencies, Dependency::read)?;
        reader.string("type", &mut self.kind)
    }

    /// Whether only the chart's named templates are of use.
    #[must_use]
    pub fn is_library(&self) -> bool {
        self.kind.eq_ignore_ascii_case("library")
    }

    /// Cleans the texts and checks them in Helm's order.
    pub(crate) fn validate(&mut self) -> Result<(), Error> {
        let texts = [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ];
        texts.into_iter().for_each(sanitize);
        self.sources.iter_mut().flatten().for_each(sanitize);
        self.keywords.iter_mut().flatten().for_each(sanitize);
        let refuse = |message: String| Err(Error::chart(format!("validation: {message}")));
        if self.api_version.is_empty() {
            return refuse("chart.metadata.apiVersion is required".into());
        }
        if self.name.is_empty() {
            return refuse("chart.metadata.name is required".into());
        }
        if self.name == "." || self.name == ".." {
            return refuse(format!("chart.metadata.name {} is not allowed", quote(self.name.as_bytes())));
        }
        if self.name.contains('/') {
            return refuse(format!("chart.metadata.name {} is invalid", quote(self.name.as_bytes())));
        }
        if self.version.is_empty() {
            return refuse("chart.metadata.version is required".into());
        }
        if !semver::is_version(&self.version) {
            return refuse(format!("chart.metadata.version {} is invalid", quote(self.version.as_bytes())));
        }
        if !matches!(self.kind.as_str(), "" | "application" | "library") {
            return refuse("chart.metadata.type must be application or library".into());
        }
        for maintainer in self.maintainers.iter_mut().flatten() {
            if maintainer.is_null {
                return refuse("maintainers must not contain empty or null nodes".into());
            }
            [&mut maintainer.name, &mut maintainer.email, &mut maintainer.url].into_iter().for_each(sanitize);
        }
        let mut seen = std::collections::BTreeSet::new();
        for dependency in self.dependencies.iter_mut().flatten() {
            if dependency.is_null {
                return refuse("dependencies must not contain empty or null nodes".into());
            }
            dependency.sanitize();
            if !dependency.has_valid_alias() {
                return refuse(format!(
                    "dependency {} has disallowed characters in the alias",
                    quote(dependency.name.as_bytes())
                ));
            }
            let key = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
            if !seen.insert(key.clone()) {
                return refuse(format!(
                    "more than one dependency with name or alias {}",
                    quote(key.as_bytes())
                ));
            }
        }
        Ok(())
    }
}

impl Maintainer {
    fn read(reader: Option<Reader<'_>>) -> Result<Maintainer, String> {
        let Some(reader) = reader else { return Ok(Maintainer { is_null: true, ..Maintainer::default() }) };
        let mut maintainer = Maintainer::default();
        reader.string("name", &mut maintainer.name)?;
        reader.string("email", &mut maintainer.email)?;
        reader.string("url", &mut maintainer.url)?;
        Ok(maintainer)
    }
}

impl Dependency {
    pub(crate) fn read(reader: Option<Reader<'_>>) -> Result<Dependency, String> {
        let Some(reader) = reader else { return Ok(Dependency { is_null: true, ..Dependency::default() }) };
        let mut dependency = Dependency::default();
        reader.string("name", &mut dependency.name)?;
        reader.string("version", &mut dependency.version)?;
        reader.string("repository", &mut dependency.repository)?;
        reader.string("condition", &mut dependency.condition)?;
        reader.strings("tags", &mut dependency.tags)?;
        reader.boolean("enabled", &mut dependency.enabled)?;
        reader.list("import-values", &mut dependency.import_values)?;
        reader.string("alias", &mut dependency.alias)?;
        Ok(dependency)
    }

    /// The values that are still to be imported.
    pub(crate) fn imports_to_do(&self) -> Vec<Value> {
        if self.is_imported { Vec::new() } else { self.import_values.clone().unwrap_or_default() }
    }

    /// Leaves of `import-values` what Helm leaves: pairs, of which nothing is imported a second time.
    pub(crate) fn mark_imported(&mut self) {
        let pair = |child: String, parent: String| json!({ "child": child, "parent": parent });
        let pairs: Vec<Value> = self
            .imports_to_do()
            .iter()
            .filter_map(|wanted| match wanted {
                Value::Object(entries) => {
                    let text = |key: &str| match entries.get(key) {
                        None | Some(Value::Null) => "<nil>".to_owned(),
                        Some(Value::String(text)) => text.clone(),
                        Some(other) => other.to_string(),
                    };
                    Some(pair(text("child"), text("parent")))
                }
                Value::String(key) => Some(pair(format!("exports.{key}"), ".".to_owned())),
                _ => None,
            })
            .collect();
        self.import_values = (!pairs.is_empty()).then_some(pairs);
        self.is_imported = true;
    }

    /// Whether `import_values` holds the pairs of [`Dependency::mark_imported`].
    pub(crate) fn is_imported(&self) -> bool {
        self.is_imported
    }

    fn sanitize(&mut self) {
        let texts = [&mut self.name, &mut self.version, &mut self.repository, &mut self.condition];
        texts.into_iter().for_each(sanitize);
        self.tags.iter_mut().flatten().for_each(sanitize);
    }

    fn has_valid_alias(&self) -> bool {
        self.alias.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    }
}

/// White space becomes a space, and what cannot be printed goes.
fn sanitize(text: &mut String) {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return;
    }
    *text = text
        .chars()
        .filter_map(|character| match character {
            _ if character.is_whitespace() => Some(' '),
            _ => is_printable(character).then_some(character),
        })
        .collect();
}

/// Go's `unicode.IsPrint`, seen by what `strconv.Quote` leaves as it is.
fn is_printable(character: char) -> bool {
    matches!(character, '"' | '\\') || !quote(character.encode_utf8(&mut [0; 4]).as_bytes()).contains('\\')
}
