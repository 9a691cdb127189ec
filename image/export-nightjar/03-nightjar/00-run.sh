#!/bin/bash -e
# Comes after the last package was installed: until then the builder's own name servers are needed in the root.

ln -sfn "$(readlink files/resolv.conf)" "${ROOTFS_DIR}/etc/resolv.conf"
