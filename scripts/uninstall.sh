#!/usr/bin/env bash
# Takes away what `make install` put in place. Configuration, journal, stills and the user stay: they are yours.
source "$(dirname "$0")/common.sh"

prefix=${PREFIX:-/usr/local} config=${SYSCONFDIR:-/etc}/snowline destination=${DESTDIR:-}
if [ -z "$destination" ] && [ "$(id -u)" -ne 0 ]; then
    fail 'run it as root (sudo make uninstall), or set DESTDIR'
fi
if [ -z "$destination" ] && [ -d /run/systemd/system ]; then
    systemctl disable --now snowline.service 2>/dev/null || true
fi
rm -f "$destination$prefix"/bin/{snowlined,snowline,snowline-bench} \
    "$destination"/{etc,usr/lib}/systemd/system/snowline.service "$destination/usr/lib/sysusers.d/snowline.conf"
rm -rf "$destination$prefix/share/snowline" "$destination$prefix/lib/snowline" "$destination$prefix/share/doc/snowline"
if [ -z "$destination" ] && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
say "uninstalled; left in place: $config, /var/lib/snowline and the user snowline"
