#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# "check", "port" and "report" on cards that the kernel's own driver has: what the driver and its
# links are like, one state after the other, and what is said of each.
#
#	usage: test_mlx4_check.sh NEW.bin
#
# The card 0 at 00:04.0, a ConnectX-2, comes up as Ethernet and may be either; its firmware has no
# fast registration, NEW has. At 00:05.0 is one port of InfiniBand alone, at 00:06.0 Ethernet alone;
# the ports of 00:07.0 are of one type.

. /tests/tap.sh
. /tests/tool.sh
. /tests/mlx4.sh
new=$1
cd "$tap_tmp" || exit 1

printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >/etc/passwd
mkdir -p /etc/udev/rules.d
printf 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n' >/etc/os-release
find / -xdev -maxdepth 4 -type d -exec chmod a+rx {} + # the initramfs is root's alone
chmod a+r /lib/modules/*/modules.*

# judged CODE RULE... -- ARGUMENT...: check ends so, and these rules are among those that speak
judged()
{
	code=$1 wanted_rules=
	shift
	while [ "$1" != -- ]; do
		wanted_rules="$wanted_rules $1"
		shift
	done
	shift
	status "$code" $as check -d $pci --json "$@" || return 1
	for rule in $wanted_rules; do
		grep -q "\"rule\":\"$rule\"" out ||
			{ echo "no $rule in:"; tr '{' '\n' <out; return 1; }
	done
}

finding() # RULE KEY: what the last check said of it first
{
	tr '{' '\n' <out | grep "\"rule\":\"$1\"" | sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p" |
		head -n 1
}
as=$ctl

: >/results/way-in
way() # CODE COMMAND: as typed, with a prompt; what docs/rdma.md shows of it
{
	{ [ -s /results/way-in ] && echo; printf '$ %s\n' "$2"; } >>/results/way-in
	(cd /root && sh -c "$2") >out 2>&1
	code=$?
	cat out >>/results/way-in
	[ $code = "$1" ] && return
	echo "exit status $code instead of $1: $2"
	cat out
	return 1
}

tap "of several cards without -d one has to be named" refused 64 1 "0000:00:04.0.*0000:00:07.0" \
	$ctl check
tap "by report, too" refused 64 1 "0000:00:04.0.*0000:00:07.0" $ctl report -o r.tar.xz
# This machine has two interrupt lines, and mlx4_core warns when it leaves one that another of its
# cards uses.
for address in 5 6 7; do
	echo 1 >/sys/bus/pci/devices/0000:00:0$address.0/remove
done
tap "before the driver is loaded" judged 1 driver-not-loaded rdma-waits firmware-unknown --
loads()
{
	[ "$(finding driver-not-loaded next)" = "modprobe mlx4_core" ] && modprobe mlx4_core &&
		mlx4_load
}
tap "and what it says to run loads it" loads

# ---- an Ethernet port, and firmware without fast registration ----

tap "an interface that is down" judged 1 driver-bound rdma-device link-netdev-down -- --for nfs
up()
{
	next=$(finding link-netdev-down next) && [ "$next" = "ip link set $(net) up" ] &&
		sh -c "$next" &&
		judged 1 link-no-carrier -- --for nfs
}
tap "is up after what it says to run, and has no link" up
eth_link()
{
	ip link set "$(net)" up && card port 0 1 up || return 1
	until [ "$(cat "$dev/net/$(net)/operstate")" = up ]; do usleep 100000; done
	judged 1 type-flat-10 ip-no-address -- --for nfs
}
tap "a link of 10 Gb/s on a port that could do 32, and no address" eth_link
addressed()
{
	finding ip-no-address next | grep -q "^ip address add .* dev $(net) " &&
		ip addr add 10.1.2.3/24 dev "$(net)" &&
		judged 1 ip-ready link-active -- --for nfs
}
tap "then an address" addressed
tap "the running driver is asked whether it has fast registration" judged 1 firmware-no-frwr -- \
	--for nfs
tap "by RDMA netlink" [ "$(finding firmware-no-frwr source)" = "rdma dev show -d mlx4_0" ]
tap "who wants no fast registration is only warned" judged 1 firmware-slow -- --for srp

tap "query points to check" shows "^Note: .*no fast registration.*cxflashctl check -d $pci" $ctl \
	query -d $pci

without_root()
{
	as="su nobody -c"
	status 1 su nobody -c "$ctl check -d $pci --json --for nfs"
	mv out out.nobody
	as=$ctl
	status 1 $ctl check -d $pci --json --for nfs
	for rule in $(tr '{' '\n' <out | sed -n 's/.*"rule":"\([^"]*\)".*/\1/p' | grep -v ^log-); do
		grep -q "\"rule\":\"$rule\"" out.nobody ||
			{ echo "root alone is told $rule"; return 1; }
	done
}
tap "without root the same is said" without_root
tap "but for what root alone may see, and that it may" grep -q '"rule":"log-unreadable".*root can' \
	out.nobody

