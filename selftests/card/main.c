// SPDX-License-Identifier: GPL-2.0-only
/*
 * cxcard: ConnectX-2 and ConnectX-3 cards for stock QEMU 7.2.
 *
 *	cxcard [-s STATS.json] [-c CONTROL.sock] [-t TRACE] [-l LOG] [--cpu N|none]
 *	       --card SPEC [--card SPEC]... -- qemu-system-x86_64 ARGS...
 *
 * Each card is given to QEMU as `-device x-pci-proxy-dev,id=cardN,fd=N' (appended to ARGS), and its
 * registers and its flash live here until QEMU ends. The exit status is QEMU's; 64 is a wrong
 *command line, 125 a failure of cxcard itself, 127 a QEMU that cannot be started. A trapped access
 *costs 20 us when both run on one CPU and several times that when not, so both are pinned to one.
 *
 * SPEC and the knobs are listed by `cxcard --help', parsed in spec.c and fault.c.
 *
 * CONTROL.sock is listened on before QEMU starts, so that a guest serial port can be wired to it
 * (`-chardev socket,id=ctl,path=CONTROL.sock -device isa-serial,chardev=ctl' or `-serial
 * unix:CONTROL.sock'). One line in, one line out:
 *
 *	power-cycle N [cold]	the boot ROM runs; `cold' forgets the BARs too
 *	reset N			somebody resets the chip (the boot address counts)
 *	booted N		which slot started, with which version, or why none did
 *	fault N KNOB=VALUE...	or `fault N none'
 *	flash-sha N [ADDR LEN]	SHA-256 of the flash
 *	stats N, reset-stats N	the counters, as in STATS.json
 *	load N FILE		the flash becomes a file of the host, for the next power-cycle
 *	save N FILE		and the other way round
 *	mark N TEXT		a line in LOG (log.c)
 *	port N PORT [down|init|armed|active|up] [rate=GBITS] [lid=LID] [sm=LID] [sense=0..3]
 *				the link of a port, and what it senses (none, InfiniBand, Ethernet)
 *	go N			what hold-at or hold-command-at has stopped goes on
 *	count N COUNTER		accesses, commands, operations, hcr, holds or resets, since
 *				reset-stats
 *	wait N COUNTER VALUE	answered when the counter has reached VALUE
 *
 * In the guest the line must not echo: `stty -F /dev/ttyS1 raw -echo'.
 */
#define _GNU_SOURCE
#include "card.h"

#include <getopt.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void help(void)
{
	puts("usage: cxcard [-s STATS.json] [-c CONTROL.sock] [-t TRACE] [-l LOG] [--cpu N|none]\n"
	     "              --card SPEC [--card SPEC]... -- qemu-system-x86_64 ARGS...\n"
	     "\n"
	     "Serves modelled ConnectX cards to QEMU 7.2 (x-pci-proxy-dev) until QEMU ends.\n"
	     "  -s FILE   write the counters there, as JSON, at the end\n"
	     "  -c SOCK   listen there for control lines: power-cycle N [cold], reset N, booted "
	     "N,\n"
	     "            fault N KNOB=VALUE..., fault N none, flash-sha N [ADDR LEN], stats N,\n"
	     "            reset-stats N, load N FILE, save N FILE, mark N TEXT, port N PORT "
	     "STATE...,\n"
	     "            go N, count N COUNTER, wait N COUNTER VALUE; each is answered by one "
	     "line, `ok ...' or "
	     "`error ...'\n"
	     "  -t FILE   write every register access and flash operation there\n"
	     "  -l FILE   write a line for each command of the flash there, with what it cost\n"
	     "  --cpu N   the CPU that QEMU and cxcard share (default: the last one allowed)\n"
	     "Exit status: QEMU's; 64 wrong command line, 125 cxcard failed, 127 no such QEMU.\n");
	fputs(spec_help, stdout);
	puts("\nKnobs, also for the control channel:");
	fault_help(stdout);
	puts("\nParts:");
	part_help(stdout);
}

static int last_cpu(void)
{
	cpu_set_t set;
	int cpu = -1;

	if (sched_getaffinity(0, sizeof(set), &set))
		return -1;
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			cpu = i;
	return cpu;
}

static bool parse_cpu(const char *text, int *cpu)
{
	char *end;
	long n = strtol(text, &end, 10);

	*cpu = strcmp(text, "none") ? (int)n : -1;
	return !strcmp(text, "none") || (end != text && !*end && n >= 0 && n < CPU_SETSIZE);
}

static int add_card(struct run *r, const char *spec)
{
	char err[300];

	if (r->ncards == MAX_CARDS) {
		fprintf(stderr, "cxcard: at most %d cards\n", MAX_CARDS);
		return -1;
	}
	if (card_create(&r->cards[r->ncards], r->ncards, spec, err, sizeof(err))) {
		fprintf(stderr, "cxcard: --card %s: %s\n", spec, err);
		return -1;
	}
	r->ncards++;
	return 0;
}

/* Returns -1 to go on, else the exit status. */
static int options(struct run *r, int argc, char **argv)
{
	static const struct option longs[] = {
		{"card", required_argument, NULL, 'C'},
		{"cpu", required_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "+s:c:t:l:h", longs, NULL)) != -1) {
		if (opt == 'h') {
			help();
			return 0;
		} else if (opt == 's') {
			r->stats = optarg;
		} else if (opt == 'c') {
			r->control = optarg;
		} else if (opt == 't') {
			r->trace = optarg;
		} else if (opt == 'l') {
			r->log = optarg;
		} else if (opt == 'C') {
			if (add_card(r, optarg))
				return EXIT_USAGE;
		} else if (opt != 'p' || !parse_cpu(optarg, &r->cpu)) {
			fprintf(stderr, "cxcard: see cxcard --help\n");
			return EXIT_USAGE;
		}
	}
	if (!r->ncards || optind == argc) {
		fprintf(stderr, "cxcard: %s is missing, see cxcard --help\n",
			r->ncards ? "QEMU's command line" : "--card");
		return EXIT_USAGE;
	}
	r->command = argv + optind;
	return -1;
}

int main(int argc, char **argv)
{
	static struct run r;
	int ret;

	r.cpu = last_cpu();
	ret = options(&r, argc, argv);
	if (ret < 0)
		ret = run(&r);
	for (unsigned int i = 0; i < r.ncards; i++)
		card_destroy(&r.cards[i]);
	return ret;
}
