#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Metrics for node_exporter's textfile collector: what they say, that Prometheus takes them, and the
# alert rules.

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
B=$(realpath "${B:-build}")
. "$top/selftests/image/tap.sh"
export B PYTHONDONTWRITEBYTECODE=1
metrics=$top/packaging/metrics
cd "$tap_tmp" || exit 1
B=$B "$top/selftests/image/make-demo" files >make.log 2>&1 || { cat make.log; exit 1; }

run()
{
	"$metrics/cxflash-metrics" --executable "$B/cxflashctl" "$@"
}

tree() # MACHINE: of those that "check" is tested on
{
	PYTHONPATH=$top/selftests/host /usr/bin/python3 -c '
import os, sys, tree
machine = tree.load(os.path.join(tree.HERE, "machines", sys.argv[1]))
os.mkdir(sys.argv[1])
machine.unpack(sys.argv[1])' "$1"
}

says() # LINE of out
{
	grep -qxF "$1" out && return
	echo "no line $1 in:"
	cat out
	return 1
}

# The table of boards knows 2.9.1000 as the newest for this PSID, and the floor of ConnectX-2.
of_files()
{
	"$B/mkimage" --chip connectx2 --ini "$top/selftests/image/MHQH29C_A1-A2.ini" \
		--psid MT_0D90110009 --version 2.7.700 \
		--guid 0002c90300a1b2c0 --mac 0002c9a1b2c0 --dump 2m:0 -o known.flash &&
		"$B/mkimage" --chip connectx3pro --dump 2m:0 -o "release's.flash" || return 1
	run --no-check file:known.flash "file:release's.flash" >out || return 1
	says 'cxflash_firmware_outdated{card="file:known.flash",psid="MT_0D90110009"} 1' &&
		says 'cxflash_firmware_below_floor{card="file:known.flash",psid="MT_0D90110009"} 1' &&
		says 'cxflash_identity_own{card="file:known.flash"} 1' &&
		says "cxflash_identity_own{card=\"file:release's.flash\"} 0" &&
		says 'cxflash_card_readable{card="file:known.flash"} 1' &&
		grep -q 'cxflash_card_info{.*fw_flash="2.7.0700"' out &&
		! grep -q 'restart_required' out
}
tap "what is in the flash, against the newest known and the floor" of_files
tap "Prometheus takes them" sh -c 'promtool check metrics <out'
of_check()
{
	tree article-before && tree article-after || return 1
	run --sysroot article-before file:known.flash >out
	grep -q '^cxflash_check_ready{card="[0-9a-f:.]*"} 0$' out &&
		grep -q '^cxflash_check_layer_ok{.*layer="firmware"} 0$' out &&
		promtool check metrics <out || return 1
	run --sysroot article-after file:known.flash >out
	grep -q '^cxflash_check_ready{.*} 1$' out && grep -q '^cxflash_pcie_limited{' out
}
tap "what check tells of a host, before and after" of_check
unreadable()
{
	run --no-check file:nowhere.flash >out &&
		says 'cxflash_card_readable{card="file:nowhere.flash"} 0' &&
		! grep -q identity_own out
}
tap "a card that cannot be read is one" unreadable
no_card()
{
	run -o no.prom && [ "$(grep -vc '^#' no.prom)" = 1 ] && grep -q ^cxflash_last_run no.prom &&
		[ "$(stat -c %a no.prom)" = 644 ]
}
if [ "$("$B/cxflashctl" --json list 2>/dev/null | grep -c '"exit":3')" = 1 ]; then
	tap "a machine without such a card has a time only, for all to read" no_card
else
	tap_skip "a machine without such a card has a time only" "there is one here"
fi
left_alone()
{
	echo old >kept.prom
	status 1 "$metrics/cxflash-metrics" --executable /bin/false -o kept.prom &&
		[ "$(cat kept.prom)" = old ] &&
		grep -q '^cxflash-metrics: .*exit status 1' err &&
		[ "$(ls kept.prom*)" = kept.prom ]
}
tap "when the tool fails, the file is left alone, and it is told" left_alone
tap "nor is it replaced by half of one" status 1 "$metrics/cxflash-metrics" \
	--executable "$B/cxflashctl" --no-check \
	-o /nowhere/x.prom file:known.flash
tap "the alert rules are right" promtool check rules "$metrics/cxflash-alerts.yml"
tap "and fire when they should" promtool test rules "$metrics/cxflash-alerts.test.yml"
tap "systemd takes the units" sh -c "mkdir units && sed 's,^ExecStart=[^ ]*,ExecStart=/bin/true,' \
	'$metrics/cxflash-metrics.service' >units/cxflash-metrics.service && cp '$metrics/cxflash-metrics.timer' units/ &&
	systemd-analyze verify --man=no units/cxflash-metrics.service units/cxflash-metrics.timer"
tap_done
