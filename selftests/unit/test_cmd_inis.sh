#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Inis as people make them: by PowerShell's >, by an old Macintosh, by a word processor. What can be
# read surely is read; else the encoding is named, and the cure. And PSIDs in the wrong letters.

. "$(dirname "$0")/cmd.sh"

name() { "$ctl" ini get "$1" PS_INFO.Name; }

# ---- encodings ----

"$ctl" build --fw $release --conf $stock_ini -o plain.bin >/dev/null 2>&1 || exit 1
printf '\377\376' >mark.le
printf '\376\377' >mark.be
for e in le be; do
	iconv -f UTF-8 -t UTF-16$e $stock_ini >bare.$e.ini
	cat mark.$e bare.$e.ini >marked.$e.ini
done
tr -d '\r' <$stock_ini | tr '\n' '\r' >cr.ini
{ printf '\357\273\277'; cat $stock_ini; } >utf8.ini

same_image() # INI NOTE: it is the board's, and what it was is told
{
	status 0 "$ctl" ini check "$1" && grep -q "^Note: it was $2" out &&
		grep -q '^PSID: *MT_0EF0110009$' out &&
		status 0 "$ctl" build --fw $release --conf "$1" -o other.bin &&
		grep -q "^Note: it was $2" out &&
		"$ctl" ini dump other.bin -o other.ini >/dev/null &&
		"$ctl" ini diff other.ini $stock_ini | grep -q 'No key differs' &&
		[ "$(name "$1")" = MHQH29C_A1-A2 ]
}
for e in le be; do
	tap "UTF-16$e with a mark" same_image marked.$e.ini UTF-16
	tap "UTF-16$e without" same_image bare.$e.ini UTF-16
done
tap "line ends of CR alone" same_image cr.ini 'a text with line ends of CR alone'
with_mark()
{
	status 0 "$ctl" ini check utf8.ini && ! grep '^Note' out &&
		[ "$(name utf8.ini)" = MHQH29C_A1-A2 ]
}
tap "a mark of UTF-8 is nothing to speak of" with_mark
changed()
{
	cp marked.le.ini set.ini && status 0 "$ctl" ini set set.ini PS_INFO.Name=x &&
		grep -q 'it was UTF-16.*and becomes UTF-8' out &&
		iconv -f UTF-8 -t UTF-8 set.ini | grep -q '^Name *= *x' && [ "$(name set.ini)" = x ]
}
tap "ini set makes UTF-8 of it, and says so" changed
found()
{
	mkdir -p inis && iconv -f UTF-16LE -t UTF-8 bare.le.ini >inis/b.ini &&
		"$ctl" ini rebrand inis/b.ini --psid DEL09A0000009 -o inis/a.ini &&
		iconv -f UTF-8 -t UTF-16LE inis/a.ini >inis/c.ini && rm inis/a.ini inis/b.ini &&
		shows 'Ini: +inis/c.ini' \
		"$ctl" burn -n -d file:files/dell-c6100.flash --fw $release --conf inis
}
tap "a folder of them is searched by PSID" found
in_archive()
{
	tar -cf inis.tar marked.le.ini &&
		json 'o["members"][0]["psid"]' MT_0EF0110009 "$ctl" image list inis.tar &&
		[ "$(name inis.tar::marked.le.ini)" = MHQH29C_A1-A2 ]
}
tap "and so is an archive" in_archive

head -c 1001 marked.le.ini >odd.ini
{ cat mark.le; printf '[\000A\000]\000\n\000b\000=\000\000\330\n\000'; } >half.ini
{ cat $stock_ini; printf '[\000A\000]\000\n\000b\000=\0001\000'; } >appended.ini
iconv -f UTF-8 -t UTF-32LE $stock_ini >utf32.ini
printf '[PS_INFO]\nName = caf\351\n' >latin1.ini
{ cat $stock_ini; printf '; x\r[X]\n'; } >mixed.ini
printf '[ADAPTER]\nPSID = \342\200\234MT_0EF0110009\342\200\235\n' >curly.ini
printf '[ADAPTER]\nPSID\302\240= MT_0EF0110009\n' >nbsp.ini
printf '[ADAPTER]\n; PSID = MT_0EF0110009\n' >nokey.ini
: >empty.ini
head -c 4096 /dev/zero >zeros.ini
while IFS='|' read -r file says; do
	tap "$file is refused" refused 5 "^cxflashctl: $file: $says" "$ctl" ini check $file
	tap "$file makes no image" refused 5 "$file: $says" \
		"$ctl" build --fw $release --conf $file -o x.bin
