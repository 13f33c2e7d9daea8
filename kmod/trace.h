/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events: each command of the SPI gateway, and what becomes of the flash semaphore. What they
 * show can be laid beside a register trace of another program.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cxflash

#if !defined(CXFLASH_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define CXFLASH_TRACE_H

#include <linux/pci.h>
#include <linux/tracepoint.h>

#define TRACE_CARD_SIZE 20 /* of a PCI address as text */

#ifndef CXFLASH_HOLD_EVENTS
#define CXFLASH_HOLD_EVENTS
enum cxflash_hold_event { HOLD_TAKEN, HOLD_REFUSED, HOLD_RELEASED, HOLD_LOST };
#endif

TRACE_DEFINE_ENUM(HOLD_TAKEN);
TRACE_DEFINE_ENUM(HOLD_REFUSED);
TRACE_DEFINE_ENUM(HOLD_RELEASED);
TRACE_DEFINE_ENUM(HOLD_LOST);

/* Macros that look like declarations */
/* clang-format off */

/* data is the first word, read or written; 0 if there is no data phase. */
TRACE_EVENT(cxflash_gateway,
	    TP_PROTO(struct pci_dev *pdev, u32 command, u32 address, u32 data, u64 ns, int result),
	    TP_ARGS(pdev, command, address, data, ns, result),
	    TP_STRUCT__entry(__array(char, card, TRACE_CARD_SIZE)
			     __field(u32, command)
			     __field(u32, address)
			     __field(u32, data)
			     __field(u64, ns)
			     __field(int, result)),
	    TP_fast_assign(strscpy(__entry->card, pci_name(pdev), TRACE_CARD_SIZE);
			   __entry->command = command;
			   __entry->address = address;
			   __entry->data = data;
			   __entry->ns = ns;
			   __entry->result = result;),
	    TP_printk("%s command=%08x address=%06x data=%08x ns=%llu result=%d", __entry->card,
		      __entry->command, __entry->address, __entry->data, __entry->ns,
		      __entry->result));

TRACE_EVENT(cxflash_hold,
	    TP_PROTO(struct pci_dev *pdev, u32 semaphore, enum cxflash_hold_event event),
	    TP_ARGS(pdev, semaphore, event),
	    TP_STRUCT__entry(__array(char, card, TRACE_CARD_SIZE)
			     __field(u32, semaphore)
			     __field(int, event)),
	    TP_fast_assign(strscpy(__entry->card, pci_name(pdev), TRACE_CARD_SIZE);
			   __entry->semaphore = semaphore;
			   __entry->event = event;),
	    TP_printk("%s semaphore=%05x %s", __entry->card, __entry->semaphore,
		      __print_symbolic(__entry->event, { HOLD_TAKEN, "taken" },
				       { HOLD_REFUSED, "refused" }, { HOLD_RELEASED, "released" },
				       { HOLD_LOST, "lost" })));
/* clang-format on */

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
