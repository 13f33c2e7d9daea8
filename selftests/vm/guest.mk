# SPDX-License-Identifier: GPL-2.0-only
#
# The guest: a kernel and its initramfs in build/guest/$(GUEST_KVER). The initramfs comes in parts, so that an edit
# costs little; boot adds a last part for each run.

VM := selftests/vm
# The kernel whose headers are installed; install-deps fetched its image.
GUEST_KVER ?= $(shell dpkg-query -W -f='$${Depends}' linux-headers-cloud-amd64 2>/dev/null | \
		sed -n 's/^linux-headers-\([^ ,]*\).*/\1/p')
GUEST := $(B)/guest/$(GUEST_KVER)
# The root with its compiler, for a kernel of a later release
ROOT := $(patsubst %/kver,%,$(shell grep -lx '$(GUEST_KVER)' $(B)/cache/root-*/kver 2>/dev/null))
GUEST_DEB := $(wildcard $(B)/cache/kernel*/linux-image-$(GUEST_KVER)_*.deb \
	$(addsuffix /image/linux-*.deb,$(ROOT)))
KSELFTEST_DIR ?= $(B)/kselftest
OLD_MSTFLINT := $(B)/guest/mstflint-4.16

.PHONY: deps
deps:
	@$(VM)/install-deps $(B)

# Everything a guest needs; then $(VM)/boot works.
.PHONY: guest
guest: $(GUEST)/vmlinux $(GUEST)/base.cpio $(GUEST)/module.cpio $(GUEST)/tool.cpio $(GUEST)/mlx4/mlx4.cpio $(B)/cxcard

# QEMU starts an uncompressed kernel by its PVH entry, a second sooner than it boots the file Debian ships.
$(GUEST)/vmlinux: $(VM)/unpack-kernel $(GUEST_DEB)
	$(VM)/unpack-kernel $(GUEST) $(GUEST_DEB)

# Debian 11's mstflint with its own libcrypto beside it; an empty folder where it could not be had.
$(OLD_MSTFLINT): $(wildcard $(B)/cache/mstflint-4.16/complete)
	rm -rf $@ $@.deb
	mkdir -p $@ $@.deb
	for deb in $(B)/cache/mstflint-4.16/*.deb; do [ ! -e $$deb ] || dpkg-deb -x $$deb $@.deb || exit 1; done
	[ -z "$^" ] || install -D -t $@/bin $@.deb/usr/bin/mstflint $@.deb/usr/bin/mstmcra
	[ -z "$^" ] || install -D -t $@/lib $@.deb/usr/lib/*/libcrypto.so.1.1
	rm -rf $@.deb
$(GUEST)/base.cpio: $(VM)/pack $(OLD_MSTFLINT) $(VM)/guest/init $(VM)/guest/card $(VM)/guest/mstflint-4.16 | $(GUEST)/vmlinux
	LD_LIBRARY_PATH=$(abspath $(OLD_MSTFLINT))/lib $(VM)/pack $@ \
		/bin/busybox:/bin/busybox /usr/bin/flock:/usr/bin/flock \
		/usr/bin/mstflint:/usr/bin/mstflint /usr/bin/mstmcra:/usr/bin/mstmcra \
		$(OLD_MSTFLINT):/opt/mstflint-4.16 $(VM)/guest/mstflint-4.16:/usr/bin/mstflint-4.16 \
		$(VM)/guest/init:/init $(VM)/guest/card:/usr/bin/card

GUEST_IMAGE_MODULES := $(GUEST)/image/lib/modules/$(GUEST_KVER)
GUEST_MODULES := $(GUEST)/modules/lib/modules/$(GUEST_KVER)
MLX4 := kernel/drivers/net/ethernet/mellanox/mlx4

# The guest's module is what a user gets: out of the package, built and signed by DKMS. Only the places are others. For a
# kernel of a later release it is built there.
DKMS_DEB := $(B)/dkms/deb/cxflash-dkms_$(VERSION)_all.deb
DKMS_TREE := $(B)/dkms/$(GUEST_KVER)
DKMS_SIGNING := sign_file=$(call kdir,$(GUEST_KVER))/scripts/sign-file \
	mok_signing_key=$(abspath $(B))/dkms/mok.key mok_certificate=$(abspath $(B))/dkms/mok.pub

