#!/bin/sh
# A libvirtd of the test's own, seen by nobody else: runs a command beside it and cleans up whatever happens.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: libvirt-env.sh [--no-start] COMMAND [ARGUMENT...]
#
# In a new mount namespace /run/libvirt, /etc/libvirt and libvirt's directories below /var are empty tmpfs, virtlogd and
# libvirtd run, and qemu:///system is theirs. --no-start: libvirtd is only made ready. COMMAND runs with LIBVIRT_ENV set
# to this script, and inside COMMAND "$LIBVIRT_ENV" VERB is one of
#     domain NAME [VCPUS [MiB [TYPE]]]  defines and starts a domain without any disk; TYPE is kvm or qemu
#     start-libvirtd                    starts libvirtd (again) and waits until it answers
#     stop-libvirtd                     ends libvirtd, QEMUs stay; waits until it has gone
#     kill-libvirtd                     the same with SIGKILL
#     libvirtd-pid                      prints the pid of libvirtd
#     pid NAME                          prints the pid of a domain's QEMU
# At the end, also after an error or a signal, every domain is destroyed, what was started here is killed (also when it
# was stopped by SIGSTOP), and the status is COMMAND's. One environment at a time: a second one waits, since libvirt names
# cgroups by numbers that both would use.
#
# 77 (skipped, for automake) with the reason on stderr: not root, no libvirtd, virtlogd, virsh or QEMU, no namespaces.
# Domains of TYPE kvm need /dev/kvm: ask with [ -w /dev/kvm ].
set -eu

run=/run/libvirt
pids=$run/hvtune-env
uri=qemu:///system
command=

skip() {
	echo "skipped: $1" >&2
	exit 77
}

find_daemon() {
	for directory in /usr/sbin /usr/bin /usr/local/sbin; do
		[ -x "$directory/$1" ] && echo "$directory/$1" && return
	done
	return 1
}

# Waits up to ten seconds until the command succeeds.
wait_until() {
	tries=100
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

has_gone() {
	! kill -0 "$1" || grep -q '^State:.Z' "/proc/$1/status"
}

start_libvirtd() {
	"$(find_daemon libvirtd)" -d -p $pids/libvirtd.pid </dev/null
	wait_until timeout 10 virsh -q -c $uri list || {
		echo "libvirtd does not answer" >&2
		return 1
	}
}

# kill_pid_file FILE SIGNAL: a process that SIGSTOP holds must go on to receive another signal than SIGKILL.
kill_pid_file() {
	[ -s "$1" ] || return 0
	pid=$(cat "$1")
	kill -CONT "$pid" 2>/dev/null || return 0
	kill "$2" "$pid" 2>/dev/null || return 0
	wait_until has_gone "$pid" || kill -KILL "$pid" 2>/dev/null || :
}

continue_all() {
	for file in $run/qemu/*.pid $pids/*.pid; do
		[ -s "$file" ] && kill -CONT "$(cat "$file")" 2>/dev/null || :
	done
}

kill_qemus() {
	for file in $run/qemu/*.pid $(find /var/lib/libvirt/qemu -name '*.pid' 2>/dev/null); do
		case $file in */driver.pid) continue ;; esac # libvirtd's own
		[ -s "$file" ] && kill -KILL "$(cat "$file")" 2>/dev/null || :
	done
}

has_no_domain() {
	[ -z "$(timeout 5 virsh -q -c $uri list --name)" ]
}

clean_up() {
	status=$?
	trap - EXIT INT TERM HUP
	[ -z "$command" ] || kill "$command" 2>/dev/null || :
	continue_all
	kill_qemus
	wait_until has_no_domain || : # libvirtd removes their cgroups
	kill_pid_file $pids/libvirtd.pid -TERM
	kill_qemus
	kill_pid_file $pids/virtlogd.pid -TERM
	# what a QEMU that was killed without its libvirtd leaves; a group that is in use cannot be removed
	find /sys/fs/cgroup -depth -type d -path '*/machine/qemu-*.libvirt-qemu*' -exec rmdir {} + 2>/dev/null || :
	exit $status
}

define_and_start() {
	virsh -q -c $uri define /dev/stdin >/dev/null <<-XML
		<domain type='${4:-kvm}'><name>$1</name><memory unit='MiB'>${3:-64}</memory>
		<vcpu placement='static'>${2:-2}</vcpu>
		<os><type arch='x86_64'>hvm</type></os><features><acpi/><apic/></features>
		<devices><controller type='usb' model='none'/><memballoon model='none'/></devices>
		</domain>
	XML
	virsh -q -c $uri start "$1" >/dev/null
}

# Inside the namespace: everything below is ours alone.
inside() {
	trap clean_up EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	for directory in $run /etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt; do
		mkdir -p $directory
		mount -t tmpfs -o mode=755 hvtune-test $directory
	done
	mkdir -p $pids
	cat >/etc/libvirt/qemu.conf <<-CONF
		user = "root"
		group = "root"
		security_driver = "none"
		namespaces = []
	CONF
	cat >/etc/libvirt/libvirtd.conf <<-CONF
		auth_unix_ro = "none"
		auth_unix_rw = "none"
	CONF
	"$(find_daemon virtlogd)" -d -p $pids/virtlogd.pid </dev/null
	[ "$start" = no ] || start_libvirtd
	# in the background, since a shell hears no signal while it waits for a command before it; the rest undoes what that
	# does to the command
	env --default-signal=INT,QUIT "$@" <&0 &
	command=$!
	wait $command
}

outside() {
	[ "$(id -u)" = 0 ] || skip "only root may make mount namespaces and start libvirtd"
	for tool in libvirtd virtlogd virsh qemu-system-x86_64; do
		find_daemon $tool >/dev/null || skip "$tool is not installed"
	done
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	exec 9>/run/hvtune-libvirt-env.lock
	flock 9
	LIBVIRT_ENV=$(readlink -f "$0")
	export LIBVIRT_ENV
	# daemons must not inherit the lock: they might outlive a killed script
	unshare -m --propagation private "$LIBVIRT_ENV" --inside "$start" "$@" 9>&-
}

start=yes
case ${1:-} in
--inside)
	start=$2
	shift 2
	inside "$@"
	;;
domain)
	shift
	define_and_start "$@"
	;;
start-libvirtd) start_libvirtd ;;
stop-libvirtd) kill_pid_file $pids/libvirtd.pid -TERM ;;
kill-libvirtd) kill_pid_file $pids/libvirtd.pid -KILL ;;
libvirtd-pid) cat $pids/libvirtd.pid ;;
pid) cat "$run/qemu/$2.pid" ;;
--no-start)
	start=no
	shift
	outside "$@"
	;;
'' | -*)
	sed -n '4,20s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
*) outside "$@" ;;
esac
