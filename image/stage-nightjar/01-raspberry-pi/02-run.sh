#!/bin/bash -e
# The Pi's own settings: pi-gen's config.txt, and what an appliance changes in it.

cat files/config.txt >>"${ROOTFS_DIR}/boot/firmware/config.txt"
