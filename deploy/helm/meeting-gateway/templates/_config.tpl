{{/* gateway.yaml: `config`, and what the chart knows better. */}}
{{- define "gateway.config" -}}
{{- $config := deepCopy .Values.config }}
{{- $listener := dict "address" (printf "0.0.0.0:%d" (int .Values.listener.port)) }}
{{- if .Values.secrets.tls }}
{{- $own := dict "certificate" "/run/secrets/tls/tls.crt" "key" "/run/secrets/tls/tls.key" }}
{{- $_ := set $listener "tls" (merge (deepCopy .Values.listener.tls) $own) }}
{{- else }}
{{- $_ := set $listener "allow_plain_http" true }}
{{- end }}
{{- if .Values.listener.proxyProtocol }}
{{- $_ := set $listener "proxy_protocol" true }}
{{- end }}
{{- $server := dict "listeners" (list $listener)
      "drain_delay" (printf "%ds" (int .Values.drain.delaySeconds)) "drain_timeout" (printf "%ds" (int .Values.drain.timeoutSeconds)) }}
{{- $_ := set $config "server" (merge $server ($config.server | default dict)) }}
{{- $admin := dict "address" (printf "0.0.0.0:%d" (int .Values.admin.port)) "allow_remote" true }}
{{- $_ := set $config "admin" (merge $admin ($config.admin | default dict)) }}
{{- $policy := dict "directory" "/usr/share/meeting-gateway/policies" }}
{{- $_ := set $config "policy" (merge $policy ($config.policy | default dict)) }}
{{- if .Values.secrets.callers }}
{{- $_ := set $config "caller_files" (prepend ($config.caller_files | default list) "/run/secrets/callers/callers.yaml") }}
{{- end }}
{{- if $config.store }}
{{- $_ := set $config "store" (merge $config.store (dict "replicas" (include "gateway.replicas" . | int))) }}
{{- end }}
{{- toYaml $config }}
{{- end }}
