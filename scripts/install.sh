#!/usr/bin/env bash
# Puts programs, models, the systemd unit and the unprivileged user in place.
#
# Environment: PREFIX (/usr/local), SYSCONFDIR (/etc), DESTDIR (empty; for packages: nothing of the running system is
# touched then). An existing configuration is never overwritten.
source "$(dirname "$0")/common.sh"

prefix=${PREFIX:-/usr/local} config=${SYSCONFDIR:-/etc}/snowline destination=${DESTDIR:-}
units=$destination/usr/lib/systemd/system
[ "$prefix" = /usr ] || units=$destination/etc/systemd/system
programs=(snowlined snowline snowline-bench)

if [ -z "$destination" ] && [ "$(id -u)" -ne 0 ]; then
    fail 'make install writes to '"$prefix"' and adds a user: run it as root (sudo make install), or set DESTDIR'
fi
for program in "${programs[@]}"; do
    [ -x ".build/release/$program" ] || { scripts/build.sh; break; }
done

# The unit may not look into home folders: a Swift runtime that lies in one would not be found by the service.
for program in "${programs[@]}"; do
    if ldd ".build/release/$program" | grep -qE '=> /(home|root)/'; then
        fail "$program takes its Swift runtime from a home folder, which the service may not read;" \
            'install the toolchain below /opt or /usr and build again'
    fi
done

# place MODE SOURCE TARGET: one file, folders made on the way.
place() { install -D -m "$1" "$2" "$destination$3"; }

# fill SOURCE: the file with the paths of this installation in it.
fill() { sed -e "s|@PREFIX@|$prefix|g" -e "s|@SYSCONFDIR@|${SYSCONFDIR:-/etc}|g" "$1"; }

for program in "${programs[@]}"; do place 755 ".build/release/$program" "$prefix/bin/$program"; done
for library in .build/luma-decoder/libavcodec-luma-*.so; do
    if [ -f "$library" ]; then place 644 "$library" "$prefix/lib/snowline/$(basename "$library")"; fi
done
(cd Models && find . -type f) | while read -r file; do
    place 644 "Models/${file#./}" "$prefix/share/snowline/Models/${file#./}"
done
for document in README.md LICENSE NOTICE; do
    if [ -f "$document" ]; then place 644 "$document" "$prefix/share/doc/snowline/$document"; fi
done
place 644 packaging/snowline.sysusers /usr/lib/sysusers.d/snowline.conf
mkdir -p "$units"
fill packaging/snowline.service >"$units/snowline.service"
chmod 644 "$units/snowline.service"

if [ -z "$destination" ]; then
    if command -v systemd-sysusers >/dev/null; then
        systemd-sysusers /usr/lib/sysusers.d/snowline.conf
    elif ! getent passwd snowline >/dev/null; then
        useradd --system --user-group --home-dir /var/lib/snowline --shell /usr/sbin/nologin snowline
    fi
fi

mkdir -p "$destination$config"
if [ -e "$destination$config/site.yaml" ]; then
    say "kept: $config/site.yaml"
else
    place 640 packaging/site.yaml "$config/site.yaml"
fi
if [ -z "$destination" ]; then
    chown root:snowline "$config" "$config/site.yaml"
    chmod 750 "$config"
    if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
fi

say "installed: $destination$prefix/bin/{snowlined,snowline,snowline-bench}, ${units#"$destination"}/snowline.service"
say "next: edit $config/site.yaml, put the secret into $config/environment (mode 0600), then: systemctl enable --now snowline"
