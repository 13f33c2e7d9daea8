/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of each file here, ended by a row without a name; main.c collects them. */
#ifndef CXFLASH_CMD_COMMANDS_H
#define CXFLASH_CMD_COMMANDS_H

#include "cli/cli.h"

extern const struct command attach_commands[];
extern const struct command backup_commands[];
extern const struct command boards_commands[];
extern const struct command build_commands[];
extern const struct command burn_commands[];
extern const struct command check_commands[];
extern const struct command cr_commands[];
extern const struct command id_commands[];
extern const struct command image_commands[];
extern const struct command image_config_commands[];
extern const struct command image_diff_commands[];
extern const struct command image_list_commands[];
extern const struct command ini_commands[];
extern const struct command ini_merge_commands[];
extern const struct command list_commands[];
extern const struct command map_learn_commands[];
extern const struct command map_prove_commands[];
extern const struct command map_show_commands[];
extern const struct command mlx_commands[];
extern const struct command monitor_commands[];
extern const struct command port_commands[];
extern const struct command query_commands[];
extern const struct command read_commands[];
extern const struct command report_commands[];
extern const struct command restore_commands[];
extern const struct command rom_commands[];
extern const struct command semaphore_commands[];
extern const struct command verify_commands[];

/* What people do at one time, and what --help shows together; ended by one without a title. */
struct command_group {
	const char *title;
	const struct command *files[12]; /* ended by NULL */
};

#define for_each_command(c, groups)                                                       \
	for (const struct command_group *group_ = (groups); group_->title; group_++)      \
		for (const struct command *const *file_ = group_->files; *file_; file_++) \
			for (const struct command *c = *file_; c->name; c++)

#endif