# ---- what runs against what is in the flash: docs/rdma.md's way in ----

tap "check in words" way 1 "cxflashctl check --for nfs"
tap "says what to do first" grep -q "^First: cxflashctl query -d $pci" out
tap "the flash that nobody serves is not judged" judged 1 flash-unread -- --for nfs
served()
{
	way 0 "$(finding flash-unread next)" && judged 1 flash-same firmware-no-frwr -- --for nfs
}
tap "what it says to run serves it, and it holds what runs" served
waits()
{
	way 0 "cxflashctl burn ${new##*/}" &&
		grep '^Next for RDMA: *# power the machine off and on' out &&
		judged 1 flash-newer firmware-waits -- --for nfs
}
tap "a burn beside the driver: what is in the flash does not run yet" waits
reported()
{
	status 0 $ctl --json report -d $pci -o /results/report.tar.xz &&
		tar -xJf /results/report.tar.xz && cat cxflash-report/README &&
		! grep -q 'Left out' cxflash-report/README
}
tap "a report while it is so, with nothing left out" reported
understood()
{
	grep -q '^understood: ' cxflash-report/contact.txt &&
		grep -Eq '^as the module reads it: 0xf0014  0x00b00190$' \
		cxflash-report/contact.txt &&
		grep -Eq '^by configuration space: ' cxflash-report/contact.txt
}
tap "it says that the card is understood, and what was read" understood
tap "has the sections of the flash by their hashes" grep -q 'sha256 [0-9a-f]*$' \
	cxflash-report/sections.txt
tap "words of CR space" grep -q '^0x' cxflash-report/cr.txt
traced()
{
	grep -q "cxflash_gateway: $pci command=.* result=0" cxflash-report/trace.txt &&
		grep -q "cxflash_hold: $pci semaphore=f03fc taken" cxflash-report/trace.txt &&
		grep -q ' address=000000 data=' cxflash-report/trace.txt &&
		! grep -E ' address=0*[1-9a-f][0-9a-f]* data=' cxflash-report/trace.txt &&
		! ls /sys/kernel/tracing/instances/* \
		/sys/kernel/debug/tracing/instances/* 2>/dev/null
}
tap "the gateway's commands, without what they read of the flash; the trace is over" traced
counted()
{
	find cxflash-report/machine -path '*/ports/1/counters/symbol_error' | grep .
}
tap "and the ports' error counters" counted
same()
{
	judged 1 flash-newer firmware-waits -- --for nfs &&
		tr '{' '\n' <out | sed -n 's/.*"rule":"\([^"]*\)".*/\1/p' >rules &&
		status 1 $ctl check --json --for nfs --sysroot cxflash-report/machine &&
		tr '{' '\n' <out | sed -n 's/.*"rule":"\([^"]*\)".*/\1/p' >rules.report &&
		diff rules rules.report
}
tap "check says of the report's machine what it says here" same
now_new()
{
	way 0 "devlink dev reload pci/$pci" && ip link set "$(net)" up &&
		ip addr add 10.1.2.3/24 dev "$(net)" || return 1
	until [ "$(cat "$dev/net/$(net)/operstate")" = up ]; do usleep 100000; done
	judged 0 flash-same firmware-good ip-ready nfs-idle link-spare -- --for nfs
}
tap "after a reset it does, with fast registration, and all is ready" now_new
tap "which check says in words" way 0 "cxflashctl check --for nfs"
tap "in the end" grep -q '^Ready for RDMA with nfs' out

# ---- the same card as InfiniBand ----

in_use()
{
	ip link set "$(net)" up && refused 6 1 "$(net) is up" $ctl port set -d $pci 1=ib 2=ib &&
		[ "$(cat $dev/mlx4_port1)" = eth ]
}
tap "a card in use does not change its ports" in_use
to_ib()
{
	ip link set "$(net)" down && ip addr flush dev "$(net)"
	card port 0 1 down >/dev/null
	status 0 $ctl port set -d $pci 1=ib 2=ib &&
		[ "$(cat $dev/mlx4_port1 $dev/mlx4_port2 | tr '\n' ' ')" = "ib ib " ] &&
		[ ! "$(net)" ] && [ "$(cat $dev/infiniband/*/ports/1/link_layer)" = InfiniBand ]
}
tap "an idle one becomes InfiniBand, and its interfaces are waited for" to_ib
tap "it is that already" status 2 $ctl port set -d $pci 1=ib 2=ib

