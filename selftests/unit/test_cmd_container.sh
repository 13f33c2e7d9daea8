#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Firmware in archives, bundles and updaters, through the command line. The archives are made by
# tar, gzip, xz and Python; the MFA bundle is a second writer of that format, next to mfa_make.h.

. "$(dirname "$0")/cmd.sh"

flash=files/dell-c6100.flash
python=/usr/bin/python3
cp $release mhqh.bin && cp $cx3_release cx3.bin && cp $stock_ini board.ini || exit 1
"$ctl" mlx export $cx3_release -o cx3.mlx >/dev/null &&
	"$ctl" rom extract $flash -o boot.mrom >/dev/null || exit 1
echo "This is no firmware." >README

zip() # ARCHIVE FILE...
{
	$python -m zipfile -c "$@"
}

# A bundle of three boards, the last of which has the image of the second.
$python - <<'END' || exit 1
import lzma, struct, zlib
boards = [("MT_0EF0110009", open("mhqh.bin", "rb").read()), ("SYN1200110023", open("cx3.bin", "rb").read())]
places = {"MT_0EF0110009": 0, "SYN1200110023": 24, "TWIN000000001": 24}
def section(kind, body):
    packed = lzma.compress(body)
    return struct.pack(">BxxBI", kind, 1, len(packed)) + packed
map_ = b"".join(struct.pack(">32sBxH", psid.encode(), 1, 0) + struct.pack(">IHxB32s", toc, 1, 0, b"")
                for psid, toc in places.items())
toc, data = b"", b""
for psid, image in boards:
    toc += struct.pack(">IIHxB4HxxH", len(data), len(image), 1, 3, 2, 10, 720, 0, 0)
    data += image
bundle = b"MFAR" + struct.pack(">I8x", 1) + section(1, map_) + section(2, toc) + section(3, data)
open("srcs.mfa", "wb").write(bundle + struct.pack(">I", zlib.crc32(bundle)))
END

zip one.zip mhqh.bin README && zip two.zip mhqh.bin cx3.bin README &&
	tar -czf fw.tgz mhqh.bin board.ini &&
	tar -cJf fw.tar.xz mhqh.bin && gzip -c mhqh.bin >mhqh.bin.gz &&
	xz -c mhqh.bin >mhqh.bin.xz && zip inner.zip fw.tgz &&
	zip all.zip mhqh.bin board.ini cx3.mlx boot.mrom $flash && zip mfa.zip srcs.mfa README &&
	printf '\177ELF updater' | cat - mfa.zip >mlxfwmanager &&
	printf 'MZ setup' | cat - one.zip >setup.exe || exit 1

"$ctl" image sections mhqh.bin >sections || exit 1
same() # FILE: it leads to the image
{
	status 0 "$ctl" image sections "$1" && diff sections out && status 0 "$ctl" verify -i "$1"
}
for file in one.zip fw.tgz fw.tar.xz mhqh.bin.gz mhqh.bin.xz inner.zip setup.exe two.zip::mhqh.bin \
	two.zip::MT_0EF0110009 inner.zip::fw.tgz/mhqh.bin inner.zip::mhqh.bin \
	srcs.mfa::MT_0EF0110009 \
	mlxfwmanager::MT_0EF0110009 mlxfwmanager::srcs.mfa/MT_0EF0110009.bin; do
	tap "the image out of $file" same $file
done
tap "query names the file and the member" json 'o["file"]' inner.zip::fw.tgz/mhqh.bin \
	"$ctl" query -i inner.zip
tap "a dump out of an archive is still a dump" json 'o["psid"]' DEL09A0000009 \
	"$ctl" query -i all.zip::dell-c6100.flash

# Packages, which are made by hand: ar and cpio are little more than their headers.
$python - <<'END' || exit 1
import gzip
image = open("mhqh.bin", "rb").read()
def ar(members, mode=b"100644"):
    return b"!<arch>\n" + b"".join(b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name + b"/", 0, 0, 0, mode, len(body)) + body +
                                   b"\n" * (len(body) % 2) for name, body in members)
