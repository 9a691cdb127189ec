#!/bin/sh
# Inside the system: users, and what starts.
set -e

systemd-sysusers
# Firmware's preset list says what is on; everything else that packages switched on is off again.
systemctl --quiet preset-all
systemctl --quiet set-default multi-user.target

# Nobody signs in: root has no password (pi-gen's stage 1 gives it one), and the user that pi-gen insists on making goes.
passwd --quiet --lock root
for name in $(awk -F: '$3 >= 1000 && $3 < 60000 { print $1 }' /etc/passwd); do
	userdel --remove "$name"
done
rm -f /etc/sudoers.d/010_*-nopasswd
