{{- define "inner" }}
{{ required "set .Values.key: it is needed" .Values.key }}{{ end }}
