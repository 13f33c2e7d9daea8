# SPDX-License-Identifier: GPL-2.0-only
# Tests that run in a guest: build/device/test_*, and run, which runs them all.

DEVICE := selftests/device
DEVICE_TESTS := $(patsubst $(DEVICE)/%.c,$(B)/device/%,$(wildcard $(DEVICE)/test_*.c))
DEVICE_LIB := $(patsubst %.c,$(B)/%.o,$(filter-out $(wildcard $(DEVICE)/test_*.c),$(wildcard $(DEVICE)/*.c)))

$(B)/device/%: $(DEVICE)/%.c $(DEVICE_LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -isystem $(KSELFTEST_DIR) -I$(B)/$(DEVICE) -MF $(B)/$(DEVICE)/$*.d $(LDFLAGS) -o $@ $< $(DEVICE_LIB) -lmnl

# What the YAML says of the operations, for test_abi.
$(B)/$(DEVICE)/policy.h: $(DEVICE)/policy include/uapi/cxflash.yaml
	@mkdir -p $(@D)
	$(DEVICE)/policy include/uapi/cxflash.yaml >$@.new && mv $@.new $@
$(B)/device/test_abi: $(B)/$(DEVICE)/policy.h

# The parts of the kernel's spi-nor, for test_parts.
$(B)/$(DEVICE)/spi-nor.h: $(DEVICE)/spi-nor
	@mkdir -p $(@D)
	$(DEVICE)/spi-nor $(B)/cache/linux-6.12/drivers/mtd/spi-nor >$@.new && mv $@.new $@
$(B)/device/test_parts: $(B)/$(DEVICE)/spi-nor.h

$(B)/device/run: $(DEVICE)/run
	@mkdir -p $(@D)
	cp $< $@


# The stand-in owner of a card, for the guest's kernel. Executable like all that goes into a guest from here.
OWNER := $(B)/owner-$(GUEST_KVER)
$(B)/device/cxowner-$(GUEST_KVER).ko: $(wildcard $(DEVICE)/owner/*)
	@mkdir -p $(OWNER) $(@D)
	cp $^ $(OWNER)/
	$(if $(ROOT),$(VM)/build-in $(ROOT) $(OWNER) $(OWNER),\
	$(MAKE) -C $(call kdir,$(GUEST_KVER)) M=$(abspath $(OWNER)) W=1 KCFLAGS=-Werror modules)
	install -m 755 $(OWNER)/cxowner.ko $@

.SECONDARY: $(DEVICE_LIB)
.PHONY: device-tests
device-tests: $(DEVICE_TESTS) $(B)/device/run $(B)/device/cxowner-$(GUEST_KVER).ko