link() # WORD... -- RULE...: the operator makes the link so, and check says it
{
	words=
	while [ "$1" != -- ]; do
		words="$words $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # words
	card port 0 1 $words && judged 1 "$@" -- --for nfs
}
tap "down" link down -- link-polling
tap "initialised, and no subnet manager" link init -- link-no-sm
tap "what to install for it" \
	[ "$(finding link-no-sm next | cut -d ' ' -f 1-3)" = "apt install opensm" ]
tap "armed" link armed -- link-armed
tap "active at single data rate" link active rate=10 lid=3 sm=1 -- link-active speed-slow
tap "and who manages the subnet" \
	[ "$(finding link-active seen)" = "active; subnet manager at LID 1" ]
tap "at double data rate" link rate=20 -- speed-slow
tap "at quad data rate" link rate=40 -- speed-full
tap "in Gb/s of data" [ "$(finding speed-full seen)" = "40 Gb/sec (4X QDR): 32 Gb/s of data" ]
tap "Debian's cloud kernel has no IP over InfiniBand" judged 1 ip-no-ipoib -- --for nfs
tap "which SRP does without" judged 1 ip-not-needed srp-absent -- --for srp
tap "the second port has no link, and is not missed" judged 1 link-spare -- --for nfs

sensed()
{
	card port 0 1 down sense=2 >/dev/null && status 0 $ctl port set -d $pci 1=auto &&
		[ "$(cat $dev/mlx4_port1)" = "auto (eth)" ] &&
		shows '^1 +auto \(eth\)' $ctl port show -d $pci
}
tap "auto takes the type that the cable says" sensed
tap "which check says" judged 1 type-senses -- --for nfs
tap "pinned without a change" status 0 $ctl port set -d $pci 1=eth
tap "and then it is" [ "$(cat $dev/mlx4_port1)" = eth ]
persistent()
{
	status 0 $ctl port set -d $pci 1=ib 2=ib --persistent && grep -q 'update-initramfs' out &&
		cp /etc/udev/rules.d/70-cxflash-port-type.rules /results/ &&
		status 2 $ctl port set -d $pci 1=ib 2=ib --persistent
}
tap "back, and also after a reboot" persistent
shown()
{
	status 0 $ctl port show -d $pci && grep -q '^1 .* ib$' out &&
		grep -q '70-cxflash-port-type.rules:3: ' out
}
tap "which port show says, with the line that does it" shown

# ---- other firmware ----

echo $pci >$drivers/unbind
echo 1 >/sys/bus/pci/rescan

other() # ADDRESS
{
	pci=0000:00:0$1.0
	dev=/sys/bus/pci/devices/$pci
	[ "$(owner)" = mlx4_core ]
}
refuses() # PORT TYPE OTHER: and it stays as it was
{
	was=$(cat $dev/mlx4_port$1)
	refused 1 1 "$3" $ctl port set -d $pci "$1=$2" && [ "$(cat $dev/mlx4_port$1)" = "$was" ] &&
		[ "$(ls $dev/infiniband)" ]
}
tap "a card with InfiniBand alone" other 5
tap "does not become Ethernet" refuses 1 eth "only the other type.*was put back"
tap "nor auto" refuses 1 auto "was put back"
tap "nor a port that it does not have" refused 6 1 "has 1 port, and no port 2" $ctl port set \
	-d $pci 2=ib
tap "a card with Ethernet alone" other 6
tap "does not become InfiniBand" refuses 2 ib "only the other type.*was put back"
tap "a card whose ports are of one type" other 7
tap "does not have one of them changed" refuses 1 eth "wants both.*was put back"
tap "but both" status 0 $ctl port set -d $pci 1=eth 2=eth
tap "which they are" [ "$(cat $dev/mlx4_port1 $dev/mlx4_port2 | tr '\n' ' ')" = "eth eth " ]
tap "and back" status 0 $ctl port set -d $pci 1=ib 2=ib

# ---- a card that has died ----

pci=0000:00:04.0
dead_card()
{
	status 0 $ctl attach -d $pci && card fault 0 dead=1 &&
		status 0 $ctl report -d $pci -o r.tar.xz || return 1
	card fault 0 dead=0
	rm -rf cxflash-report && tar -xJf r.tar.xz && cat cxflash-report/README &&
		[ -s cxflash-report/check.txt ] &&
		[ -s cxflash-report/config.hex ] && [ ! -e cxflash-report/query.txt ] &&
		grep '^query, sections.txt, contact.txt, cr.txt: .' cxflash-report/README
}
tap "a card that answers all ones has a report without what it does not tell, and with why" \
	dead_card
tap "the card saw nothing that no hardware stands" card_at_peace
tap_done
