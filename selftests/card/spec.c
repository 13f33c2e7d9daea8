// SPDX-License-Identifier: GPL-2.0-only
/* --card SPEC: what card it is, where its flash is kept, and how it behaves. */
#include "card.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char spec_help[] =
	"SPEC is a comma-separated list of KEY=VALUE:\n"
	"  chip=cx2|cx3|cx3pro|cx1   which chip (cx1 is ConnectX rev A0)\n"
	"  flash=FILE                contents of the SPI flash; survives the run\n"
	"  size=BYTES[K|M]           makes FILE, all ff, if it is new or empty\n"
	"  part=NAME                 SPI part (default: by chip and size)\n"
	"  pci=HEX|image             PCI device id; `image': id, class and subsystem come from\n"
	"                            the words the started firmware loads (0x1fd00, 08, 2c)\n"
	"  sub=HEX                   subsystem, VVVVDDDD (vendor, device)\n"
	"  class=HEX                 class code, six digits\n"
	"  rev=HEX                   silicon revision (CR 0xf0014 and PCI revision)\n"
	"  recovery=0|1              show the recovery id and class when no image starts;\n"
	"                            default 1, or 0 when pci=HEX is given\n"
	"  bar=0|1  bar64=0|1        BAR0 present (1); 64-bit BARs (1). Say bar64=0 where the "
	"guest\n"
	"                            removes and rescans the card: it would put a 64-bit BAR\n"
	"                            above 4 GiB, which QEMU 7.2 cannot map\n"
	"  window=normal|write-only|none   config window 0x58/0x5c (normal)\n"
	"  ports=TYPE[/TYPE]         the firmware serves mlx4_core, with one port or two: ib, "
	"eth,\n"
	"                            vpi (both, comes up as InfiniBand), vpi-eth (as Ethernet), "
	"or\n"
	"                            image: eth if the class is Ethernet, else vpi (default: not)\n"
	"  types=each|same           each port of a type of its own, or all of one (each)\n"
	"  frwr=VERSION              the first firmware with fast registration (0.0.0)\n"
	"  flr=0|1                   the function can be reset by itself, PCIe FLR (0)\n"
	"  vpd=FILE                  bytes of its Vital Product Data, at most 256 (no capability)\n"
	"  addr=, bus=               passed on to QEMU's -device\n"
	"and any of the knobs below.\n";

/*
 * PCI ids, hardware ids and revisions: flash-access 1 and 2. Subsystem and class of the ConnectX-2
 * are those of an HP QDR card, of the ConnectX-3 Pro those of an MCX312B.
 */
static const struct chip chips[] = {
	{"cx2", 0x673c, 0x0191, 0x0021, 0x190, 0xb0, 0x0c0600, false, false, 0x100000},
	{"cx3", 0x1003, 0x01f6, 0x0050, 0x1f5, 0x00, 0x028000, true, true, 0x1000000},
	{"cx3pro", 0x1007, 0x01f8, 0x000c, 0x1f7, 0x00, 0x020000, true, true, 0x1000000},
	{"cx1", 0x634a, 0x0191, 0x0005, 0x190, 0xa0, 0x0c0600, true, false, 0x100000},
};

static bool parse_number(const char *value, int base, long max, long *out)
{
	char *end;

	errno = 0;
	*out = strtol(value, &end, base);
	return *value && !*end && !errno && *out >= 0 && *out <= max;
}

static bool parse_bool(const char *value, bool *out)
{
	*out = *value == '1';
	return (*value == '0' || *value == '1') && !value[1];
}

static bool parse_size(const char *value, uint64_t *out)
{
	char *end;
	unsigned long n = strtoul(value, &end, 0);

	*out = n;
	if (*end == 'K' || *end == 'k')
		*out = (uint64_t)n << 10, end++;
	else if (*end == 'M' || *end == 'm')
		*out = (uint64_t)n << 20, end++;
	return end != value && !*end && n > 0 && n <= 0x10000000;
}

static bool parse_text(const char *value, const char **out)
{
	free((char *)*out);
	*out = strdup(value);
	return *value && *out;
}

static bool parse_chip(const char *value, const struct chip **out)
{
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++)
		if (!strcmp(chips[i].name, value)) {
			*out = &chips[i];
			return true;
		}
	return false;
}

static bool parse_window(const char *value, enum window *out)
{
	static const char *const names[] = {"normal", "write-only", "none"};

	for (unsigned int i = 0; i < 3; i++)
		if (!strcmp(names[i], value)) {
			*out = (enum window)i;
			return true;
		}
	return false;
}

