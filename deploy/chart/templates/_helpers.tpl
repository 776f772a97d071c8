{{- define "salvor.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "salvor.fullname" -}}
{{- $name := include "salvor.name" . -}}
{{- $both := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- /* Room for what is appended. */ -}}
{{- default $both .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "salvor.selector" -}}
app.kubernetes.io/name: {{ include "salvor.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "salvor.labels" -}}
{{ include "salvor.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "salvor.serviceAccount" -}}
{{- default (include "salvor.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "salvor.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ default $.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "salvor.isEmbedded" -}}
{{- if eq (dig "store" "kind" "embedded" .Values.config) "embedded" }}yes{{ end -}}
{{- end -}}

{{- /* Whether a cluster is reached by the account of the pod. */ -}}
{{- define "salvor.inCluster" -}}
{{- range .Values.config.clusters }}{{ if .inCluster }}yes{{ end }}{{ end -}}
{{- end -}}

{{- /* salvor.yaml: what was given, with the places that the chart has for the store and for the site's own playbooks. */ -}}
{{- define "salvor.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if include "salvor.isEmbedded" . -}}
{{- $_ := set $config "store" (merge (dict "kind" "embedded") (default dict $config.store) (dict "path" "/var/lib/salvor/store")) -}}
{{- end -}}
{{- if .Values.playbooks -}}
{{- $playbooks := default dict $config.playbooks -}}
{{- $folders := append (default list $playbooks.folders) "/etc/salvor-playbooks" -}}
{{- $_ := set $config "playbooks" (merge (dict "folders" $folders) $playbooks) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{- define "salvor.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "salvor.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}
