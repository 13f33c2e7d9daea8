#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Installers of other systems, made by gcab, 7zz and Python: cabinets, 7z archives and programs with
# a ZIP in them, each with a .mlx, an .ini, a .mrom and an image inside.

. "$(dirname "$0")/cmd.sh"

"$mkimage" --chip connectx3pro --seed 3 --ini "$here/../image/MCX312B_synthetic.ini" \
	--rom pxe:3.4.752:1007 -o fw.bin \
	--ini-out board.ini --rom-out boot.mrom &&
	"$ctl" mlx export fw.bin -o fw-release.mlx >mlx.log || exit 1
printf '%s\n' 'prepMLX version 2' 'FW.Major Rev ID = 2' 'FW.Minor Rev ID = 40' \
	'FW.SubMinor rev ID = 5030' \
	'a.b 0x20000.0 1' >fw-ConnectX3Pro-rel.mlx
files="fw.bin board.ini boot.mrom fw-release.mlx fw-ConnectX3Pro-rel.mlx"
for program in gcab 7zz; do
	command -v $program >/dev/null || { echo "Bail out! no $program"; exit 1; }
done
# shellcheck disable=SC2086 # lists of names
gcab -c stored.cab $files >gcab.log && gcab -c -z packed.cab $files >>gcab.log &&
	7zz a -bd setup.7z $files >7z.log &&
	/usr/bin/python3 -c 'import sys, zipfile
z = zipfile.ZipFile("kit.zip", "w", zipfile.ZIP_DEFLATED)
for name in sys.argv[1:]: z.write(name, "files/" + name)' $files || exit 1
{ printf 'MZ the program that unpacks it '; cat kit.zip; } >setup.exe
{ printf '\177ELF the program that unpacks it '; cat kit.zip; printf 'a signature'; } >mlnx_updater
gcab -c nested.cab setup.7z board.ini >>gcab.log && cp board.ini other.ini &&
	cp fw.bin second.bin &&
	gcab -c many.cab fw.bin second.bin board.ini other.ini >>gcab.log || exit 1

kinds()
{
	json '" ".join(sorted(m["kind"] for m in o["members"]))' "image ini mlx mlx rom" \
		"$ctl" image list "$1"
}
# Everything in it comes out as it went in, by its last name, and is of use where it is.
contents() # ARCHIVE
{
	for name in $files; do
		"$ctl" image extract "$1::$name" -o out.file >x.log && cmp out.file $name ||
			return 1
	done
}
used()
{
	"$ctl" build --fw "$1::fw.bin" --conf "$1" --rom "$1" -o built.bin >x.log &&
		cmp built.bin fw.bin &&
		"$ctl" build --fw "$1::fw-release.mlx" --conf "$1" -o built.bin >x.log &&
		cmp built.bin fw.bin &&
		"$ctl" ini get "$1::board.ini" ADAPTER.PSID >x.log && "$ctl" verify -i "$1" >x.log
}
for archive in stored.cab packed.cab setup.7z setup.exe mlnx_updater; do
	tap "$archive: each kind is told" kinds $archive
	tap "$archive: everything is taken out" contents $archive
	tap "$archive: build, ini and verify take out what fits" used $archive
	tap "$archive: the version of a vendor's .mlx" json \
		'[m["version"] for m in o["members"] if m["path"].endswith("Pro-rel.mlx")][0]' \
		2.40.5030 "$ctl" image list $archive
	head -c $(($(stat -c %s $archive) / 2)) $archive >cut-$archive
	tap "$archive: cut off, it is refused" refused 5 "cut-$archive: " \
		"$ctl" query -i cut-$archive
done
tap "a 7z in a cabinet" json 'o["file"]' nested.cab::setup.7z/fw.bin "$ctl" query -i nested.cab
tap "two releases that fit are listed" refused 6 \
	'setup.7z: 2 files in it fit; name one as setup.7z::MEMBER.*fw.bin \(image SYN1200110023 2.10.0720\)' \
	sh -c "7zz d -bd setup.7z fw-ConnectX3Pro-rel.mlx >7z.log; '$ctl' mlx export setup.7z -o x.mlx"
tap "two images that fit are listed" refused 6 \
	'many.cab: 2 files in it fit; .*fw.bin \(image.*second.bin \(image' \
	"$ctl" verify -i many.cab
tap "two inis that fit are listed" refused 6 \
	'many.cab: 2 files in it fit; .*board.ini \(ini.*other.ini \(ini' \
	"$ctl" build --fw fw.bin --conf many.cab -o x.bin
tap_done
