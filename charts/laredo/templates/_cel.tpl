{{- /*
Prints a value as a CEL literal: dict "value" the value, "indent" how far in it stands. Strings, numbers and booleans look
the same in JSON and CEL. Kubernetes' CEL wants all values of one list or map to be of one type, so they are made dyn unless
all of them are strings.
*/ -}}
{{- define "laredo.cel" -}}
{{- $inner := add .indent 2 | int -}}
{{- $isMap := kindIs "map" .value -}}
{{- if or $isMap (kindIs "slice" .value) -}}
  {{- $isPlain := true -}}
  {{- range .value }}{{ if not (kindIs "string" .) }}{{ $isPlain = false }}{{ end }}{{ end -}}
  {{- $items := list -}}
  {{- range $key, $value := .value -}}
    {{- $item := include "laredo.cel" (dict "value" $value "indent" $inner) -}}
    {{- if not $isPlain }}{{ $item = printf "dyn(%s)" $item }}{{ end -}}
    {{- if $isMap }}{{ $item = printf "%s: %s" (toRawJson $key) $item }}{{ end -}}
    {{- $items = append $items $item -}}
  {{- end -}}
  {{- $break := print "\n" (repeat $inner " ") -}}
  {{- $end := print "\n" (repeat (int .indent) " ") -}}
  {{- if not $items }}{{ $break = "" }}{{ $end = "" }}{{ end -}}
  {{- print (ternary "{" "[" $isMap) $break (join (print "," $break) $items) $end (ternary "}" "]" $isMap) -}}
{{- else -}}
  {{- toRawJson .value -}}
{{- end -}}
{{- end }}