$(DKMS_DEB): Kbuild dkms.conf $(wildcard packaging/debian/* kmod/* include/uapi/linux/*)
	$(MAKE) deb DEB=$(B)/dkms/deb DEB_KINDS=all
$(GUEST)/module.cpio: $(DKMS_DEB) $(VM)/pack $(GUEST)/vmlinux
	rm -rf $(GUEST)/modules $(DKMS_TREE)
	mkdir -p $(GUEST_MODULES) $(DKMS_TREE)/tree
	dpkg-deb -x $(DKMS_DEB) $(DKMS_TREE)
	$(if $(ROOT),$(VM)/build-in $(ROOT) $(DKMS_TREE)/usr/src/cxflash-$(VERSION) $(GUEST_MODULES)/updates,\
	env -u MAKEFLAGS $(DKMS_SIGNING) KCFLAGS=$(WERROR) dkms install cxflash/$(VERSION) -k $(GUEST_KVER) --no-depmod \
		--kernelsourcedir $(call kdir,$(GUEST_KVER)) --dkmstree $(abspath $(DKMS_TREE))/tree \
		--sourcetree $(abspath $(DKMS_TREE))/usr/src --installtree $(abspath $(GUEST))/modules/lib/modules || \
		{ cat $(DKMS_TREE)/tree/cxflash/$(VERSION)/build/make.log; false; })
	install -D -m 644 -t $(GUEST_MODULES)/$(MLX4) $(GUEST_IMAGE_MODULES)/$(MLX4)/mlx4_core.ko*
	install -D -m 644 -t $(GUEST_MODULES)/kernel/drivers/net $(GUEST_IMAGE_MODULES)/kernel/drivers/net/nlmon.ko*
	cp $(GUEST_IMAGE_MODULES)/modules.order $(GUEST_IMAGE_MODULES)/modules.builtin* $(GUEST_MODULES)
	depmod -b $(GUEST)/modules $(GUEST_KVER)
	$(VM)/pack $@ $(GUEST)/modules:/

# The kernel's own driver of the cards with all that hangs on it, for those tests that boot with --mlx4; packed modules
# are unpacked, as busybox cannot. Not every kernel has each.
MLX4_MODULES := drivers/net/ethernet/mellanox/mlx4/mlx4_core drivers/net/ethernet/mellanox/mlx4/mlx4_en \
	drivers/infiniband/hw/mlx4/mlx4_ib drivers/infiniband/core/ib_core drivers/infiniband/core/ib_cm \
	drivers/infiniband/core/iw_cm drivers/infiniband/core/ib_uverbs drivers/infiniband/core/ib_uverbs_support \
	drivers/infiniband/core/ib_umad drivers/infiniband/core/rdma_cm net/sunrpc/sunrpc net/sunrpc/xprtrdma/rpcrdma \
	drivers/net/bonding/bonding net/tls/tls net/bridge/bridge net/802/stp net/llc/llc
$(GUEST)/mlx4/mlx4.cpio: $(GUEST)/module.cpio $(VM)/guest.mk
	rm -rf $(GUEST)/mlx4
	mkdir -p $(GUEST)/mlx4/root
	cp -a $(GUEST)/modules/. $(GUEST)/mlx4/root
	rm -f $(GUEST)/mlx4/root/lib/modules/$(GUEST_KVER)/$(MLX4)/*
	for m in $(MLX4_MODULES); do \
		for f in $(GUEST_IMAGE_MODULES)/kernel/$$m.ko*; do [ ! -e $$f ] || \
			install -D -m 644 -t $(GUEST)/mlx4/root/lib/modules/$(GUEST_KVER)/kernel/$${m%/*} $$f || exit 1; done; done
	find $(GUEST)/mlx4/root -name '*.ko.xz' -exec unxz -f {} +
	depmod -b $(GUEST)/mlx4/root $(GUEST_KVER)
	$(VM)/pack $@ $(GUEST)/mlx4/root:/ /usr/sbin/ethtool:/usr/sbin/ethtool /usr/sbin/devlink:/usr/sbin/devlink \
		/usr/sbin/ip:/usr/sbin/ip

$(GUEST)/tool.cpio: $(B)/cxflashctl $(VM)/pack | $(GUEST)/vmlinux
	$(VM)/pack $@ $(B)/cxflashctl:/usr/sbin/cxflashctl
