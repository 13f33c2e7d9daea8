# SPDX-License-Identifier: GPL-2.0-only
#
#	make bench	cxflashctl counted against mstflint and against what the flash allows: build/bench/results

$(B)/floor: $(B)/bench/floor.o
	$(LINK) -o $@ $^

.PHONY: bench
bench: deps
	@$(MAKE) -s -j$(JOBS) all guest $(B)/mkimage $(B)/floor
	@B=$(B) KVER=$(GUEST_KVER) bench/run
