#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# ROMs that somebody built: Debian's iPXE for the network cards of QEMU, without the trailer of the
# maker of our cards, with a BIOS image alone or an EFI image behind it; and the same with the ids
# of our cards.

. "$(dirname "$0")/cmd.sh"
roms=/usr/lib/ipxe/qemu
if [ ! -e $roms/efi-e1000.rom ]; then
	tap_skip "iPXE" "no $roms: Debian's package ipxe-qemu has it"
	tap_done
	exit
fi

# readdress FROM TO: every image of the ROM is for 15b3:673c, and a BIOS image adds up to 0 again.
cat >readdress.py <<'END'
import sys

rom, at, last = bytearray(open(sys.argv[1], 'rb').read()), 0, False
while not last:
    data = at + int.from_bytes(rom[at + 0x18:at + 0x1a], 'little')
    assert rom[data:data + 4] == b'PCIR'
    rom[data + 4:data + 8] = bytes.fromhex('b3153c67')
    size = 512 * int.from_bytes(rom[data + 0x10:data + 0x12], 'little')
    if rom[data + 0x14] == 0:
        rom[at + 6] = (rom[at + 6] - sum(rom[at:at + size])) % 256
    last = rom[data + 0x15] & 0x80
    at += size
open(sys.argv[2], 'wb').write(rom)
END
"$mkimage" --chip connectx2 --psid DEL09A0000009 --rom pxe:3.3.300:673c -o fw.bin || exit 1

for kind in pxe efi; do
	rom=$roms/$kind-e1000.rom
	rm -f other.bin
	python3 readdress.py $rom $kind.rom || exit 1
	tap "$kind: whose it is" shows 'BIOS image for 8086:100e' "$ctl" rom info $rom
	tap "$kind: for another device it is refused" refused 6 \
		'the ROM is for 8086:100e, the firmware for 15b3:673c' \
		"$ctl" rom replace fw.bin $rom -o other.bin
	tap "$kind: and nothing is written" [ ! -e other.bin ]
	tap "$kind: with the flag it goes in" status 0 \
		"$ctl" rom replace --allow-other-rom fw.bin $rom -o other.bin
	tap "$kind: built for the card it goes in" status 0 \
		"$ctl" rom replace fw.bin $kind.rom -o $kind.bin
	tap "$kind: its age is said to be unknown" \
		grep -q 'carries no version: nobody can tell whether it is older' out
	tap "$kind: mstflint takes the image" mstflint -i $kind.bin verify
	tap "$kind: what comes out is what went in" \
		sh -c "'$ctl' rom extract $kind.bin -o back && cmp back $kind.rom"
done
tap "efi: both of its images are seen" shows 'EFI image for 15b3:673c' "$ctl" rom info efi.rom
head -c 100000 efi.rom >cut.rom
tap "a ROM that is cut off is refused" refused 5 \
	'cut.rom: the PCI image at 0x12600 states 0x2aa00 bytes' \
	"$ctl" rom replace fw.bin cut.rom -o cut.bin
tap_done