done <<'END'
odd.ini|text in UTF-16 that ends in the middle of a character: .*save it anew as plain text in UTF-8
half.ini|line 2: half of a pair of UTF-16
appended.ini|line [0-9]+: NUL bytes in a text: .*PowerShell's >> appends
utf32.ini|text in UTF-32; save it anew
latin1.ini|line 2: the value of Name holds the byte 0xe9, which is no UTF-8; .*'iconv -f WINDOWS-1252 -t UTF-8'
mixed.ini|line [0-9]+: a carriage return in the middle of the line
curly.ini|line 2: the value of PSID begins with a curly quote \(U\+201C\); type it in plain ASCII, without quotes
nbsp.ini|line 2: neither .*; it holds a no-break space \(U\+00A0\)
nokey.ini|there is no key = value in it
empty.ini|there is no key = value in it
zeros.ini|there is no key = value in it
END
tap "nothing was written" sh -c '! ls x.bin 2>/dev/null'
cure()
{
	iconv -f WINDOWS-1252 -t UTF-8 latin1.ini >cured.ini && status 0 "$ctl" ini check cured.ini
}
tap "the cure cures" cure

# ---- a PSID in other letters ----

"$ctl" ini set $stock_ini -o small.ini --yes ADAPTER.PSID=mt_0ef0110009 >/dev/null
asks='the PSID is mt_0ef0110009, known is MT_0EF0110009: .*say --yes if that is meant'
tap "a PSID in small letters that is known in capitals is asked about" refused 6 \
	"small.ini: $asks" \
	"$ctl" build --fw $release --conf small.ini -o x.bin
tap "ini set asks as well" refused 6 "$asks" \
	"$ctl" ini set $stock_ini -o x.ini ADAPTER.PSID=mt_0ef0110009
tap "and ini rebrand" refused 6 "$asks" "$ctl" ini rebrand $stock_ini -o x.ini --psid mt_0ef0110009
tap "and build --set" refused 6 "$asks" \
	"$ctl" build --fw $release --set ADAPTER.PSID=mt_0ef0110009 -o x.bin
tap "nothing was written" sh -c '! ls x.bin x.ini 2>/dev/null'
meant()
{
	status 0 "$ctl" build --yes --fw $release --conf small.ini -o small.bin &&
		grep -q 'Note: the PSID is mt_0ef0110009, known is' out &&
		"$ctl" query small.bin | grep -q '^PSID: *mt_0ef0110009$'
}
tap "--yes says that it is meant" meant
tap "no is an answer" \
	sh -c "printf 'n\n' | script -qec '$ctl build --fw $release --conf small.ini -o x.bin' /dev/null >said
	grep -q 'not confirmed' said && [ ! -e x.bin ]"
tap "yes is another" \
	sh -c "printf 'y\n' | script -qec '$ctl build --fw $release --conf small.ini -o x.bin' /dev/null >said
	cmp x.bin small.bin && rm x.bin"
unknown()
{
	status 0 "$ctl" ini rebrand $stock_ini --psid OWN_abc -o own.ini && ! grep Note out &&
		status 0 "$ctl" build --fw $release --conf own.ini -o own.bin &&
		refused 6 'the PSID is own_ABC, known is OWN_abc' \
		"$ctl" build --fw own.bin --set ADAPTER.PSID=own_ABC -o x.bin &&
		status 0 "$ctl" build --fw own.bin --set PS_INFO.Name=x -o x.bin && rm x.bin
}
tap "a PSID that nobody knows is not, but for that of the image" unknown
by_card()
{
	mkdir -p small && "$ctl" ini rebrand $stock_ini --psid DEL09A0000009 \
		-o small/d.ini >/dev/null && sed -i 's/DEL09A/del09a/' small/d.ini &&
		refused 3 \
		"small/d.ini states it in other letters; .*cxflashctl ini rebrand small/d.ini --psid DEL09A0000009 -o small/d.ini" \
			"$ctl" burn -n -d file:files/dell-c6100.flash --fw $release --conf small &&
		sh -c "$(sed "s#.*mend it: cxflashctl#$ctl#" err)" >/dev/null &&
		shows 'Ini: +small/d.ini' \
		"$ctl" burn -n -d file:files/dell-c6100.flash --fw $release --conf small
}
tap "a folder where a card's PSID stands in small letters is told of, with the cure" by_card
tap_done
