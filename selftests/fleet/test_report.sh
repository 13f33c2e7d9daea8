#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The report's page, in a browser. With SHOTS=DIR its pictures stay there, to be looked at.

. "$(dirname "$0")/fleet.sh"
cd "$tap_tmp" || exit 1
install_collection >install.log 2>&1 || { sed 's/^/# /' install.log; exit 1; }
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$tap_tmp/collections HOME=$tap_tmp SE_OFFLINE=true \
	/usr/bin/python3 "$here/page.py" "$collection" "${SHOTS:-$tap_tmp}"
