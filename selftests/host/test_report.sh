#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# cxflashctl report on made-up machines.
PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 "$(dirname "$0")/report.py"
