# SPDX-License-Identifier: GPL-2.0-only
#
# The guest: a kernel and two initramfs archives in build/guest/$(GUEST_KVER). boot adds a third one for each run.

VM := selftests/vm
# The kernel whose headers are installed; install-deps fetched its image.
GUEST_KVER ?= $(shell dpkg-query -W -f='$${Depends}' linux-headers-cloud-amd64 2>/dev/null | \
		sed -n 's/^linux-headers-\([^ ,]*\).*/\1/p')
GUEST := $(B)/guest/$(GUEST_KVER)
KSELFTEST_DIR ?= $(B)/kselftest
OLD_MSTFLINT := $(B)/guest/mstflint-4.16

.PHONY: deps
deps:
	@$(VM)/install-deps $(B)

# Everything a guest needs; then $(VM)/boot works.
.PHONY: guest
guest: $(GUEST)/vmlinux $(GUEST)/base.cpio $(GUEST)/cxflash.cpio $(B)/cxcard

# QEMU starts an uncompressed kernel by its PVH entry, a second sooner than it boots the file Debian ships.
$(GUEST)/vmlinux: $(VM)/unpack-kernel
	$(VM)/unpack-kernel $(B)/cache/kernel/linux-image-$(GUEST_KVER)_*.deb $(GUEST)

# What changes only with the packages: busybox and both mstflints; the old one with its own libcrypto beside it.
$(OLD_MSTFLINT): $(wildcard $(B)/cache/mstflint-4.16/*.deb)
	rm -rf $@ $@.deb
	mkdir -p $@/bin $@/lib
	for deb in $^; do dpkg-deb -x $$deb $@.deb; done
	[ ! -d $@.deb ] || cp $@.deb/usr/bin/mstflint $@.deb/usr/bin/mstmcra $@/bin
	[ ! -d $@.deb ] || cp $@.deb/usr/lib/*/libcrypto.so.1.1 $@/lib
	rm -rf $@.deb
$(GUEST)/base.cpio: $(VM)/pack $(OLD_MSTFLINT) | $(GUEST)/vmlinux
	LD_LIBRARY_PATH=$(abspath $(OLD_MSTFLINT))/lib $(VM)/pack $@ \
		/bin/busybox:/bin/busybox /usr/bin/flock:/usr/bin/flock \
		/usr/bin/mstflint:/usr/bin/mstflint /usr/bin/mstmcra:/usr/bin/mstmcra \
		$(OLD_MSTFLINT):/opt/mstflint-4.16

# What changes with every edit: the module, the tool, the guest's scripts, the tests.
GUEST_KO := $(B)/kmod-$(GUEST_KVER)/kmod/cxflash.ko
GUEST_MODULES := $(GUEST)/modules/lib/modules/$(GUEST_KVER)
$(GUEST_KO): Kbuild $(wildcard kmod/* include/uapi/linux/*)
	$(MAKE) modules KVER=$(GUEST_KVER)
$(GUEST_MODULES)/modules.dep: $(GUEST_KO) | $(GUEST)/vmlinux
	rm -rf $(GUEST)/modules
	install -D -m 644 -t $(@D)/updates/dkms $(GUEST_KO)
	install -D -m 644 -t $(@D)/kernel/drivers/net/ethernet/mellanox/mlx4 \
		$(GUEST)/image/lib/modules/$(GUEST_KVER)/kernel/drivers/net/ethernet/mellanox/mlx4/mlx4_core.ko
	cp $(GUEST)/image/lib/modules/$(GUEST_KVER)/modules.order $(GUEST)/image/lib/modules/$(GUEST_KVER)/modules.builtin* $(@D)
	depmod -b $(GUEST)/modules $(GUEST_KVER)
$(GUEST)/cxflash.cpio: $(VM)/pack $(GUEST_MODULES)/modules.dep $(B)/cxflashctl $(wildcard $(VM)/guest/*)
	$(VM)/pack $@ $(GUEST)/modules:/ $(B)/cxflashctl:/usr/sbin/cxflashctl \
		$(VM)/guest/init:/init $(VM)/guest/card:/usr/bin/card \
		$(VM)/guest/mstflint-4.16:/usr/bin/mstflint-4.16
