{{/* Values that do not go together, each told with what to do. */}}
{{- define "gateway.contradictions" -}}
{{- if not .Values.image.repository }}
{{- fail "image.repository is empty: no image is published; build deploy/container/Dockerfile, push it, and name it here" }}
{{- end }}
{{- $config := .Values.config }}
{{- $store := not (empty $config.store) }}
{{- if and .Values.autoscaling.enabled (not $store) }}
{{- fail "autoscaling.enabled without config.store: each gateway would count its own quotas, nonces and revocations; set config.store" }}
{{- end }}
{{- if and (gt (int .Values.replicaCount) 1) (not .Values.autoscaling.enabled) (not $store) }}
{{- fail (printf "replicaCount is %d without config.store: each gateway would count its own quotas, nonces and revocations; set config.store, or replicaCount to 1" (int .Values.replicaCount)) }}
{{- end }}
{{- if gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas) }}
{{- fail "autoscaling.minReplicas is above autoscaling.maxReplicas" }}
{{- end }}
{{- $owned := dict "server" (dict "listeners" "listener and secrets.tls" "drain_delay" "drain.delaySeconds" "drain_timeout" "drain.timeoutSeconds")
      "admin" (dict "address" "admin.port" "allow_remote" "networkPolicy.monitoring") "policy" (dict "directory" "policies") }}
{{- range $section, $keys := $owned }}
{{- range $key, $instead := $keys }}
{{- if hasKey (get $config $section | default dict) $key }}
{{- fail (printf "config.%s.%s is set by the chart; use %s" $section $key $instead) }}
{{- end }}
{{- end }}
{{- end }}
{{- range regexFindAll "/run/secrets/[a-z0-9-]+/" (printf "%s %s" (toYaml $config) (toYaml .Values.listener.tls)) -1 | uniq }}
{{- $name := trimSuffix "/" (trimPrefix "/run/secrets/" .) }}
{{- if not (get $.Values.secrets $name) }}
{{- fail (printf "config reads /run/secrets/%s/, but secrets.%s names no Secret" $name $name) }}
{{- end }}
{{- end }}
{{- if and .Values.secrets.store (not $store) }}
{{- fail "secrets.store is set without config.store, which would read it" }}
{{- end }}
{{- if and .Values.listener.tls (not .Values.secrets.tls) }}
{{- fail "listener.tls is set without secrets.tls, which has the certificate" }}
{{- end }}
{{- if and .Values.listener.proxyProtocol (not ($config.server | default dict).trusted_proxies) }}
{{- fail "listener.proxyProtocol without config.server.trusted_proxies: nobody could connect" }}
{{- end }}
{{- if eq (int .Values.listener.port) (int .Values.admin.port) }}
{{- fail "listener.port and admin.port are the same" }}
{{- end }}
{{- end }}
