#!/usr/bin/env bash
# Checks the starter application: its templates, the pages' diffs to them, and its functions' code.
# Installs what it needs into a directory of its own (CHECK_DIR, target/app-check by default), so that
# the application's directory stays as it is; a second run finds everything there.
set -euo pipefail

app=$(cd "$(dirname "$0")/.." && pwd)
content=$(dirname "$app")
work=${CHECK_DIR:-$(dirname "$content")/target/app-check}
mkdir -p "$work"
work=$(cd "$work" && pwd)
export PATH="$PATH:/usr/sbin:/sbin"

say() { printf '\n== %s\n' "$*"; }

# Runs a command only when its inputs changed since it last went through: once STAMP INPUT… -- COMMAND…
once() {
  local stamp=$1 inputs=() sum
  shift
  while [ "$1" != -- ]; do inputs+=("$1"); shift; done
  shift
  sum=$(cat "${inputs[@]}" | sha256sum)
  [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
  "$@"
  printf '%s\n' "$sum" >"$stamp"
}

need_database() {
  command -v mariadbd >/dev/null && command -v mariadb-install-db >/dev/null && return
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "check: MariaDB is missing; install the package mariadb-server" >&2
    exit 1
  fi
  say "installing MariaDB"
  apt-get update -qq
  # Nothing is to start a server of the system's own.
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends mariadb-server >/dev/null
}

make_venv() {
  rm -rf "$work/venv"
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$app/tests/requirements.txt"
}

install_packages() {
  rm -rf "$work/app/$1/node_modules"
  npm ci --prefix "$work/app/$1" --no-audit --no-fund --ignore-scripts --loglevel=error
}

# Node.js 22 is what Lambda runs. Where another version is installed, the registry has it as a package.
lambda_node() {
  if [ "$(node -p 'process.versions.node.split(".")[0]')" = 22 ]; then command -v node; return; fi
  local package
  package=node-linux-$(node -p process.arch)
  if [ ! -x "$work/node22/node_modules/$package/bin/node" ]; then
    npm install --prefix "$work/node22" --no-save --no-audit --no-fund --loglevel=error "$package@22.23.3" >&2
  fi
  echo "$work/node22/node_modules/$package/bin/node"
}

need_database
once "$work/venv.stamp" "$app/tests/requirements.txt" -- make_venv

mkdir -p "$work/app"
for directory in api authorizer database rotation tests; do
  mkdir -p "$work/app/$directory"
  find "$work/app/$directory" -maxdepth 1 -type f -delete
  find "$app/$directory" -maxdepth 1 -type f -exec cp {} "$work/app/$directory/" \;
  once "$work/$directory.stamp" "$app/$directory/package-lock.json" "$app/$directory/package.json" \
    -- install_packages "$directory"
done

say "templates, and the pages' changes to them"
AWS_DEFAULT_REGION=us-east-1 "$work/venv/bin/python" "$app/tests/judge.py" --keep "$work/secured" \
  "$app" "$content"/en/[0-9]*.md
# The code as the pages leave it finds the same packages, and the SDK's clients that Lambda brings.
for directory in api database rotation; do
  ln -s "$work/app/$directory/node_modules" "$work/secured/$directory/node_modules"
done
ln -s "$work/app/rotation/node_modules" "$work/secured/node_modules"

node22=$(lambda_node)
for node in "$node22" "$(command -v node)"; do
  [ "$node" = "${tested:-}" ] && continue
  tested=$node
  say "functions on Node.js $("$node" --version), with $(mariadbd --version | grep -o '[0-9.]*-MariaDB')"
  (cd "$work/app/tests" && env -u AWS_PROFILE -u AWS_SESSION_TOKEN NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 \
    "$node" --test --test-reporter=spec ./*.test.js)
done