def cpio(members):
    out = b""
    for name, body in members + [(b"TRAILER!!!", b"")]:
        out += b"070701" + b"".join(b"%08x" % n for n in (1, 0o100644, 0, 0, 1, 0, len(body), 0, 0, 0, 0, len(name) + 1, 0))
        out += name + b"\0" * (4 - (110 + len(name)) % 4) + body + b"\0" * (-len(body) % 4)
    return out
empty = b"\x8e\xad\xe8\x01" + bytes(12) # a header without entries
def rpm(payload):
    return b"\xed\xab\xee\xdb\x03\0\0\0" + bytes(88) + empty + empty + payload
def save(name, body):
    open(name, "wb").write(body)
tgz, txz, bundle = (open(name, "rb").read() for name in ("fw.tgz", "fw.tar.xz", "mlxfwmanager"))
save("fw.deb", ar([(b"debian-binary", b"2.0\n"), (b"data.tar.xz", txz)]))
save("binutils.deb", ar([(b"debian-binary", b"2.0\n"), (b"data.tar.xz", txz)], b"644"))
save("fw.vib", ar([(b"descriptor.xml", b"<vib/>"), (b"sig.pkcs7", b""), (b"payload1", tgz)]))
files = cpio([(b"./usr/share/fw.bin", image), (b"./README", b"no")])
save("fw.cpio", files)
save("fw.rpm", rpm(gzip.compress(files)))
save("updater.rpm", rpm(gzip.compress(cpio([(b"./opt/mlxfwmanager", bundle)]))))
save("fw.scexe", b"#!/bin/sh\ntail -n +4 $0 | tar xz\nexit 0\n" + tgz)
save("plain.sh", b"#!/bin/sh\necho no payload\n")
save("cut.rpm", rpm(gzip.compress(files)[:-2000]))
save("cut.deb", ar([(b"debian-binary", b"2.0\n"), (b"data.tar.xz", txz[:-500])]))
save("liar.cpio", files.replace(b"%08x" % 19, b"fffffff0", 1))
save("liar.rpm", rpm(gzip.compress(open("liar.cpio", "rb").read())))
save("liar.deb", ar([(b"debian-binary", b"2.0\n"), (b"/", b"names.txt/\n")]).replace(b"11        `", b"900000000 `"))
save("bomb.rpm", rpm(gzip.compress(cpio([(b"./zeros", bytes(40000000))]))))
END
for file in fw.deb binutils.deb fw.vib fw.cpio fw.rpm fw.scexe fw.rpm::fw.bin \
	fw.deb::data.tar.xz/mhqh.bin updater.rpm::MT_0EF0110009; do
	tap "the image out of $file" same $file
done
tap "boards of an updater in a package" \
	json 'len([m for m in o["members"] if m["kind"] == "image"])' 3 \
	"$ctl" image list updater.rpm
tap "a script without an archive is none" refused 5 'no firmware image in it' \
	"$ctl" query -i plain.sh
tap "a package that is cut off" refused 5 'cut.rpm: .*(cut off|damaged)' "$ctl" query -i cut.rpm
tap "a package whose member is cut off, by the member's name" refused 5 'cut.deb: data.tar.xz: ' \
	"$ctl" query -i cut.deb
for file in liar.cpio liar.rpm liar.deb; do
	tap "lengths that are not there, in $file" refused 5 \
		"$file: damaged or cut off: a header tells" "$ctl" query -i $file
done
tap "a package that is a bomb" refused 6 'bomb.rpm: .*unpacks to more than' \
	"$ctl" image list bomb.rpm

# Listing.
tap "image list shows an image" \
	shows "^image +$(stat -c %s mhqh.bin) +MT_0EF0110009 +2.10.0720 +ConnectX-2 +mhqh.bin\$" \
	"$ctl" image list two.zip
tap "and counts the rest" shows '^Files of other kinds: 1$' "$ctl" image list two.zip
tap "each kind is told" json '" ".join(sorted(m["kind"] for m in o["members"]))' \
	"dump image ini mlx rom" "$ctl" image list all.zip
