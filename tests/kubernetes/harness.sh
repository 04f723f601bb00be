# For the scenarios beside it, which source it: a Kubernetes API server with nothing behind it, and what to ask of it.
# shellcheck shell=bash
kubernetes=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../end_to_end/harness.sh
source "$kubernetes/../end_to_end/harness.sh"

command -v etcd >/dev/null || { printf '!!!! There is no etcd for a Kubernetes API server.\n'; exit 77; }
tools=$("$kubernetes/tools/build")
export PATH=$tools:$PATH
chart=$project/charts/laredo
# Of the cluster that `start_cluster` starts.
cluster=$work/cluster
export KUBECONFIG=$cluster/kubeconfig
# Helm keeps nothing from one run to the next, nor anything of the user's.
export HELM_CACHE_HOME=$work/helm HELM_CONFIG_HOME=$work/helm HELM_DATA_HOME=$work/helm

# Options of the API server besides those that it needs.
options=()

# Starts etcd and an API server, until it is ready: with RBAC, with the admission that is on by itself, without
# controllers, scheduler and kubelet.
start_cluster() {
  local etcd_port port
  etcd_port=$(free_port)
  rm -rf "$cluster" "$work/helm"
  mkdir -p "$cluster"
  start etcd etcd --data-dir "$cluster/etcd" --unsafe-no-fsync --initial-cluster "default=http://127.0.0.1:$((etcd_port + 1))" \
    --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
    --listen-peer-urls "http://127.0.0.1:$((etcd_port + 1))" --initial-advertise-peer-urls "http://127.0.0.1:$((etcd_port + 1))"
  within 60 listens "$etcd_port" || give_up 'etcd does not listen'

  port=$(free_port)
  openssl genrsa -out "$cluster/accounts.key" 2048 2>/dev/null
  printf 'secret-of-this-test,admin,admin,system:masters\n' >"$cluster/tokens"
  start kube-apiserver kube-apiserver --etcd-servers "http://127.0.0.1:$etcd_port" --endpoint-reconciler-type none \
    --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --secure-port "$port" --cert-dir "$cluster/certificates" --service-cluster-ip-range 10.0.0.0/24 \
    --authorization-mode RBAC --token-auth-file "$cluster/tokens" --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$cluster/accounts.key" --service-account-signing-key-file "$cluster/accounts.key" "${options[@]}"
  write_kubeconfig "$port"
  within 120 kubectl get --raw /readyz || give_up 'kube-apiserver is not ready'
  within 60 kubectl get namespace default || give_up 'kube-apiserver has no default namespace'
  supply_namespace default
}

write_kubeconfig() {
  cat >"$KUBECONFIG" <<END
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "https://127.0.0.1:$1", certificate-authority: certificates/apiserver.crt}}]
users: [{name: admin, user: {token: secret-of-this-test}}]
contexts: [{name: test, context: {cluster: test, user: admin, namespace: default}}]
current-context: test
END
}

# What controllers give each namespace, and what pods wait for: a service account and the authority of the API server.
supply_namespace() {
  kubectl create serviceaccount default --namespace "$1" >/dev/null
  kubectl create configmap kube-root-ca.crt --namespace "$1" --from-file "ca.crt=$cluster/certificates/apiserver.crt" >/dev/null
}

# new_namespace NAME LABEL=VALUE…
new_namespace() {
  kubectl create namespace "$1" >/dev/null
  (($# == 1)) || kubectl label namespace "${@}" >/dev/null
  supply_namespace "$1"
}

# Every object there is, one a line, but for those that the API server keeps of itself and renews as it likes.
all_objects() {
  local kinds
  kinds=$(kubectl api-resources --verbs list --output name | grep --invert-match --extended-regexp '^(events|leases|endpoints|componentstatuses)\b' | paste --serial --delimiters ,)
  kubectl get "$kinds" --all-namespaces --ignore-not-found --output json |
    jq --raw-output '.items[] | [.apiVersion, .kind, .metadata.namespace, .metadata.name] | join(" ")' | sort
}
