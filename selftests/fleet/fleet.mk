# SPDX-License-Identifier: GPL-2.0-only
#
#	make fleet-demo	a rollout over ten hosts of the collection's example inventory, by ssh

.PHONY: fleet-demo
fleet-demo: deps
	@$(MAKE) -s -j$(JOBS) all $(B)/mkimage
	@B=$(B) selftests/fleet/demo
