# shellcheck shell=bash disable=SC2034
# What the scripts of this folder stand on: sourced by each, never run by itself.
# Messages go to standard error, because standard output belongs to the commands.

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
VENV=$ROOT/.venv
PYTHON=$VENV/bin/python

say() { printf '· %s\n' "$*" >&2; }

stop() {
    printf '✗ %s\n' "$*" >&2
    exit 1
}

# The comment block at the top of a script is its help.
print_help() { awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$1"; }

wants_help() { [[ ${1:-} == --help || ${1:-} == -h ]]; }

# Print the name of a Python of at least 3.11, or say what to install.
find_python() {
    local name
    for name in ${YUQI_PYTHON:+"$YUQI_PYTHON"} python3.11 python3 python3.12 python3.13; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$name"
            return
        fi
    done
    stop "找不到 Python 3.11 或更新的版本。在 Debian 12 上请由管理员运行：
    apt-get update && apt-get install --yes python3.11 python3.11-venv
装在别处时，用 YUQI_PYTHON=/路径/python3.11 指明，然后再运行一次。"
}

# apt_install WHAT PACKAGE…: install where it may, else name the exact command and stop.
apt_install() {
    local what=$1 prefix=()
    shift
    local packages=(install --yes --no-install-recommends "$@")
    if ! command -v apt-get >/dev/null; then
        stop "缺少：$what。而且这台机器没有 apt-get。请安装与下列 Debian 软件包相当的软件，然后再运行一次：$*"
    fi
    if ((EUID != 0)); then
        if ! sudo -n true 2>/dev/null; then
            stop "缺少：$what。当前用户无权安装。请由管理员运行：
    apt-get update && apt-get ${packages[*]}
然后再运行一次。"
        fi
        prefix=(sudo)
    fi
    say "安装软件（$what）：$*"
    mkdir -p "$ROOT/var"
    {
        "${prefix[@]}" apt-get update || true # an old list of packages may still do
        "${prefix[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "${packages[@]}"
    } >"$ROOT/var/apt.log" 2>&1 || stop "没有装上：$what。
$(tail -n 5 "$ROOT/var/apt.log")
请由管理员运行：apt-get update && apt-get ${packages[*]}"
}

# A part of the set-up is fresh while the digest of what it was made from is the one noted when it was made.
digest_of() { cat -- "$@" 2>/dev/null | sha256sum | cut -c1-64; }

is_fresh() { [[ -f $VENV/set-up/$1 && $(<"$VENV/set-up/$1") == "$2" ]]; }

note_fresh() {
    mkdir -p "$VENV/set-up"
    printf '%s\n' "$2" >"$VENV/set-up/$1"
}
