{{- define "password" -}}
{{- .Values.auth.password | default (randAlphaNum 10) -}}
{{- end -}}
