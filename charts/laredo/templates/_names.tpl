{{- define "laredo.fullname" -}}
{{- $name := .Release.Name -}}
{{- if not (contains .Chart.Name $name) }}{{ $name = printf "%s-%s" $name .Chart.Name }}{{ end -}}
{{- $name | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{- define "laredo.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "laredo.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end -}}
{{- end -}}
{{- end }}

{{- /* Where the API listens: loopback, which all containers of a pod share, and not 3000, which is many an app's own. */ -}}
{{- define "laredo.address" -}}
127.0.0.1:7164
{{- end }}

{{- /* Where the values of a Secret are that come as files. */ -}}
{{- define "laredo.secretFolder" -}}
/var/run/secrets/laredo.dev
{{- end }}

{{- /* Says "true" or nothing. */ -}}
{{- define "laredo.injects" -}}
{{- if kindIs "bool" .Values.injection.enabled -}}
{{- if .Values.injection.enabled }}true{{ end -}}
{{- else if .Chart.IsRoot }}true{{ end -}}
{{- end }}

{{- /* v1beta1 only where the cluster has nothing newer. Without a cluster, Helm knows of no kinds, and this is v1. */ -}}
{{- define "laredo.mutatingApiVersion" -}}
{{- $group := "admissionregistration.k8s.io" -}}
{{- $hasBeta := .Capabilities.APIVersions.Has (print $group "/v1beta1/MutatingAdmissionPolicy") -}}
{{- $hasStable := .Capabilities.APIVersions.Has (print $group "/v1/MutatingAdmissionPolicy") -}}
{{- $group }}/{{ ternary "v1beta1" "v1" (and $hasBeta (not $hasStable)) }}
{{- end }}
