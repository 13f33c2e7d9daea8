# SPDX-License-Identifier: GPL-2.0-only
#
# Speed and memory of the offline commands, as a table: make bench-fw

$(B)/fw-measure: bench/fw-measure.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $<

.PHONY: bench-fw
bench-fw: $(B)/cxflashctl $(B)/mkimage $(B)/fw-measure
	bench/fw-speed $(B)