tap "PSIDs" json '[m["psid"] for m in o["members"] if m["kind"] in ("ini", "dump")]' \
	"['MT_0EF0110009', 'DEL09A0000009']" \
	"$ctl" image list all.zip
tap "versions of a .mlx and a ROM" \
	json '[m["version"] for m in o["members"] if m["kind"] in ("mlx", "rom")]' \
	"['2.42.5000', '3.2.100']" "$ctl" image list all.zip
tap "boards of an updater" json '[m["path"] for m in o["members"]]' \
	"['srcs.mfa/MT_0EF0110009.bin', 'srcs.mfa/SYN1200110023.bin', 'srcs.mfa/TWIN000000001.bin']" "$ctl" image list mlxfwmanager
tap "the PSID is the image's own" json 'o["members"][2]["psid"]' SYN1200110023 \
	"$ctl" image list mlxfwmanager
tap "a plain file is its own list" json 'o["members"][0]["path"]' mhqh.bin \
	"$ctl" image list mhqh.bin

# Taking out.
extracts() # MEMBER FILE
{
	rm -f extracted
	status 0 "$ctl" image extract "$1" -o extracted && cmp extracted "$2"
}
tap "image extract gives the bytes of an image" extracts mlxfwmanager::MT_0EF0110009 mhqh.bin
tap "of a .mlx" extracts all.zip::cx3.mlx cx3.mlx
tap "of a ROM" extracts all.zip::boot.mrom boot.mrom
tap "of the only one that fits" extracts one.zip mhqh.bin
tap "of any file by its path" extracts one.zip::README README
to_stdout()
{
	"$ctl" image extract one.zip -o - >extracted && cmp extracted mhqh.bin
}
tap "to standard output" to_stdout

# Other commands.
built() # ARGUMENT...: what build makes of these is what it makes of the files
{
	"$ctl" build --fw mhqh.bin --conf board.ini --rom boot.mrom -o want.bin &&
		"$ctl" build "$@" -o got.bin && cmp want.bin got.bin
}
tap "build takes release, ini and ROM out of archives" built --fw one.zip --conf fw.tgz \
	--rom all.zip
tap "ini get reads an ini in one" shows '^MHQH29C_A1-A2$' \
	"$ctl" ini get fw.tgz::board.ini PS_INFO.Name
tap "or the ini of its image" shows '^MHQH29C_A1-A2$' "$ctl" ini get one.zip PS_INFO.Name
tap "mlx show" json 'o["fw_version"]' 2.42.5000 "$ctl" mlx show all.zip::cx3.mlx
rebrand()
{
	mkdir -p sub && cp fw.tgz sub &&
		status 0 "$ctl" ini rebrand sub/fw.tgz::board.ini --psid NEW0000000001 &&
		[ -s sub/NEW0000000001.ini ]
}
tap "ini rebrand writes beside the archive" rebrand
tap "ini set does not write into one" refused 64 \
	'fw.tgz::board.ini is in an archive; name a file with -o' \
	"$ctl" ini set fw.tgz::board.ini PS_INFO.Name=x
burnt()
{
	cp files/cx3.flash card.flash &&
		status 0 "$ctl" burn -d file:card.flash mlxfwmanager::SYN1200110023.bin &&
		json 'o["fw_version"]' 2.42.5000 "$ctl" query -d file:card.flash
}
tap "burn takes an image out of an updater" burnt
by_psid()
{
	cp files/cx3.flash card.flash && status 0 "$ctl" burn -d file:card.flash two.zip &&
		json 'o["fw_version"]' 2.42.5000 "$ctl" query -d file:card.flash
}
tap "and of several the one for the card's PSID" by_psid
by_folder()
{
	mkdir -p firm && cp one.zip firm &&
		"$ctl" ini rebrand board.ini --psid DEL09A0000009 -o firm/DEL09A0000009.ini &&
		cp $flash card.flash && status 0 "$ctl" burn -d file:card.flash \
		--fw firm/one.zip::mhqh.bin &&
		json 'o["fw_version"]' 2.10.0720 "$ctl" query -d file:card.flash
}
tap "burn --fw finds the ini beside the archive" by_folder
reworked()
{
	"$ctl" rom replace mhqh.bin boot.mrom -o want.bin &&
		"$ctl" rom replace one.zip all.zip -o got.bin && cmp want.bin got.bin
}
tap "rom replace takes image and ROM out of archives" reworked
odd_name()
{
	cp mhqh.bin odd::name.bin && status 0 "$ctl" verify -i odd::name.bin
}
tap "a file with :: in its name is a file" odd_name

