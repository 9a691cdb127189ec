#!/bin/bash
# The hand of the tests inside a virtual machine: comes in as a systemd credential, so that the image is booted as it is shipped.
# A line in: number, seconds, script in base64. A line out: number, exit code, output and errors in base64 ("-" for none).
port=/dev/virtio-ports/nightjar.agent
work=/run/vm-agent
mkdir -p -m 0700 "$work"
modprobe -q virtio_console
until [ -c "$port" ]; do sleep 0.1; done
exec 3<>"$port"
say() { (flock 9; echo "$*" >&3) 9>"$work/lock"; }
packed() { if [ -s "$1" ]; then base64 -w0 "$1"; else printf -- -; fi; }
answer() {
  base64 -d <<<"$3" >"$work/$1.sh"
  timeout -k 2 "$2" bash "$work/$1.sh" >"$work/$1.out" 2>"$work/$1.err" </dev/null 3>&-
  say "$1 $? $(packed "$work/$1.out") $(packed "$work/$1.err")"
  rm -f "$work/$1".*
}
say "hello $(cat /proc/sys/kernel/random/boot_id)"
# Nothing can be read while nobody listens at the other end.
while :; do
  while read -r id seconds script <&3; do answer "$id" "$seconds" "$script" & done
  sleep 0.2
done
