//! Makes Helm charts for measuring, the same bytes every time.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// Charts from the smallest to one with as many calls of `tpl` as no chart has.
pub(super) fn write_all(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut charts = Vec::new();
    for (title, name, templates, calls) in [
        ("cold start, a trivial chart", "trivial", 1, 0),
        ("30 templates", "ordinary", 30, 0),
        ("600 templates", "large", 600, 0),
        ("5,000 calls of tpl", "tpl-5000", 1, 5_000),
        ("10,000 calls of tpl", "tpl-10000", 1, 10_000),
    ] {
        let chart = folder.join(name);
        write_chart(&chart, name, templates, calls)?;
        charts.push((title.to_owned(), chart));
    }
    Ok(charts)
}

fn write_chart(folder: &Path, name: &str, templates: usize, calls: usize) -> Result<()> {
    let below = folder.join("templates");
    fs::create_dir_all(&below)?;
    fs::write(folder.join("Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n"))?;
    let mut values = VALUES.to_owned();
    fs::write(below.join("_helpers.tpl"), HELPERS)?;
    for index in 0..templates {
        fs::write(below.join(format!("part-{index}.yaml")), TEMPLATE.replace("INDEX", &index.to_string()))?;
    }
    if calls > 0 {
        values.push_str("texts:\n");
        for index in 0..calls {
            let _ = writeln!(values, "  - 'text {index} of {{{{ .Release.Name }}}}'");
        }
        fs::write(below.join("texts.yaml"), TEXTS)?;
    }
    fs::write(folder.join("values.yaml"), values)?;
    Ok(())
}

const VALUES: &str = "\
# The image of every part.
image:
  repository: registry.example.com/web
  tag: \"1.0.0\"
replicas: 2
labels:
  team: bench
resources:
  requests: {cpu: 100m, memory: 128Mi}
  limits:
    memory: 256Mi
env:
  - name: A
    value: \"1\"
  - name: B
    value: two
";

const HELPERS: &str = r#"{{- define "bench.name" -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- define "bench.labels" -}}
app.kubernetes.io/name: {{ include "bench.name" . }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}
"#;

const TEMPLATE: &str = r#"{{- if gt (int .Values.replicas) 0 }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "bench.name" . }}-INDEX
  labels:
    {{- include "bench.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      {{- include "bench.labels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "bench.labels" . | nindent 8 }}
    spec:
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
          env:
            {{- range .Values.env }}
            - name: {{ .name }}
              value: {{ .value | quote }}
            {{- end }}
{{- end }}
"#;

const TEXTS: &str = r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: texts
data:
  {{- range $index, $text := .Values.texts }}
  text-{{ $index }}: {{ tpl $text $ | quote }}
  {{- end }}
"#;
