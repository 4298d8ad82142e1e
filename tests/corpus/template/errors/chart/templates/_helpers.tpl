{{- define "errors.outer" -}}
{{ include "errors.inner" . }}
{{- end -}}
{{- define "errors.inner" -}}
{{ .Values.text.field }}
{{- end -}}
{{- define "errors.loop" -}}
{{ include "errors.loop" . }}
{{- end -}}
