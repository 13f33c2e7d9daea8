# SPDX-License-Identifier: GPL-2.0-only
#
# What a rollout over many hosts takes of the controller, with a picture, as root: make bench-fleet
# (half an hour on one processor)

.PHONY: bench-fleet
bench-fleet: deps
	@$(MAKE) -s -j$(JOBS) all $(B)/mkimage
	bench/fleet-scale $(B) $(B)/fleet.json $(B)/fleet.svg 10 50 200
