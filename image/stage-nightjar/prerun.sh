#!/bin/bash -e
# pi-gen's custom: this stage goes on from what the stage before it left.

if [ ! -d "${ROOTFS_DIR}" ]; then
	copy_previous
fi
