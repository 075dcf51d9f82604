#!/usr/bin/env bash
# The package on a clean Debian: installed, configured, run as its user under the units' privileges, upgraded, removed, purged, and what is left.
#
#   packaging/test-deb.sh FILE.deb [ROOT]
#
# Needs root, debootstrap and setpriv. ROOT is a folder that a clean Debian is made in (once; given again, a copy of it is used). With --boot as the
# first argument, systemd-nspawn boots it and the units run under systemd itself, with all their walls.
set -euo pipefail

boot=no
if [ "${1:-}" = --boot ]; then
    boot=yes
    shift
fi
deb=$(realpath "$1")
clean=$(realpath -m "${2:-target/debian-root}")
suite=${DEBIAN_SUITE:-bookworm}

step() { printf '\n== %s\n' "$*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }

if [ ! -e "$clean/etc/debian_version" ]; then
    step "a clean Debian in $clean"
    # The mirror of this machine, or the one that debootstrap knows.
    mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | head -n 1 || true)}
    debootstrap --variant=minbase --include=systemd,systemd-sysv,adduser,logrotate "$suite" "$clean" $mirror
fi
root=$(mktemp -d "$clean.XXXXXX")
machine=iinspect-test-$$
cleanup() {
    [ "$boot" = no ] || machinectl terminate "$machine" 2>/dev/null || true
    [ -z "${container:-}" ] || { kill "$container" 2>/dev/null || true; wait "$container" 2>/dev/null || true; }
    for at in proc dev/null dev/urandom; do umount "$root/$at" 2>/dev/null || true; done
    rm -rf --one-file-system "$root"
}
trap cleanup EXIT
cp -a "$clean/." "$root"
cp "$deb" "$root/package.deb"

# A share with one planted number, of nobody: the seventh digit says born in the 19th century.
mkdir -p "$root/srv/share"
printf 'Договор. ИИН: 850101200019, тел. 8 700 000 00 00\n' >"$root/srv/share/contract.txt"
# And archives, which are opened in walled processes.
cp -r "$(dirname "$0")/../fixtures/containers" "$root/srv/share/"
chown -R 4711:4711 "$root/srv/share"
chmod -R go= "$root/srv/share"

listing() { (cd "$root" && find . -xdev -path ./proc -prune -o -path ./sys -prune -o -path ./run -prune -o -path ./tmp -prune -o -print | sort); }
before=$(mktemp)
after=$(mktemp)
listing >"$before"

if [ "$boot" = yes ]; then
    step 'systemd boots there'
    systemd-nspawn --quiet --boot --directory "$root" --machine "$machine" --register=no --keep-unit \
        --private-network --console=pipe --system-call-filter="landlock_create_ruleset landlock_add_rule landlock_restrict_self" >"$clean.boot.log" 2>&1 </dev/null &
    container=$!
    leader=
    for _ in $(seq 60); do
        leader=$(pgrep -P "$container" | head -n 1 || true)
        [ -n "$leader" ] && nsenter -t "$leader" -m -p -u -i -n -- systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded' && break
        sleep 1
    done
    inside() { nsenter -t "$leader" -m -p -u -i -n -C --root="/proc/$leader/root" --wd=/ -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }
    inside systemctl is-system-running || true
else
    mount -t proc proc "$root/proc"
    for device in null urandom; do touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
    inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }
fi

step 'install'
inside dpkg -i /package.deb
inside getent passwd iinspect
inside stat -c '%A %U:%G %n' /etc/iinspect /etc/iinspect/config.toml /etc/iinspect/key /var/lib/iinspect /var/log/iinspect
[ "$(inside stat -c '%a %U %s' /etc/iinspect/key)" = '600 iinspect 32' ] || fail 'the key'
inside iinspect --version
inside iinspect config check
[ -e "$root/usr/share/man/man1/iinspect.1.gz" ] || fail 'no manual'
! [ -e "$root/etc/systemd/system/multi-user.target.wants/iinspect.service" ] || fail 'it is enabled'

step 'configured'
cat >>"$root/etc/iinspect/config.toml" <<'TOML'

[[agent.roots]]
path = "/srv/share"
TOML
sed -i 's/^debounce_ms = .*/debounce_ms = 500/' "$root/etc/iinspect/config.toml"
inside iinspect config check

found() { cat "$root/var/log/iinspect/findings.jsonl" 2>/dev/null | grep -c '"iinspect.finding/' || true; }
await() { # SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@"; do [ $SECONDS -lt $end ] || return 1; sleep 0.5; done
}
# Of the text, and of what lies in an archive.
all_found() { [ "$(found)" -ge 50 ] && grep -q 'contract.txt' "$root/var/log/iinspect/findings.jsonl"; }

