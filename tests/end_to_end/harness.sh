# For the scenarios beside it, which source it: starting and ending processes, asking, checking, counting.
# shellcheck shell=bash
set -euo pipefail

end_to_end=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$end_to_end/../.." && pwd)
scenario=$(basename "$(cd "$(dirname "$0")" && pwd)")
source "$project/.ci/tools.sh"
# Everything that a scenario writes, logs and keys, but for the packages it installs.
work=${CARGO_TARGET_DIR:-$project/target}/end_to_end/$scenario
laredo=${LAREDO_BINARY:-${CARGO_TARGET_DIR:-$project/target}/release/laredo}
mkdir -p "$work"

passed=0
failed=0
started=()

# Names what the next checks are about.
about() { printf '\n  %s\n' "$*"; }

# check "what should hold" COMMAND…: counts the command's success.
check() {
  local what=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    printf '    ok      %s\n' "$what"
  else
    failed=$((failed + 1))
    printf '    FAILED  %s\n' "$what"
  fi
}

# equal ACTUAL EXPECTED, for `check`: says what it saw instead.
equal() {
  [[ $1 == "$2" ]] || { printf '            saw %q, expected %q\n' "$1" "$2"; return 1; }
}

# start NAME COMMAND…: in the background, output in $work/NAME.log; its process id in $pid.
start() {
  local name=$1
  shift
  "$@" >"$work/$name.log" 2>&1 &
  pid=$!
  started+=("$pid")
}

is_gone() { ! kill -0 "$1" 2>/dev/null; }

# Ends a process that `start` began, by force if it takes more than 15 s, and waits for it.
stop() {
  kill "$1" 2>/dev/null || true
  within 15 is_gone "$1" || kill -KILL "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

end_all() {
  local id
  for id in "${started[@]}"; do stop "$id"; done
}
trap end_all EXIT
trap 'exit 130' INT TERM

# within SECONDS COMMAND…: until the command succeeds.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

answers() { curl --silent --fail --noproxy '*' --max-time 5 --output /dev/null "${@:2}" "$1"; }
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port that nothing listens on, and the next one likewise, below those that the system hands out itself.
free_port() {
  local port
  while port=$((20000 + 2 * (RANDOM % 6000))); listens "$port" || listens $((port + 1)); do :; done
  printf '%s\n' "$port"
}

# Arguments of the daemon that `start_laredo` starts.
arguments=()

# start_laredo NAME VARIABLE=VALUE…: the daemon with these variables alone, until it is ready; its address in $api.
start_laredo() {
  local name=$1 port
  shift
  port=$(free_port)
  api=http://127.0.0.1:$port
  start "$name" env -i BIND_ADDRESS="127.0.0.1:$port" "$@" "$laredo" "${arguments[@]}"
  within 20 answers "http://127.0.0.1:$((port + 1))/readyz" || give_up "$name is not ready"
}

give_up() {
  printf '    FAILED  %s; its output ends:\n' "$1"
  tail -n 20 "$work/${1%% *}.log" | sed 's/^/            /'
  failed=$((failed + 1))
  report
}

# ask_at ROUTE CURL-OPTIONS…: one request at $api; leaves $status, $body and the header file $work/headers.
ask_at() {
  : >"$work/body"
  : >"$work/headers"
  status=$(curl --silent --noproxy '*' --max-time 10 --output "$work/body" --dump-header "$work/headers" \
    --write-out '%{http_code}' "${@:2}" "$api/api/v1/$1") || true
  body=$(<"$work/body")
}

# ask CURL-OPTIONS…: one request for a token, likewise.
ask() { ask_at token "$@"; }

# ask_json TARGET [MORE]: as JSON, MORE being further members such as `,"skip_cache":true`.
ask_json() {
  ask --header 'Content-Type: application/json' \
    --data-binary "{\"identity_provider\":\"entra_id\",\"target\":\"$1\"${2:-}}"
}

# has_token TARGET, for `within`.
has_token() { ask_json "$1" && [[ $status == 200 ]]; }

# One member of the last answer, as text; nothing if there is none.
member() { jq --raw-output ".$1 // empty" <<<"$body" 2>/dev/null || true; }

# The value of a header of the last answer.
header() { sed -n "s/^$1: *\(.*\)\r\$/\1/Ip" "$work/headers"; }

# The claims of a JWT.
claims() { cut -d. -f2 <<<"$1" | tr '_-' '/+' | base64 --decode 2>/dev/null || true; }

is_jwt() { [[ $1 =~ ^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$ ]]; }

# make_jwk FILE KID: a new private key (RSA, for RS256) as a JWK.
make_jwk() {
  node --eval '
    const { privateKey } = require("node:crypto").generateKeyPairSync("rsa", { modulusLength: 2048 });
    const members = { kid: process.argv[1], alg: "RS256", use: "sig" };
    console.log(JSON.stringify({ ...privateKey.export({ format: "jwk" }), ...members }));
  ' "$2" >"$1"
}

# npm's packages of oidc_provider, installed once for all scenarios; the server's folder in $provider_folder.
install_provider() {
  local folder=$end_to_end/oidc_provider
  provider_folder=$(dirname "$work")/oidc_provider
  keep "oidc_provider-npm-$(version_of "$folder/package-lock.json")" npm_ci "$folder"
  mkdir -p "$provider_folder"
  cp "$folder/server.js" "$folder/package.json" "$provider_folder/"
  rm -rf "$provider_folder/node_modules"
  ln -s "$kept/node_modules" "$provider_folder/node_modules"
}
npm_ci() {
  cp "$1"/package{,-lock}.json "$2/" && npm ci --prefix "$2" --no-audit --no-fund --loglevel=error
}

# install_python REQUIREMENTS-FILE: packages from PyPI in a folder of their own, installed once; it is in $venv.
install_python() {
  keep "$scenario-python-$(cat "$1" <(python3 -VV) | sha256sum | cut -c 1-12)" pip_install "$1"
  venv=$kept
}
pip_install() {
  python3 -m venv "$2" && "$2/bin/pip" install --quiet --disable-pip-version-check --requirement "$1"
}

# start_provider PORT VARIABLE=VALUE…: until it answers; its process id in $provider_pid.
start_provider() {
  local port=$1
  shift
  start "provider-$port" env PORT="$port" "$@" node "$provider_folder/server.js"
  provider_pid=$pid
  within 20 listens "$port" || give_up "provider-$port does not listen"
}

# The last line of a scenario; its result.
report() {
  printf '\n%s: %d passed, %d failed\n' "$scenario" "$passed" "$failed"
  exit $((failed > 0))
}
