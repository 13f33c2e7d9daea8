// SPDX-License-Identifier: GPL-2.0-only
/* Conditions on facts, and texts of them: what the rules of "check" are written in. */
#include <errno.h>
#include <stdlib.h>

#include "host/facts.h"
#include "host/rules.h"
#include "tap.h"

#define TEN  "/iqn.2003-01.org.linux-iscsi.files-with-a-long-name.x8664:sn.0123456789abcdef"
#define LONG "/sys/kernel/config/target/iscsi" TEN TEN TEN TEN "/tpgt_1/np/10.11.0.1:3260/iser"

static void conditions(const struct facts *f)
{
	static const struct {
		const char *condition;
		bool holds;
	} rows[] = {
		{"", true},
		{"driver", true},
		{"!driver", false},
		{"?driver", false},
		{"empty", false},
		{"!empty", true},
		{"nobody", false},
		{"!nobody", true},
		{"?nobody", false},
		{"lost", false},
		{"!lost", false},
		{"?lost", true},
		{"driver=mlx4_core", true},
		{"driver=mlx4", false},
		{"driver=vfio-pci|mlx4_core", true},
		{"driver=vfio-pci|mlx4", false},
		{"driver!=vfio-pci", true},
		{"driver!=mlx4_core|vfio-pci", false},
		{"empty!=x", false},
		{"lost!=x", false},
		{"lost=x", false},
		{"fw<2.9.8350", true},
		{"fw>2.9.8350", false},
		{"fw<2.9.1000", false},
		{"fw<2.10.720", true},
		{"fw>2.9", true},
		{"speed<other", true},
		{"speed>other", false},
		{"speed<nobody", false},
		{"speed>nobody", false},
		{"empty<5", false},
		{"driver fw<2.10 !empty ?lost", true},
		{"driver fw<2.10 empty", false},
		{"  driver   fw ", true},
		{"port.state=INIT", true},
		{LONG, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		is_int(fact_holds(f, rows[i].condition, 2), rows[i].holds, "\"%s\"",
		       rows[i].condition);
	ok(!fact_holds(f, "port.state=INIT", 1), "a port's fact is not the other port's");
	ok(!fact_holds(f, "port.state", 0), "nor the card's");
}

static void text(const struct facts *f, const char *from, const char *to, const char *what)
{
	char *got = fact_text(f, from, 2);

	is_str(got, to, "%s", what);
	free(got);
}

static void texts(const struct facts *f)
{
	text(f, "{driver} {nobody}({port.state}){empty}", "mlx4_core (INIT)",
	     "a text is filled in");
	text(f, "not read: {?lost}", "not read: /sys/lost: Permission denied",
	     "and says what could not be read");
	text(f, "", "", "nothing stays nothing");
	text(f, "{driver", "mlx4_core", "a brace that is never closed ends with the text");
	text(f, "cat {long}", "cat " LONG, "a long path is whole");
	is_str(fact_find(f, "long", 0)->source, LONG, "as a source, too");
}

/* What every rule of the table is made of. */
static void table(void)
{
	for (size_t i = 0; i < host_rule_count; i++) {
		const char *term = host_rules[i].when;
		size_t len, longest = 0;

		for (; *term; term += len) {
			term += strspn(term, " ");
			len = strcspn(term, " ");
			longest = len > longest ? len : longest;
		}
		ok(longest < 80, "%s: its terms are none too long", host_rules[i].name);
	}
}

int main(void)
{
	struct facts f = {0};

	fact_set(&f, "driver", "/sys/driver", "%s", "mlx4_core");
	fact_set(&f, "driver", "/sys/other", "%s", "vfio-pci");
	fact_flag(&f, "empty", "/sys/empty", false);
	fact_missing(&f, "lost", "/sys/lost", -EACCES);
	fact_set(&f, "fw", "/sys/fw", "2.9.1000");
	fact_set(&f, "speed", "/sys/speed", "16000");
	fact_set(&f, "other", "/sys/other", "32000");
	fact_set(&f, "port2.state", "/sys/state", "INIT");
	is_str(fact_value(&f, "driver", 0), "mlx4_core", "the first time counts");
	is_str(fact_find(&f, "driver", 0)->source, "/sys/driver", "with its source");
	is_str(fact_value(&f, "lost", 0), "", "what could not be read has no value");
	fact_set(&f, "long", LONG, "%s", LONG);
	conditions(&f);
	texts(&f);
	table();
	ok(version_order("2.9.1000", "2.10.0720") < 0, "versions go by number, not by letter");
	ok(!version_order("2.10.0720", "2.10.720"), "whatever zeros are before it");
	facts_free(&f);
	ok(!f.count && !f.list, "facts are given back");
	return tap_done();
}