if [ "$boot" = yes ]; then
    step 'the unit, under systemd'
    inside systemctl enable --now iinspect.service
    await 90 all_found || { inside journalctl --no-pager -u iinspect | tail -n 40; fail 'nothing was found'; }
    inside systemctl status --no-pager iinspect | head -n 12
    if command -v curl >/dev/null; then
        page() { curl --silent --fail --max-time 10 --unix-socket "/proc/$leader/root/run/iinspect/metrics.sock" "http://localhost$1"; }
        page /healthz && echo
        page /metrics | grep -E '^iinspect_(files_total|findings_total|build_info)'
    fi
    inside systemctl reload iinspect
    inside systemctl restart iinspect
    inside systemd-analyze security --no-pager iinspect.service | tail -n 1
    step 'the scan, under systemd'
    inside systemctl start iinspect-scan@srv-share.service
    scanned() { grep -c '"iinspect.finding/' "$root/var/log/iinspect/scan-srv-share.jsonl"; }
    first=$(scanned)
    inside systemctl start iinspect-scan@srv-share.service
    [ "$first" -gt 0 ] && [ "$(scanned)" = "$first" ] || fail 'the second night tells again what it told'
    echo "findings: $first"
    if inside journalctl --no-pager -o cat -u iinspect -u iinspect-scan@srv-share | grep -E 'not walled in|cannot|denied'; then
        fail 'the units hinder the program'
    fi
else
    step "the unit's command, as its user with its capability"
    command=$(sed -n 's/^ExecStart=//p' "$root/usr/lib/systemd/system/iinspect.service")
    mkdir -p "$root/run/iinspect"
    inside chown iinspect: /run/iinspect
    as_service() {
        inside setpriv --reuid=iinspect --regid=iinspect --clear-groups --no-new-privs \
            --bounding-set=-all,+dac_read_search --inh-caps=-all,+dac_read_search --ambient-caps=-all,+dac_read_search -- "$@"
    }
    if as_service cat /srv/share/contract.txt >/dev/null; then :; else fail 'the capability does not hold here'; fi
    if as_service sh -c 'echo x >>/srv/share/contract.txt' 2>/dev/null; then fail 'the share can be written'; fi
    as_service $command &
    agent=$!
    await 90 all_found || fail 'nothing was found'
    pid=$(pgrep -f -x "$command" | head -n 1)
    kill -TERM "$pid"
    status=0
    wait "$agent" || status=$?
    echo "ended with $status"
fi
if grep -q 850101200019 "$root"/var/log/iinspect/*.jsonl; then fail 'the number is in the log'; fi
echo "findings: $(found)"
cmp -s <(printf 'Договор. ИИН: 850101200019, тел. 8 700 000 00 00\n') "$root/srv/share/contract.txt" || fail 'the share was changed'

step 'upgrade: the same again'
sums() { (cd "$root" && sha256sum etc/iinspect/key etc/iinspect/config.toml && find var/lib/iinspect -name '*.db' | sort); }
kept=$(sums)
inside dpkg -i --force-confold /package.deb
[ "$kept" = "$(sums)" ] || fail 'the upgrade changed key, configuration or state'

step 'remove'
inside dpkg -r iinspect
[ -s "$root/etc/iinspect/key" ] && [ -e "$root/var/lib/iinspect" ] || fail 'removal took what only a purge takes'
! [ -e "$root/usr/bin/iinspect" ] || fail 'the program is still there'

step 'purge'
inside dpkg -P iinspect
if inside getent passwd iinspect || inside getent group iinspect; then fail 'the user is still there'; fi

step 'what is left'
listing >"$after"
[ -z "${DIFF:-}" ] || diff "$before" "$after" || true
# dpkg's own notes of what it did, and backups that adduser and systemd make of theirs.
if diff "$before" "$after" | grep -E '^[<>]' |
    grep -vE ' \./var/(log/(dpkg|apt|journal|private|lastlog|wtmp|btmp|faillog|README)|lib/(dpkg|systemd|private|logrotate|dbus)|cache|tmp)|/etc/(passwd|group|shadow|gshadow|subuid|subgid)-|/etc/\.pwd\.lock|/etc/(machine-id|resolv\.conf|\.updated|hostname)|/var/\.updated|/etc/systemd/system$|\.wants$'; then
    fail 'the lines above are left or lost'
fi
echo nothing
step 'all passed'
