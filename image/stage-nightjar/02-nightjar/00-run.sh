#!/bin/bash -e
# Puts what firmware/ mirrors, and the executable, where they belong. image/assemble has laid all of it into files/.
# Owners and modes are the image's, not those of the checkout: everything is root's and readable, what runs is 0755. Folders that
# Debian made keep the modes Debian gave them. What must not be readable is made so by tmpfiles. resolv.conf comes at the very end
# (image/export-nightjar).

tar --create --exclude=./etc/resolv.conf --directory files/rootfs --owner=0 --group=0 --mode='u=rwX,go=rX' --sort=name . |
	tar --extract --directory "${ROOTFS_DIR}" --same-permissions --same-owner --no-overwrite-dir --keep-directory-symlink
install -d -m 755 "${ROOTFS_DIR}/boot/firmware"
# Where the data partition is mounted; what is under it here is seen only when there is none (data-system.mount).
install -d -m 755 "${ROOTFS_DIR}/data" "${ROOTFS_DIR}/data/system"
# bootfs will be FAT, which knows neither owners nor modes.
cp -rT files/bootfs "${ROOTFS_DIR}/boot/firmware"
install -m 755 -o root -g root files/nightjar "${ROOTFS_DIR}/usr/bin/nightjar"

# cmdline.txt is there already, from pi-gen's stage 1 or from image/vm/build. "resize" would grow the root over the whole card,
# where the data partition is to be; the serial port belongs to whoever has wired something to it.
cmdline="${ROOTFS_DIR}/boot/firmware/cmdline.txt"
sed -i -E 's/(^| )(resize|quiet|console=serial0,[0-9]+)( |$)/ /g; s/^ +//' "$cmdline"
echo "$(xargs <"$cmdline") $(sed 's/#.*//' kernel-arguments | xargs)" >"$cmdline.new"
mv "$cmdline.new" "$cmdline"
