#!/usr/bin/env bash
# Puts svs on this machine as a systemd service, and takes it away again.
#
#   deploy.sh prod deploy [--binary FILE] [--dry-run]   install or upgrade, start, and see that it lives
#   deploy.sh prod rollback [--dry-run]                 the binary before this one; a second time: this one again
#   deploy.sh prod status                               what runs, and how it is
#   deploy.sh prod uninstall [--purge] [--dry-run]      all that deploy installed; --purge: state and settings too
#
# Doing it twice changes nothing the second time. A configuration that the new binary refuses stops a deploy before
# anything is changed, and a binary that does not come up is taken back. No secret is read or printed: systemd hands
# them to svs. Exits with 0, or 64 (usage), 69 (svs does not come up), 77 (not root), 78 (the configuration).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=/usr/local/bin/svs
# The binary before this one.
previous=/usr/local/lib/svs/previous
units=/etc/systemd/system
files=(svs.service svs-keys-check.service svs-keys-check.timer)
dry=

say() { printf '%s\n' "$*"; }

fail() {
    local code=$1
    shift
    printf 'deploy.sh: %s\n' "$*" >&2
    exit "$code"
}

usage() {
    [[ -z ${1:-} ]] || printf 'deploy.sh: %s\n' "$1" >&2
    sed -n 's/^#   \(deploy.sh prod\)/\1/p' "${BASH_SOURCE[0]}" >&2
    exit 64
}

# Does it, or says that it would.
run() {
    if [[ $dry ]]; then
        say "would: $*"
    else
        "$@"
    fi
}

need_root() {
    [[ $dry || $(id -u) == 0 ]] || fail 77 "only root may do this; --dry-run shows what would be done"
}

is_same() { cmp -s -- "$1" "$2"; }

# Puts a file in place in one step, so that nobody ever meets half of it.
put() {
    local mode=$1 from=$2 to=$3
    if [[ $dry ]]; then
        say "would: install -m $mode $from $to"
        return
    fi
    install -D -m "$mode" -- "$from" "$to.new"
    mv -f -- "$to.new" "$to"
}

find_binary() {
    local candidate
    for candidate in "$here/../svs" "$here/../target/ship/svs"; do
        if [[ -f $candidate && -x $candidate ]]; then
            realpath -- "$candidate"
            return
        fi
    done
    fail 64 "there is no binary beside this script: just release makes one, --binary FILE names one"
}

