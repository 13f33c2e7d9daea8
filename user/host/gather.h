/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a machine's files to facts. Each function reads one part of the machine; what the facts of
 * that part are called is said at its head. None of them judges.
 */
#ifndef CXFLASH_HOST_GATHER_H
#define CXFLASH_HOST_GATHER_H

#include <limits.h>

#include "dev/machine.h"
#include "fw/board/boards.h"
#include "facts.h"

struct gather {
	const struct cx_machine *m;
	struct facts *f;
	const struct fw_boards *boards; /* NULL: none */
	char card[16];			/* "0000:04:00.0" */
	char kernel[80];		/* its release */
	bool debian_like, ubuntu;
};

/* kernel, os.*, vm, container, lockdown, secureboot, rdma_core, opensm* */
void gather_system(struct gather *g);
/* For each module asked for: M.file, M.loaded; cifs.rdma, ksmbd.rdma; M.blacklist, and M.unban, a
 * command, for the drivers */
void gather_modules(struct gather *g);
/* card*, driver*, memory*, iommu, vfs*, mlx4.loaded */
void gather_card(struct gather *g);
/* pcie.* */
void gather_pcie(struct gather *g);
/* ib*, fw, frwr, guid, identity, rate.*, ports, portN.* */
void gather_rdma(struct gather *g);
/* log, log.state, log.meaning, log.next */
void gather_log(struct gather *g);
/* nfs.*, smb.*, samba, ksmbd.*, iser.*, srp.*, nvme.* */
void gather_services(struct gather *g);

/* ---- for those ---- */

/* Path of file @what of the card. */
const char *card_path(const struct gather *g, const char *what, char *path);
/* The first line of a file as a fact; a file that is not there is "", one that cannot be read is
 * not known. False: no value. */
bool gather_line(struct gather *g, const char *key, const char *path);

#endif
