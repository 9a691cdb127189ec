#!/bin/sh
# Inside the system: users. Which services start is said by the links and masks in firmware/rootfs.
set -e

systemd-sysusers
systemctl set-default multi-user.target

# Nobody signs in: root has no password (pi-gen's stage 1 gives it one), and the user that pi-gen insists on making goes.
passwd --quiet --lock root
for name in $(awk -F: '$3 >= 1000 && $3 < 60000 { print $1 }' /etc/passwd); do
	userdel --remove "$name"
done
rm -f /etc/sudoers.d/010_*-nopasswd
