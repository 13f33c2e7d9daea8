#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Which board a card is: by PSID, by the part number in its VPD, by its subsystem ids; in list and
# query, on a tree of files that stands for a machine, and on files. And what of a VPD that is
# broken.

. "$(dirname "$0")/cmd.sh"
machine=$PWD/machine

# card ADDRESS DEVICE SUBSYSTEM [PSID]: one in that machine, with a driver that tells its PSID
card()
{
	at=$machine/sys/bus/pci/devices/0000:$1
	mkdir -p "$at"
	echo 0x15b3 >"$at/vendor"
	echo "$2" >"$at/device"
	echo "0x${3%:*}" >"$at/subsystem_vendor"
	echo "0x${3#*:}" >"$at/subsystem_device"
	[ -n "${4-}" ] || return 0
	mkdir -p "$at/infiniband/mlx4_0"
	ln -s ../../drivers/mlx4_core "$at/driver"
	echo "$4" >"$at/infiniband/mlx4_0/board_id"
	echo 2.9.1000 >"$at/infiniband/mlx4_0/fw_ver"
}

list()
{
	"$ctl" list --sysroot "$machine" "$@"
}

query()
{
	"$ctl" query --sysroot "$machine" "$@"
}

card 04:00.0 0x1003 15b3:0099 MT_1090120019
"$here/make-vpd" "$at/vpd" "CX354A - ConnectX-3 QSFP" MCX311A-XCAT
card 05:00.0 0x6750 15b3:0018
card 06:00.0 0x1003 103c:1777
card 07:00.0 0x673c 15b3:0022 MT_0DD0120009_CX3
card 08:00.0 0x1003 15b3:0098 TST_109012001
"$here/make-vpd" "$at/vpd" "CX354A - ConnectX-3 QSFP" MCX354A-FCBT

by='[(c["card"][5:7], c.get("board_by")) for c in o["cards"]]'
tap "list: each board by what is known of it; nobody reads a VPD that is not asked for" json \
	"$by, 'vpd' in o['cards'][0]" \
	"[('04', 'psid'), ('05', 'subsystem'), ('06', None), ('07', 'psid_with_suffix'), ('08', None)] False" list
tap "list -v: the part number counts" json "$by" \
	"[('04', 'part_number'), ('05', 'subsystem'), ('06', None), ('07', 'psid_with_suffix'), ('08', 'part_number')]" list -v
tap "list -v: the VPD is shown" json \
	'o["cards"][0]["vpd"]["part_number"], o["cards"][0]["vpd"]["serial"], o["cards"][0]["vpd"]["checksum"]' \
	"MCX311A-XCAT 00000000000000TS1234X567 right" list -v
tap "as text too" shows 'VPD: "CX354A - ConnectX-3 QSFP", part number MCX311A-XCAT' list -v
tap "and how a board was found" grep -q 'free .* rev C1 (by its subsystem ids)' out

tap "query: the part number names the board, not the string" \
	json 'o["board"]["name"], o["board"]["found_by"]' \
	"MCX311A-XCA_Ax part_number" query -d 04:00.0
tap "and the firmware's board is told to be another" shows \
	'MCX311A-XCAT in its VPD is that of Mellanox MCX311A.*MT_1090120019, is for Mellanox MCX354A-FCB' query -d 04:00.0
tap "query: by the subsystem ids" json 'o["psid"], o["board"]["vendor"], o["vpd"].get("size")' \
	"None HP None" \
	query -d 05:00.0
tap "query: ids of two boards name none; what to send is said" \
	shows 'not in the table.*cxflashctl report' query -d 06:00.0
tap "query: a PSID with a suffix is no stock board" \
	shows "MT_0DD0120009_CX3 is a PSID with a suffix" query -d 07:00.0
tap "query: a PSID that is not known, a part number that is" \
	shows 'PSID TST_109012001 is not in the table.*report' \
	query -d 08:00.0
tap "query: every field with --full" shows '^VPD V0: *PCIe Gen2 x8' query --full -d 04:00.0
tap "a card that is not in the tree" refused 3 'no such PCI function' query -d 09:00.0
tap "a tree has no flash" refused 64 'exclude each other' query --quick -d 04:00.0
tap "and no files" refused 64 'sysroot is for cards' query -i "$release"

# Where firmware for it comes from
tap "query: names of the stock board's files, and what carried them" json \
	'o["board"]["image_file"], o["board"]["ini_file"], o["board"]["carriers"][0]["carrier"]' \
	"fw-ConnectX3-rel-*-MCX311A-XCA*.bin MCX311A-XCA*.ini ConnectX3-rel-2_36_5000-web.tgz" \
	query -d 04:00.0
tap "boards: the same, for the stock twin" shows \
	'Once carried by the installer of WinOF 4.2.*: 2.10.720: fw-ConnectX2-rel.mlx and MHQH29C_A1-A2.ini' \
	"$ctl" boards DEL09A0000009
tap "by its name" \
	grep -q 'Stock files are named like fw-ConnectX2-rel-\*-MHQH29C\*.bin, MHQH29C\*.ini' out

# A kernel that cannot read it, and one that is not as it should be: all else is shown.
at=$machine/sys/bus/pci/devices/0000:04:00.0
mv "$at/vpd" good.vpd
ln -s /proc/self/mem "$at/vpd"
tap "EIO is told" json '"Input/output error" in o["vpd"]["error"], o["board"]["found_by"]' \
	"True psid" query -d 04:00.0
rm "$at/vpd"
sed 's/XCAT/XCAX/' good.vpd >"$at/vpd"
tap "a wrong checksum is told, and its part number names no board" json \
	'o["vpd"]["checksum"], "checksum is wrong" in o["vpd"]["error"], o["board"]["found_by"]' \
	"wrong True psid" \
	query -d 04:00.0

# A file of a backup
tap "query vpd.bin" json 'o["board"]["name"], o["vpd"]["revision"], o["psid"]' \
	"MCX311A-XCA_Ax A2 None" \
	"$ctl" query good.vpd
head -c 120 good.vpd >cut.vpd
tap "one that is cut off: what is in it, and that it is" status 5 "$ctl" query -i cut.vpd
tap "both are told" grep -q 'part number MCX311A-XCAT.*cut off: the tag at 109' out
head -c 256 /dev/zero >zeros.vpd
tap "zeros are no VPD" refused 5 'zeros.vpd' "$ctl" query -i zeros.vpd

# The report has it, but not whose it is
cp good.vpd "$at/vpd"
in_report()
{
	"$ctl" report --sysroot "$machine" -d 04:00.0 -o r.tar.xz &&
		tar -xOf r.tar.xz cxflash-report/vpd.txt |
			grep 'part number MCX311A-XCAT.*serial number SERIAL' &&
		! tar -xOf r.tar.xz | grep TS1234X567
}
tap "report: its part number is in it, its serial number is not" in_report
tap_done
