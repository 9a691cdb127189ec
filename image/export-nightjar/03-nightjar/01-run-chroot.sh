#!/bin/sh
# What must not be the same on every box, and what nobody can use on a root that is read-only.
set -e

rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
rm -f /var/lib/systemd/random-seed /var/lib/dbus/machine-id
# Empty: systemd makes one in memory. "uninitialized" would make every boot a first boot (image/pi/finish mends what pi-gen writes).
: >/etc/machine-id

apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/*
