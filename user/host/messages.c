// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages of mlx4_core, mlx4_en and the IOMMU. The first that fits a line explains it, so the more
 * special comes first. HOST_PASS: known to be harmless.
 */
#include "messages.h"

#define LOOK_AT_FIRMWARE "cxflashctl query -d {card}"
#define POWER_OFF	 "# power the machine off and on"

/* clang-format off */
const struct host_message host_messages[] = {
{"UAR pages (need more than", HOST_FAIL,
 "BAR2 is too small: with 64 KiB pages the driver wants enable_4k_uar=1, else the ini a larger"
 " log2_uar_bar_megabytes",
 "echo options mlx4_core enable_4k_uar=1 >/etc/modprobe.d/cxflash-uar.conf   # on 64 KiB pages"},
{"Missing UAR, aborting", HOST_FAIL, "BAR2 got no memory",
 "# BIOS: switch on Above 4G Decoding, or use another slot"},
{"Missing DCS, aborting", HOST_FAIL, "BAR0 got no memory",
 "# BIOS: switch on Above 4G Decoding, or use another slot"},
{"bigger than PCI resource 2 size", HOST_FAIL,
 "the firmware wants a larger BAR2 than it had at the start: burnt, and not started anew",
 POWER_OFF},
{"Cannot enable PCI device", HOST_FAIL,
 "the function could not be switched on: a BAR without address",
 "# BIOS: switch on Above 4G Decoding, or use another slot"},
{"Couldn't get PCI resources", HOST_FAIL, "somebody else has its memory", "cxflashctl list"},
{"Failed to obtain HW semaphore", HOST_FAIL, "the flash semaphore was held for over 10 s",
 "cxflashctl semaphore show -d {card}"},
{"did not come back after reset", HOST_FAIL, "the card hangs", POWER_OFF},
{"Failed to reset HCA", HOST_FAIL, "the card hangs, or runs no firmware", LOOK_AT_FIRMWARE},
{"Failed to init fw", HOST_FAIL, "the firmware does not run", LOOK_AT_FIRMWARE},
{"QUERY_FW command failed", HOST_FAIL, "the firmware does not run", LOOK_AT_FIRMWARE},
{"Multiple PFs not yet supported", HOST_FAIL,
 "the word that says who owns the card was taken: by a driver that was killed, or read by a tool",
 POWER_OFF},
{"unsupported command interface revision", HOST_FAIL,
 "the firmware is older than the driver accepts",
 LOOK_AT_FIRMWARE},
{"NOP command failed to generate MSI-X interrupt", HOST_WARN,
 "MSI-X interrupts do not arrive, and the driver tries one that is shared, which is slow",
 "# another slot; in a guest: look at the host's interrupt remapping"},
{"NOP command failed to generate interrupt", HOST_FAIL,
 "interrupts do not arrive: BIOS, or the way the card is passed to a guest",
 "# another slot; in a guest: look at the host's interrupt remapping"},
{"won't fit in", HOST_FAIL, "the driver's profile wants more than the firmware has room for",
 "cat /etc/modprobe.d/*   # options of mlx4_core that start with log_num"},
{"Failed to initialize memory region table", HOST_FAIL,
 "more memory than the table covers: seen above 2 TB",
 "echo options mlx4_core log_mtts_per_seg=3 >/etc/modprobe.d/cxflash-mtts.conf"},
{"Internal error detected", HOST_FAIL, "the firmware died, and the driver resets the card",
 LOOK_AT_FIRMWARE},
{"timed out (go bit not cleared)", HOST_FAIL, "the firmware hung, and the driver resets the card",
 LOOK_AT_FIRMWARE},
{"command 0x5a failed: fw status = 0x2", HOST_PASS, "the firmware cannot be given a name", ""},
{"command 0xc failed: fw status = 0x40", HOST_PASS, "an older form of a command", ""},
{"fw status = 0xb", HOST_FAIL, "the firmware in the flash is damaged",
 "cxflashctl verify -d {card}"},
{"command 0x43 failed", HOST_WARN, "a port could not be asked (QUERY_PORT)", LOOK_AT_FIRMWARE},
{"command 0x4d failed", HOST_WARN, "the type of a port could not be sensed (SENSE_PORT)",
 "cxflashctl port show -d {card}"},
{"command 0x24 failed", HOST_WARN, "a management packet was refused (MAD_IFC)", LOOK_AT_FIRMWARE},
{"command 0x3 failed", HOST_FAIL, "the firmware does not say what it can (QUERY_DEV_CAP)",
 LOOK_AT_FIRMWARE},
{"command 0x4 failed", HOST_FAIL, "the firmware does not run (QUERY_FW)", LOOK_AT_FIRMWARE},
{"command 0x7 failed", HOST_FAIL, "the firmware refuses to start (INIT_HCA)", LOOK_AT_FIRMWARE},
{" failed: fw status = ", HOST_WARN, "the firmware refused a command", LOOK_AT_FIRMWARE},
{"Sense command failed for port", HOST_WARN,
 "the firmware cannot sense a cable's type, and the driver asks every three seconds",
 "cxflashctl port show -d {card}   # port set pins the type"},
{"SMP firewall activated", HOST_WARN, "secure host: subnet tools are limited", ""},
{"Old device ETS support detected", HOST_WARN, "old firmware: fewer traffic classes",
 LOOK_AT_FIRMWARE},
{"LSO not supported", HOST_WARN, "old firmware: the processor cuts large packets",
 LOOK_AT_FIRMWARE},
{"Failed to set port", HOST_FAIL, "a port type was refused; no port has an interface now",
 "cxflashctl port show -d {card}"},
{"can only take 2 arguments", HOST_FAIL,
 "port_type_array has more than two values, or those of another driver; mlx4_core does not load",
 "grep -r port_type_array /etc/modprobe.d"},
{"DMAR: [DMA", HOST_FAIL, "the IOMMU stopped a transfer of the card", "# kernel option iommu=pt"},
{"IO_PAGE_FAULT", HOST_FAIL, "the IOMMU stopped a transfer of the card",
 "# kernel option iommu=pt"},
};
/* clang-format on */

const size_t host_message_count = sizeof(host_messages) / sizeof(host_messages[0]);
