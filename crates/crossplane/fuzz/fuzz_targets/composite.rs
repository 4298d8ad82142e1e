//! Any bytes are a composite resource that is rendered through a pipeline of all functions, or refused.
//!
//! `cargo xtask fuzz crossplane/composite`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_crossplane::manifest::Files;
use plimsoll_crossplane::render::{RenderArguments, render};

const COMPOSITION: &str = "\
apiVersion: apiextensions.crossplane.io/v1
kind: Composition
metadata: {name: boats}
spec:
  compositeTypeRef: {apiVersion: example.org/v1, kind: XR}
  mode: Pipeline
  pipeline:
    - step: resources
      functionRef: {name: function-patch-and-transform}
      input:
        apiVersion: pt.fn.crossplane.io/v1beta1
        kind: Resources
        resources:
          - name: one
            base: {apiVersion: v1, kind: ConfigMap, data: {a: b}}
            patches:
              - {fromFieldPath: spec, toFieldPath: data, policy: {toFieldPath: MergeObjects}}
              - {fromFieldPath: 'spec.list[*]', toFieldPath: metadata.labels.x}
              - type: CombineFromComposite
                toFieldPath: metadata.annotations.all
                combine:
                  strategy: string
                  string: {fmt: '%s %v %d'}
                  variables: [{fromFieldPath: metadata.name}, {fromFieldPath: spec}, {fromFieldPath: 'spec.list[0]'}]
    - step: template
      functionRef: {name: function-go-templating}
      input:
        apiVersion: gotemplating.fn.crossplane.io/v1beta1
        kind: GoTemplate
        source: Inline
        inline:
          template: |
            {{ range $key, $value := .observed.composite.resource.spec }}
            ---
            apiVersion: v1
            kind: Secret
            metadata:
              annotations: {{ printf \"{%s: %s}\" (setResourceNameAnnotation $key) \"\" }}
            data: {{ $value | toJson }}
            {{ end }}
    - {step: ready, functionRef: {name: function-auto-ready}}
";

const FUNCTIONS: &str = "\
apiVersion: pkg.crossplane.io/v1
kind: Function
metadata: {name: function-patch-and-transform}
spec: {package: 'registry.example.com/function-patch-and-transform:v0.10.8'}
---
apiVersion: pkg.crossplane.io/v1
kind: Function
metadata: {name: function-go-templating}
spec: {package: 'registry.example.com/function-go-templating:v0.12.2'}
---
apiVersion: pkg.crossplane.io/v1
kind: Function
metadata: {name: function-auto-ready}
spec: {package: 'registry.example.com/function-auto-ready:v0.7.0'}
";

struct Memory<'a>(&'a [u8]);

impl Files for Memory<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Ok(match path {
            "xr.yaml" => self.0.to_vec(),
            "composition.yaml" => COMPOSITION.as_bytes().to_vec(),
            _ => FUNCTIONS.as_bytes().to_vec(),
        })
    }

    fn list(&self, _: &str) -> Result<Option<Vec<String>>, String> {
        Ok(None)
    }
}

fuzz_target!(|bytes: &[u8]| {
    let arguments = RenderArguments {
        composite: "xr.yaml".to_owned(),
        composition: "composition.yaml".to_owned(),
        functions: "functions.yaml".to_owned(),
        observed: Some("xr.yaml".to_owned()),
        ..RenderArguments::default()
    };
    let _ = render(&arguments, &Memory(bytes));
});
