//! What each template of a chart and its subcharts is given as `.`, and in which order templates are executed.

use std::sync::Arc;

use plimsoll_gotemplate::{Entries, Map, Value};

use crate::archive::clean;
use crate::arena::{Arena, ChartId};
use crate::chart_object::chart_object;
use crate::files_object::files_object;
use crate::render::RenderOptions;
use crate::{objects, shared, values_methods};

/// A template with its data.
pub(crate) struct TemplateFile<'a> {
    /// The whole path: `app/charts/database/templates/service.yaml`.
    pub path: String,
    /// The path of the chart's `templates` folder.
    pub base_path: String,
    /// The source.
    pub text: &'a Arc<[u8]>,
    /// What `.` is, shared by all templates of a chart.
    pub data: Map,
}

impl TemplateFile<'_> {
    /// Whether it only defines templates for others.
    pub(crate) fn is_partial(&self) -> bool {
        self.path.rsplit('/').next().is_some_and(|name| name.starts_with('_'))
    }
}

/// The data of all templates.
pub(crate) struct Scope<'a> {
    templates: Vec<TemplateFile<'a>>,
}

impl<'a> Scope<'a> {
    /// Builds the data of a chart's templates and those of its subcharts.
    pub(crate) fn new(
        arena: &Arena<'a>,
        root: ChartId,
        values: &Map,
        options: &RenderOptions<'_>,
    ) -> Scope<'a> {
        let mut scope = Scope { templates: Vec::new() };
        let release = objects::release_object(&options.release);
        let capabilities =
            objects::capabilities_object(&options.kube_version, &options.api_versions, options.profile);
        let values = values.converted(values_methods::values_type(options.profile));
        scope.add(arena, root, values, &release, &capabilities);
        scope
    }

    /// All templates in Helm's order: the deepest paths first, and those in reverse alphabetical order.
    pub(crate) fn templates(self) -> Vec<TemplateFile<'a>> {
        let depth = |template: &TemplateFile<'_>| template.path.bytes().filter(|byte| *byte == b'/').count();
        let mut templates: Vec<(usize, TemplateFile<'a>)> =
            self.templates.into_iter().map(|template| (depth(&template), template)).collect();
        templates.sort_by(|(one_depth, one), (other_depth, other)| {
            other_depth.cmp(one_depth).then_with(|| other.path.cmp(&one.path))
        });
        templates.dedup_by(|(_, one), (_, other)| one.path == other.path);
        templates.into_iter().map(|(_, template)| template).collect()
    }

    fn add(
        &mut self,
        arena: &Arena<'a>,
        chart: ChartId,
        values: Map,
        release: &Value,
        capabilities: &Value,
    ) -> Map {
        let node = &arena[chart];
        let subcharts = Map::new();
        let data = Map::new();
        let entries = [
            ("Chart", chart_object(node, arena.profile)),
            ("Files", files_object(&node.source.files)),
            ("Release", release.clone()),
            ("Capabilities", capabilities.clone()),
            ("Values", Value::from(values.clone())),
            ("Subcharts", Value::from(subcharts.clone())),
        ];
        for (key, value) in entries {
            let _ = data.insert(key, value);
        }
        let values_type = values.go_type();
        for dependency in &node.dependencies {
            let name = &arena[*dependency].name;
            let own = shared::table_at(&values, name)
                .map_or_else(|| Map::of_type(values_type, Entries::new()), |own| own.converted(values_type));
            let inner = self.add(arena, *dependency, own, release, capabilities);
            let _ = subcharts.insert(name.as_str(), Value::from(inner));
        }
        let folder = arena.full_path(chart);
        for template in &node.source.templates {
            let path = clean(&format!("{folder}/{}", template.name));
            let file = TemplateFile {
                path,
                base_path: format!("{folder}/templates"),
                text: &template.data,
                data: data.clone(),
            };
            if !node.source.metadata.is_library() || file.is_partial() {
                self.templates.push(file);
            }
        }
        data
    }
}
