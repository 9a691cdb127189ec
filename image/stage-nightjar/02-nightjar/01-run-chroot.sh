#!/bin/sh
# Inside the system: users, and everything that must not be the same on every box or must not be there at all. Which services start
# is said by the links and masks in firmware/rootfs.
set -e

systemd-sysusers
systemctl set-default multi-user.target

# Nobody signs in with a password: not root, not the user that pi-gen insists on making.
passwd --quiet --lock root
for name in $(awk -F: '$3 >= 1000 && $3 < 60000 { print $1 }' /etc/passwd); do
	passwd --quiet --lock "$name"
	usermod --expiredate 1 --shell /usr/sbin/nologin "$name"
done
rm -f /etc/sudoers.d/010_*-nopasswd

# Every box makes its own.
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
rm -f /var/lib/systemd/random-seed /var/lib/dbus/machine-id
: >/etc/machine-id

# Nobody installs packages on a root that is read-only.
apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/apt /var/log/dpkg.log /var/log/alternatives.log
