# SPDX-License-Identifier: GPL-2.0-only
#
# From what "mkimage -v" tells about an image to what mstflint 4.21 must print for it.
# -v want=query: the text of "query full"; -v want=verify: its line for every section.

function line(title, value) { printf "%-22s %s\n", title ":", value }

function rom_line(title, text,   field, type, more)
{
	split(text, field, ":")
	type = field[1] == "virtio" ? "UEFI Virtio net" : field[1] == "nvme" ? "NVMe" : toupper(field[1])
	if (field[1] != "clp" && field[5] != "" && field[5] != "0")
		more = " port=" field[5]
	if (field[1] != "clp" && field[4] in proto)
		more = more " proto=" proto[field[4]]
	if (field[6] in cpu)
		more = more " cpu=" cpu[field[6]]
	printf "%-22s %s\n", title, "type=" type " version=" field[2] more
}

BEGIN {
	proto["0"] = "IB"; proto["1"] = "ETH"; proto["2"] = "VPI"
	cpu["1"] = "AMD64"; cpu["2"] = "AARCH64"; cpu["3"] = "AMD64,AARCH64"; cpu["4"] = "IA32"
}

$1 == "section" {
	place = "/" $2 " (" $3 ")/"
	sub(/^[^ ]+ [^ ]+ [^ ]+ /, "")
	if (want == "verify")
		print place " (" $0 ") - OK"
	next
}

{ fact[$1] = substr($0, length($1) + 2) }

END {
	if (want != "query")
		exit
	split(fact["version"], v, ".")
	line("Image type", "FS2")
	line("FW Version", v[2] + 0 >= 100 ? sprintf("%d.%04d.%04d", v[1], v[2], v[3]) : fact["version"])
	d = fact["date"]
	line("FW Release Date", substr(d, 7) + 0 "." substr(d, 5, 2) + 0 "." substr(d, 1, 4))
	if ("min_fit" in fact)
		line("Min FIT Version", fact["min_fit"])
	if (fact["mic"] + 0)
		line("MIC Version", "2.0.0")
	if (fact["nv_sectors"] + 0)
		line("Config Sectors", fact["nv_sectors"])
	if (fact["nv_pad"] + 0)
		line("Config Pad", fact["nv_pad"])
	if ("prs" in fact)
		line("PRS Name", fact["prs"])
	if ("product" in fact)
		line("Product Version", fact["product"])
	n = split(fact["rom_text"], rom, "+")
	for (i = 1; i <= n; i++)
		rom_line(i == 1 ? "Rom Info:" : "", rom[i])
	line("Device ID", fact["device"])
	if (fact["access_key"] + 0)
		line("HW Access Key", "Enabled")
	printf "Description:           Node             Port1            Port2            Sys image\n"
	printf "GUIDs:                 %s %s %s %s ", fact["guid0"], fact["guid1"], fact["guid2"], fact["guid3"]
	if (fact["entries"] + 0 == 6)
		printf "\nMACs:                                       %s     %s\n", fact["mac0"], fact["mac1"]
	else
		printf "-W- Cannot get MAC address: Expecting 6 entries in guid section, got %d. Probably an old FW image. Please update.\n\n", fact["entries"]
	line("VSD", fact["vsd"])
	line("PSID", fact["psid"])
}