# More or less than one.
tap "two that fit are listed, with the way out" refused 6 \
	'two.zip: 2 files in it fit; name one as two.zip::MEMBER.*mhqh.bin \(image MT_0EF0110009 2.10.0720\), cx3.bin' \
	"$ctl" query -i two.zip
tap "two with one PSID" refused 6 'srcs.mfa/SYN1200110023.bin .*srcs.mfa/TWIN000000001.bin' \
	"$ctl" verify -i mlxfwmanager::SYN1200110023
tap "none that fits" refused 5 'one.zip: no .ini among the 2 files in it; .*image list' \
	"$ctl" build --fw mhqh.bin --conf one.zip -o x.bin
tap "no such member" refused 3 'one.zip: there is no cx3.bin in it; .*image list' \
	"$ctl" verify -i one.zip::cx3.bin
tap "no such archive" refused 3 'nowhere.zip: No such file' "$ctl" verify -i nowhere.zip::cx3.bin
tap "a member of no archive" refused 5 'mhqh.bin: no archive' "$ctl" verify -i mhqh.bin::x
tap "a member that is no image" refused 5 'one.zip::README: no firmware image in it' \
	"$ctl" verify -i one.zip::README
tap "image extract without -o" refused 64 'needs -o' "$ctl" image extract one.zip

# Damage and malice.
for file in one.zip fw.tgz fw.tar.xz mhqh.bin.gz srcs.mfa; do
	head -c $(($(stat -c %s $file) * 2 / 3)) $file >cut-$file
	tap "$file cut off" refused 5 "^cxflashctl: cut-$file: .*(cut off|too early)" \
		"$ctl" query -i cut-$file
done
flip() # FILE OFFSET
{
	printf '\252' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
$python -c 'import zipfile; zipfile.ZipFile("crc.zip", "w").write("mhqh.bin")' && flip crc.zip 20000
cp mhqh.bin.gz crc.gz && flip crc.gz 2000
cp srcs.mfa crc.mfa && flip crc.mfa 200
zip crc-mfa.zip crc.mfa
tap "a wrong CRC in a ZIP, with the member's name" refused 5 'crc.zip: mhqh.bin: .*CRC' \
	"$ctl" query -i crc.zip
tap "in a .gz" refused 5 'crc.gz: gzip stream is damaged' "$ctl" query -i crc.gz
tap "in a bundle" refused 5 'crc.mfa: MFA bundle is damaged or cut off: its CRC32' \
	"$ctl" image list crc.mfa
tap "in a bundle in a ZIP" refused 5 'crc-mfa.zip: crc.mfa: MFA bundle is damaged' \
	"$ctl" image list crc-mfa.zip
head -c 40000000 /dev/zero >zeros && gzip -c zeros >bomb.gz && zip bomb.zip bomb.gz && rm zeros
tap "a bomb" refused 6 'bomb.gz: unpacks to more than' "$ctl" image list bomb.gz
tap "a bomb in a ZIP" refused 6 'bomb.zip: bomb.gz: unpacks to more than' "$ctl" query -i bomb.zip
cp one.zip deep.zip
for level in 1 2 3 4; do
	zip deeper.zip deep.zip && mv deeper.zip deep.zip
done
tap "too many archives in each other" refused 6 \
	'deep.zip/deep.zip.*: archives in archives, more than 3 deep' \
	"$ctl" image list deep.zip
tap_done