# Whether the new binary would start: asked as the service is started, with its user, its files and its credentials.
check_config() {
    local binary=$1 staged=/run/svs-deploy
    if [[ $dry ]]; then
        say "would: check the configuration with $binary"
        return
    fi
    # The user of the service need not be able to reach the place of the binary.
    install -D -m 755 -- "$binary" "$staged/svs"
    local properties=() line
    while IFS= read -r line; do
        properties+=(--property="$line")
    done < <(grep -E '^(LoadCredential|LoadCredentialEncrypted|EnvironmentFile|Environment)=' \
        "$here/svs.service" "$units"/svs.service.d/*.conf --no-filename 2>/dev/null)
    local code=0
    systemd-run --quiet --wait --pipe --collect --property=DynamicUser=yes --property=User=svs \
        --property=ProtectSystem=strict --property=ConfigurationDirectory=svs "${properties[@]}" \
        "$staged/svs" run --check-config </dev/null || code=$?
    rm -rf -- "$staged"
    ((code == 0)) || fail 78 "the new binary refuses the configuration ($code, see above); nothing was changed"
}

install_units() {
    local file changed=
    for file in "${files[@]}"; do
        if ! is_same "$here/$file" "$units/$file"; then
            put 644 "$here/$file" "$units/$file"
            changed=yes
        fi
    done
    if [[ $changed ]]; then
        run systemctl daemon-reload
        restart=yes
    fi
}

# Starts it anew, and sees that it answers.
start() {
    [[ $dry ]] && {
        say "would: systemctl restart svs.service; $bin health"
        return
    }
    # Earlier failures must not keep it from a new beginning.
    systemctl reset-failed svs.service 2>/dev/null || true
    systemctl restart svs.service && "$bin" health --quiet --socket /run/svs/control.sock
}

deploy() {
    local binary=${1:-}
    need_root
    binary=${binary:-$(find_binary)}
    [[ -f $binary && -x $binary ]] || fail 64 "$binary is no program"
    "$binary" version >/dev/null 2>&1 || fail 64 "$binary is no svs, or not for this machine"
    check_config "$binary"
    restart=
    if ! is_same "$binary" "$bin"; then
        if [[ -e $bin ]]; then
            put 755 "$bin" "$previous"
        fi
        put 755 "$binary" "$bin"
        restart=yes
    fi
    install_units
    run systemctl enable --quiet svs.service svs-keys-check.timer
    run systemctl start svs-keys-check.timer
    if [[ ! $restart ]] && systemctl is-active --quiet svs.service; then
        say "nothing to do: $("$bin" version) runs already"
        return
    fi
    if start; then
        [[ $dry ]] || say "$("$bin" version) runs"
        return
    fi
    journalctl --unit svs.service --lines 20 --no-pager --output cat >&2 || true
    if [[ -e $previous ]] && ! is_same "$previous" "$bin"; then
        put 755 "$previous" "$bin"
        start || fail 69 "neither the new svs nor the one before comes up; journalctl -u svs"
        fail 69 "the new svs does not come up; $("$bin" version) runs again"
    fi
    fail 69 "svs does not come up; journalctl -u svs"
}

rollback() {
    need_root
    [[ -e $previous ]] || fail 69 "there is no binary before this one"
    [[ $dry ]] || "$previous" version >/dev/null || fail 69 "$previous is no svs for this machine"
    check_config "$previous"
    # They change places, so that a rollback can be rolled back.
    if [[ $dry ]]; then
        say "would: exchange $bin and $previous"
    else
        install -m 755 -- "$bin" "$previous.now"
        put 755 "$previous" "$bin"
        mv -f -- "$previous.now" "$previous"
    fi
    start || fail 69 "it does not come up; journalctl -u svs"
    [[ $dry ]] || say "$("$bin" version) runs"
}

status() {
    local unit
    for unit in svs.service svs-keys-check.timer; do
        printf '%-22s %s, %s\n' "$unit" "$(systemctl is-active "$unit" || true)" \
            "$(systemctl is-enabled "$unit" 2>/dev/null || say "not installed")"
    done
    [[ -x $bin ]] || fail 69 "svs is not installed"
    printf '%-22s %s\n' "$bin" "$("$bin" version)"
    [[ ! -x $previous ]] || printf '%-22s %s\n' "before this one" "$("$previous" version)"
    "$bin" status --socket /run/svs/control.sock
}

uninstall() {
    need_root
    if systemctl cat svs.service >/dev/null 2>&1; then
        run systemctl disable --quiet --now svs.service svs-keys-check.timer
    fi
    local file
    for file in "${files[@]}"; do
        [[ ! -e $units/$file ]] || run rm -f -- "$units/$file"
    done
    run systemctl daemon-reload
    [[ ! -e $bin ]] || run rm -f -- "$bin"
    [[ ! -e ${previous%/*} ]] || run rm -rf -- "${previous%/*}"
    if [[ ${1:-} ]]; then
        run rm -rf -- /var/lib/private/svs /var/lib/svs /var/lib/svs-keys-check /etc/svs
        run rm -f -- /etc/credstore/svs.telegram_token /etc/credstore/svs.gemini_keys \
            /var/lib/systemd/timers/stamp-svs-keys-check.timer
    else
        say "kept: /etc/svs, /etc/credstore/svs.*, /var/lib/svs; --purge removes them"
    fi
}

environment=${1:-}
action=${2:-}
[[ $environment == prod ]] || usage "the environment is prod: this machine${environment:+, not $environment}"
shift "$(($# < 2 ? $# : 2))"
binary='' purge=''
while (($#)); do
    case $1 in
        --dry-run) dry=yes ;;
        --purge) [[ $action == uninstall ]] || usage "--purge is for uninstall" && purge=yes ;;
        --binary)
            [[ $action == deploy && -n ${2:-} ]] || usage "--binary FILE is for deploy"
            binary=$(realpath -- "$2")
            shift
            ;;
        *) usage "what is $1?" ;;
    esac
    shift
done
case $action in
    deploy) deploy "$binary" ;;
    rollback) rollback ;;
    status) status ;;
    uninstall) uninstall "$purge" ;;
    *) usage "deploy, rollback, status or uninstall" ;;
esac