static bool parse_ports(const char *value, struct config *conf)
{
	static const struct {
		const char *name;
		unsigned int types;
	} names[] = {{"ib", PORT_IB},
		     {"eth", PORT_ETH},
		     {"vpi", PORT_IB | PORT_ETH},
		     {"vpi-eth", PORT_IB | PORT_ETH | PORT_SUGGEST_ETH},
		     {"image", PORT_BY_IMAGE}};
	size_t len, i;

	for (conf->nports = 0; conf->nports < MAX_PORTS; value += len + 1) {
		len = strcspn(value, "/");
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (strlen(names[i].name) == len && !strncmp(names[i].name, value, len))
				break;
		if (i == sizeof(names) / sizeof(names[0]))
			return false;
		conf->port_types[conf->nports++] = names[i].types;
		if (!value[len])
			return true;
	}
	return false;
}

static bool parse_types(const char *value, bool *same)
{
	*same = !strcmp(value, "same");
	return *same || !strcmp(value, "each");
}

static bool parse_version(const char *value, unsigned long long *out)
{
	unsigned int piece[3];
	char rest;

	if (sscanf(value, "%u.%u.%u%c", &piece[0], &piece[1], &piece[2], &rest) != 3)
		return false;
	*out = (unsigned long long)piece[0] << 32 | piece[1] << 16 | piece[2];
	return piece[0] <= 0xffff && piece[1] <= 0xffff && piece[2] <= 0xffff;
}

static bool parse_pci(const char *value, struct config *conf)
{
	conf->pci_from_image = !strcmp(value, "image");
	if (conf->pci_from_image)
		return true;
	conf->recovery_id = false;
	return parse_number(value, 16, 0xffff, &conf->pci_id);
}

/* Returns false for a bad value; *known tells whether the key is one of SPEC's own. */
static bool parse_key(struct config *conf, const char *key, const char *value, bool *known)
{
	*known = true;
	if (!strcmp(key, "chip"))
		return parse_chip(value, &conf->chip);
	if (!strcmp(key, "flash"))
		return parse_text(value, &conf->flash);
	if (!strcmp(key, "part"))
		return parse_text(value, &conf->part);
	if (!strcmp(key, "addr"))
		return parse_text(value, &conf->addr);
	if (!strcmp(key, "bus"))
		return parse_text(value, &conf->bus);
	if (!strcmp(key, "size"))
		return parse_size(value, &conf->size);
	if (!strcmp(key, "pci"))
		return parse_pci(value, conf);
	if (!strcmp(key, "sub"))
		return parse_number(value, 16, 0xffffffff, &conf->subsystem);
	if (!strcmp(key, "class"))
		return parse_number(value, 16, 0xffffff, &conf->pci_class);
	if (!strcmp(key, "rev"))
		return parse_number(value, 16, 0xff, &conf->revision);
	if (!strcmp(key, "recovery"))
		return parse_bool(value, &conf->recovery_id);
	if (!strcmp(key, "bar"))
		return parse_bool(value, &conf->bar0);
	if (!strcmp(key, "bar64"))
		return parse_bool(value, &conf->bar64);
	if (!strcmp(key, "ports"))
		return parse_ports(value, conf);
	if (!strcmp(key, "types"))
		return parse_types(value, &conf->same_types);
	if (!strcmp(key, "frwr"))
		return parse_version(value, &conf->frwr);
	if (!strcmp(key, "flr"))
		return parse_bool(value, &conf->flr);
	if (!strcmp(key, "vpd"))
		return parse_text(value, &conf->vpd);
	if (!strcmp(key, "window"))
		return parse_window(value, &conf->window);
	*known = false;
	return false;
}

static int parse_pairs(struct card *c, char *text, char *err, size_t errlen)
{
	char *save = NULL, *pair, *value;
	bool known;

	for (pair = strtok_r(text, ",", &save); pair; pair = strtok_r(NULL, ",", &save)) {
		value = strchr(pair, '=');
		if (!value) {
			snprintf(err, errlen, "`%s' is not KEY=VALUE", pair);
			return -1;
		}
		*value++ = '\0';
		if (parse_key(&c->conf, pair, value, &known))
			continue;
		if (known) {
			snprintf(err, errlen, "%s=%s: bad value, see --help", pair, value);
			return -1;
		}
		if (fault_set(c, pair, value, err, errlen))
			return -1;
	}
	if (!c->conf.chip || !c->conf.flash) {
		snprintf(err, errlen, "%s= is missing", c->conf.chip ? "flash" : "chip");
		return -1;
	}
	return 0;
}

int spec_parse(struct card *c, const char *spec, char *err, size_t errlen)
{
	char *text = strdup(spec);
	int ret;

	c->conf = (struct config){
		.pci_id = -1,
		.subsystem = -1,
		.pci_class = -1,
		.revision = -1,
		.recovery_id = true,
		.bar0 = true,
		.bar64 = true,
	};
	fault_clear(c);
	if (!text) {
		snprintf(err, errlen, "out of memory");
		return -1;
	}
	ret = parse_pairs(c, text, err, errlen);
	free(text);
	return ret;
}
