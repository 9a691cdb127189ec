#!/bin/sh
# pi-gen's stage 0 installs the kernels' headers and so a compiler: some 400 MB that nothing on the box could use.
set -e
apt-get purge -y --auto-remove linux-headers-rpi-v8 linux-headers-rpi-2712
