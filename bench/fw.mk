# SPDX-License-Identifier: GPL-2.0-only
#
# Speed and memory of the offline commands, as a table: make bench-fw

$(B)/fw-measure: bench/fw-measure.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $<

.PHONY: bench-fw
bench-fw: $(B)/cxflashctl $(B)/mkimage $(B)/fw-measure
	bench/fw-speed $(B)

# How much of a map is learnt from how many boards, with a picture: make bench-map
.PHONY: bench-map
bench-map: $(B)/cxflashctl $(B)/mkimage
	bench/map-recall $(B) 8 $(B)/map-recall.svg
