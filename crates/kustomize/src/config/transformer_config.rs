//! All field specifications of a build.

use std::sync::LazyLock;

use serde_json::Value;

use super::field_spec::{FieldSpec, FieldSpecs, compare_types, merge_all};
use crate::decode::{Decoder, Fields};
use crate::error::Result;
use crate::identity::Gvk;
use crate::schema::rows;

const BUILT_IN: &str = include_str!("../../data/field_specs.tsv");

/// The fields at which each transformer looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TransformerConfig {
    pub(crate) name_prefix: FieldSpecs,
    pub(crate) name_suffix: FieldSpecs,
    pub(crate) namespace: FieldSpecs,
    pub(crate) common_labels: FieldSpecs,
    pub(crate) labels: FieldSpecs,
    pub(crate) template_labels: FieldSpecs,
    pub(crate) common_annotations: FieldSpecs,
    pub(crate) name_reference: Vec<BackReference>,
    pub(crate) var_reference: FieldSpecs,
    pub(crate) images: FieldSpecs,
    pub(crate) replicas: FieldSpecs,
}

/// The fields that hold the name of a resource of some type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BackReference {
    /// The type that is referred to.
    pub(crate) gvk: Gvk,
    /// The fields that refer to it.
    pub(crate) referrers: FieldSpecs,
}

static DEFAULT: LazyLock<TransformerConfig> = LazyLock::new(|| {
    let mut config = TransformerConfig::default();
    for [transformer, referred, group, version, kind, path, create] in rows(BUILT_IN) {
        let given = |cell: &'static str| if cell == "-" { "" } else { cell };
        let spec =
            FieldSpec::new(Gvk::new(given(group), given(version), given(kind)), path, create == "create");
        if transformer == "nameReference" {
            let mut parts = referred.split(':');
            let mut part = || parts.next().unwrap_or_default();
            let gvk = Gvk::new(part(), part(), part());
            match config.name_reference.iter_mut().find(|reference| reference.gvk == gvk) {
                Some(reference) => reference.referrers.push(spec),
                None => config.name_reference.push(BackReference { gvk, referrers: vec![spec] }),
            }
        } else if let Some((_, specs)) = config.lists().into_iter().find(|(name, _)| *name == transformer) {
            specs.push(spec);
        }
    }
    config.sort();
    config
});

impl TransformerConfig {
    /// The built-in fields.
    pub(crate) fn built_in() -> TransformerConfig {
        DEFAULT.clone()
    }

    /// The fields of a file of `configurations`.
    pub(crate) fn from_json(value: &Value) -> Result<TransformerConfig> {
        let mut decoder = Decoder::strict("TransformerConfig").converting();
        let mut config = TransformerConfig::default();
        if let Some(mut fields) = decoder.object(value) {
            for (name, specs) in config.lists() {
                *specs = read_specs(&mut fields, name);
            }
            config.name_reference = fields.structures("nameReference", "NameBackReferences", |fields| {
                BackReference { gvk: read_gvk(fields), referrers: read_specs(fields, "fieldSpecs") }
            });
        }
        decoder.finish()?;
        config.sort();
        Ok(config)
    }

    /// Adds the fields of another configuration.
    pub(crate) fn merge(&mut self, mut other: TransformerConfig) -> Result<()> {
        const NAMES: [&str; 10] = [
            "NamePrefix",
            "NameSuffix",
            "NameSpace",
            "CommonLabels",
            "Labels",
            "TemplateLabels",
            "CommonAnnotations",
            "VarReference",
            "Images",
            "Replicas",
        ];
        for (((_, own), (_, added)), name) in self.lists().into_iter().zip(other.lists()).zip(NAMES) {
            merge_all(own, added).map_err(|error| error.wrap(format!("failed to merge {name} fieldSpec")))?;
        }
        for added in other.name_reference {
            self.merge_back_reference(added)
                .map_err(|error| error.wrap("failed to merge NameReference fieldSpec"))?;
        }
        self.sort();
        Ok(())
    }

    /// Adds fields that refer to a type.
    pub(crate) fn merge_back_reference(&mut self, added: BackReference) -> Result<()> {
        match self.name_reference.iter_mut().find(|reference| reference.gvk.same_type(&added.gvk)) {
            Some(reference) => merge_all(&mut reference.referrers, &added.referrers),
            None => {
                self.name_reference.push(added);
                Ok(())
            }
        }
    }

    fn lists(&mut self) -> [(&'static str, &mut FieldSpecs); 10] {
        [
            ("namePrefix", &mut self.name_prefix),
            ("nameSuffix", &mut self.name_suffix),
            ("namespace", &mut self.namespace),
            ("commonLabels", &mut self.common_labels),
            ("labels", &mut self.labels),
            ("templateLabels", &mut self.template_labels),
            ("commonAnnotations", &mut self.common_annotations),
            ("varReference", &mut self.var_reference),
            ("images", &mut self.images),
            ("replicas", &mut self.replicas),
        ]
    }

    fn sort(&mut self) {
        for (_, specs) in self.lists() {
            specs.sort_by(|one, other| compare_types(&one.gvk, &other.gvk));
        }
        self.name_reference.sort_by(|one, other| compare_types(&one.gvk, &other.gvk));
    }
}

/// The field specifications of a list.
pub(crate) fn read_specs(fields: &mut Fields<'_, '_>, name: &str) -> FieldSpecs {
    let read = fields.structures(name, "FieldSpec", |fields| {
        let gvk = read_gvk(fields);
        Some(FieldSpec::new(gvk, &fields.string("path"), fields.bool("create")))
    });
    read.into_iter().flatten().collect()
}

/// Group, version and kind of an object that embeds them.
pub(crate) fn read_gvk(fields: &mut Fields<'_, '_>) -> Gvk {
    fields.embedded("Gvk");
    let gvk = Gvk::new(&fields.string("group"), &fields.string("version"), &fields.string("kind"));
    fields.embedded("");
    gvk
}
