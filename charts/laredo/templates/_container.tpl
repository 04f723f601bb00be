{{- /*
The sidecar, for initContainers, and there before all others. Called with this chart's scope, which in a chart that
includes it is .Subcharts.laredo. Injection adds the very same container: policy.yaml renders it from here.
*/ -}}
{{- define "laredo.container" -}}
name: laredo
image: {{ include "laredo.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- /* What makes it a sidecar: it starts before the app, runs as long as it does, and keeps no Job from ending. */}}
restartPolicy: Always
{{- with .Values.credentials }}
{{- if or .existingConfigMap .existingSecret }}
envFrom:
  {{- with .existingConfigMap }}
  - configMapRef:
      name: {{ . }}
  {{- end }}
  {{- with .existingSecret }}
  - secretRef:
      name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}
env:
  - name: BIND_ADDRESS
    value: {{ include "laredo.address" . | quote }}
  {{- /* All addresses, for kubelet and Prometheus come from outside the pod. No token is to be had there. */}}
  - name: PROBE_BIND_ADDRESS
    value: "*:7165"
  {{- range $name, $value := .Values.env }}
  - name: {{ $name }}
    value: {{ $value | quote }}
  {{- end }}
  {{- with .Values.prefetch }}
  - name: LAREDO_PREFETCH
    value: {{ join "," . | quote }}
  {{- end }}
  {{- range $name := list "https" "http" "no" }}
  {{- with index $.Values.proxy $name }}
  - name: {{ upper $name }}_PROXY
    value: {{ . | quote }}
  {{- end }}
  {{- end }}
  {{- if .Values.caBundle.configMap }}
  - name: LAREDO_CA_FILE
    value: /etc/laredo/ca.crt
  {{- end }}
  {{- if .Values.federatedToken.enabled }}
  - name: AZURE_FEDERATED_TOKEN_FILE
    value: /var/run/secrets/federated-token/token
  {{- end }}
  {{- range .Values.credentials.files }}
  {{- /* The empty value counts as not set and beats the one that envFrom brings. */}}
  - name: {{ . }}
    value: ""
  - name: {{ . }}_FILE
    value: {{ include "laredo.secretFolder" $ }}/{{ . }}
  {{- end }}
ports:
  - name: laredo-ops
    containerPort: 7165
    protocol: TCP
{{- /* Each second until tokens named in LAREDO_PREFETCH are there; till then the app does not start. */}}
startupProbe:
  httpGet:
    path: /readyz
    port: laredo-ops
  periodSeconds: 1
  failureThreshold: 120
{{- /* No readiness probe: during a provider's outage apps are better served by tokens held than by no traffic. */}}
livenessProbe:
  httpGet:
    path: /healthz
    port: laredo-ops
{{- /* What is wrong with the configuration is then to be read in `kubectl describe pod`. */}}
terminationMessagePolicy: FallbackToLogsOnError
{{- with .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- include "laredo.securityContext" . | nindent 2 }}
{{- if or .Values.caBundle.configMap .Values.federatedToken.enabled .Values.credentials.files }}
volumeMounts:
  {{- if .Values.caBundle.configMap }}
  - name: laredo-ca
    mountPath: /etc/laredo
    readOnly: true
  {{- end }}
  {{- if .Values.federatedToken.enabled }}
  - name: laredo-federated-token
    mountPath: /var/run/secrets/federated-token
    readOnly: true
  {{- end }}
  {{- if .Values.credentials.files }}
  - name: laredo-secret
    mountPath: {{ include "laredo.secretFolder" . }}
    readOnly: true
  {{- end }}
{{- end }}
{{- end }}

{{- /* The variables that tell an app where to ask, for `env` of each container that does. */ -}}
{{- define "laredo.env" -}}
{{- $api := printf "http://%s/api/v1" (include "laredo.address" .) -}}
- name: NAIS_TOKEN_ENDPOINT
  value: {{ $api }}/token
- name: NAIS_TOKEN_EXCHANGE_ENDPOINT
  value: {{ $api }}/token/exchange
- name: NAIS_TOKEN_INTROSPECTION_ENDPOINT
  value: {{ $api }}/introspect
{{- end }}

{{- /* What the container mounts, for the pod's `volumes`; may be nothing. */ -}}
{{- define "laredo.volumes" -}}
{{- with .Values.caBundle.configMap }}
- name: laredo-ca
  configMap:
    name: {{ . }}
    items:
      - key: {{ $.Values.caBundle.key | quote }}
        path: ca.crt
{{- end }}
{{- with .Values.federatedToken }}{{ if .enabled }}
- name: laredo-federated-token
  projected:
    sources:
      - serviceAccountToken:
          path: token
          audience: {{ .audience | quote }}
          expirationSeconds: {{ .expirationSeconds }}
{{- end }}{{ end }}
{{- with .Values.credentials }}{{ if .files }}
- name: laredo-secret
  secret:
    secretName: {{ .existingSecret }}
{{- end }}{{ end }}
{{- end }}

{{- /* All that the pod security standard `restricted` asks for, and a root that cannot be written to. */ -}}
{{- define "laredo.securityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
readOnlyRootFilesystem: true
allowPrivilegeEscalation: false
capabilities:
  drop:
    - ALL
seccompProfile:
  type: RuntimeDefault
{{- end }}
