# SPDX-License-Identifier: GPL-2.0-only
#
#	make		the tool: build/cxflashctl
#	make modules	the kernel module for $(KVER): build/kmod-$(KVER)/kmod/cxflash.ko
#	make collection	the Ansible collection as ansible-galaxy installs it, in build/
#	make test	what needs no root, no network and no virtual machine, in three minutes: for packages and ports
#	make lint	what programs find that read sources
#	make check	every test that fits half an hour
#	make check-full	the exhaustive tests, which take hours
#	make check-debug	the device tests on a kernel that looks for mistakes, which is built first
#	make check-kcsan	the same on a kernel that looks for data races
#	make check-kernels	the module for all of Debian's kernels, and the device tests on the newest
#	make bench	counted against mstflint: accesses, erases, modelled time
#	make coverage	how much of user/fw the tests run
#	make bench-fw	speed and memory of the offline commands
#	make bench-map	how much of a parameter map is learnt from how many boards
#	make bench-fleet	what a rollout over 10, 50, 200 hosts takes, as root
#	make demo	an OEM card gets a newer firmware, on a modelled card in a virtual machine
#	make fleet-demo	a policy is rolled out over ten hosts of this machine, by ssh
#
# Everything that is made for user space lands in build/.

VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
B := build

# Taken from the environment: CC, LD, PKG_CONFIG, CPPFLAGS, CFLAGS, LDFLAGS, LDLIBS. A warning ends only "make check";
# somebody who builds this with a compiler of tomorrow is not to be stopped by it.
WERROR ?=
check check-full check-debug check-kcsan check-kernels: export WERROR = -Werror
WARN := -Wall -Wextra -Wshadow -Wformat=2 $(WERROR)
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
ifeq ($(origin LD),default)
LD = $(shell $(CC) -print-prog-name=ld)
endif
# No path of the machine that built it is in the result.
ALL_CFLAGS = -std=gnu11 -ffile-prefix-map=$(CURDIR)=. $(WARN) $(CPPFLAGS) $(CFLAGS) -MMD -MP -Iinclude/uapi \
	-iquote user -DCXFLASH_VERSION='"$(VERSION)"'
LINK = $(CC) $(CFLAGS) $(LDFLAGS)
comma := ,

# The firmware library is pure; the tool adds devices, burning and the command line.
FW_LIBS := -lm -lexpat -lz -llzma -larchive -lmd
NL_CFLAGS = $(shell $(PKG_CONFIG) --cflags libnl-3.0 libnl-genl-3.0 json-c)
TOOL_LIBS = $(shell $(PKG_CONFIG) --libs libnl-3.0 libnl-genl-3.0 json-c) $(FW_LIBS) $(LDLIBS)

FW_SRC := $(wildcard user/fw/*.c user/fw/*/*.c)
TOOL_SRC := $(FW_SRC) $(wildcard user/burn/*.c user/dev/*.c user/cli/*.c user/files/*.c user/card/*.c \
	user/host/*.c user/cmd/*.c)
TOOL_OBJ := $(TOOL_SRC:%.c=$(B)/%.o)
CARD_SRC := $(wildcard selftests/card/*.c)
IMAGE_SRC := $(wildcard selftests/image/*.c)

.PHONY: all VERSION
all: $(B)/cxflashctl
VERSION:
	@echo $(VERSION)

# What everything is compiled with: who asks for other flags gets all of it anew.
FLAGS = $(CC) $(LINK) $(ALL_CFLAGS) $(SAN)
.PHONY: FORCE
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@new=$@.$$$$; printf '%s\n' '$(subst ','\'',$(FLAGS))' >$$new; \
		if cmp -s $$new $@; then rm $$new; else mv $$new $@; fi

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(NL_CFLAGS) -c -o $@ $<

# Data a person can extend without C, built in: user/data/params.tsv becomes the symbols
# _binary_user_data_params_tsv_start and _end.
DATA_OBJ := $(patsubst %.tsv,$(B)/%.o,$(wildcard user/data/*.tsv))
$(B)/user/data/%.o: user/data/%.tsv
	@mkdir -p $(@D)
	$(LD) -r -b binary -z noexecstack -o $@ $<

$(B)/cxflashctl: $(TOOL_OBJ) $(DATA_OBJ)
	$(LINK) -o $@ $^ $(TOOL_LIBS)

# Where things go; each can be given by itself.
PREFIX ?= /usr/local
sbindir ?= $(PREFIX)/sbin
datadir ?= $(PREFIX)/share
mandir ?= $(datadir)/man
bashcompletiondir ?= $(datadir)/bash-completion/completions
zshcompletiondir ?= $(datadir)/zsh/site-functions
fishcompletiondir ?= $(datadir)/fish/vendor_completions.d
unitdir ?= $(PREFIX)/lib/systemd/system

# The manuals as they are installed, with the version at their foot
MAN := $(patsubst user/man/%,$(B)/man/%,$(wildcard user/man/*.[58])) $(B)/man/cxflash.4

# All that is installed beside the tool: $(1) is called with a folder and its files.
define installed
$(call $(1),$(mandir)/man8,$(filter %.8,$(MAN)))
$(call $(1),$(mandir)/man5,$(filter %.5,$(MAN)))
$(call $(1),$(mandir)/man4,$(filter %.4,$(MAN)))
$(call $(1),$(datadir)/cxflash,$(wildcard user/data/*.tsv) include/uapi/cxflash.yaml)
$(call $(1),$(datadir)/cxflash/schema,$(wildcard user/schema/*.json))
$(call $(1),$(bashcompletiondir),user/completion/cxflashctl)
$(call $(1),$(unitdir),$(wildcard packaging/metrics/*.service packaging/metrics/*.timer))
$(call $(1),$(datadir)/cxflash,packaging/metrics/cxflash-alerts.yml)
$(call $(1),$(zshcompletiondir),user/completion/_cxflashctl)
$(call $(1),$(fishcompletiondir),user/completion/cxflashctl.fish)
endef
put = install -D -m 644 -t $(DESTDIR)$(1) $(2)
drop = rm -f $(addprefix $(DESTDIR)$(1)/,$(notdir $(2)))

# What cxflash(4) says of the netlink family is what its description says.
$(B)/man/cxflash.4: user/man/operations.awk include/uapi/cxflash.yaml user/man/cxflash.4.in dkms.conf
	@mkdir -p $(@D)
	awk -f $(filter-out dkms.conf,$^) >$@.new && $(WITH_VERSION) -i $@.new && mv $@.new $@
$(B)/man/%: user/man/% dkms.conf
	@mkdir -p $(@D)
	$(WITH_VERSION) $< >$@.new && mv $@.new $@
WITH_VERSION = sed 's/^\.Os$$/.Os cxflash $(VERSION)/'

# The manuals for a browser, in build/html. mandoc takes for ours what lies in the folder, and links to Debian's for others.
.PHONY: html
html: $(MAN)
	@mkdir -p $(B)/html
	cp user/man/mandoc.css $(B)/html/
	cd $(B)/man && for page in *.[458]; do \
		mandoc -Thtml -O 'man=%N.%S.html;https://manpages.debian.org/%N.%S,style=mandoc.css' $$page \
			>../html/$$page.html || exit 1; done

.PHONY: install uninstall
install: $(B)/cxflashctl $(MAN)
	install -D -m 755 -t $(DESTDIR)$(sbindir) $<
	install -D -m 755 -t $(DESTDIR)$(datadir)/cxflash packaging/metrics/cxflash-metrics
	$(call installed,put)
	sed -i 's,/usr/share/cxflash/,$(datadir)/cxflash/,; s,/usr/sbin/cxflashctl,$(sbindir)/cxflashctl,' \
		$(DESTDIR)$(unitdir)/cxflash-metrics.service
uninstall:
	rm -f $(DESTDIR)$(sbindir)/cxflashctl
	$(call installed,drop)
	rm -rf $(DESTDIR)$(datadir)/cxflash

# Independent of everything under user/ and kmod/: the model of the cards and the maker of synthetic images.
$(B)/cxcard: $(CARD_SRC:%.c=$(B)/%.o)
	$(LINK) -o $@ $^ -lpthread -lmd $(LDLIBS)
$(B)/mkimage: $(IMAGE_SRC:%.c=$(B)/%.o)
	$(LINK) -o $@ $^ -lm -lz -llzma $(LDLIBS)

# The same sources once more with sanitizers, for the unit tests: each selftests/unit/test_*.c is one program. To
# compile them takes longer than to run them. Two warnings that follow values are wrong in instrumented code.
SAN := -O1 -g1 -Wno-format-truncation -Wno-stringop-overread -fsanitize=address,undefined -fno-sanitize-recover=all
UNIT := $(patsubst selftests/unit/%.c,$(B)/unit/%,$(wildcard selftests/unit/test_*.c))
UNIT_SRC := $(filter-out user/cmd/main.c,$(TOOL_SRC))

$(B)/san/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(SAN) $(NL_CFLAGS) -c -o $@ $<
# Drives the card model as QEMU would: build/cxcard_test build/mkimage
CARD_TEST_SRC := $(filter-out selftests/card/main.c,$(CARD_SRC)) $(wildcard selftests/card/test/*.c)
$(B)/cxcard_test: $(CARD_TEST_SRC:%.c=$(B)/san/%.o)
	$(LINK) $(SAN) -o $@ $^ -ljson-c -lpthread -lmd
# An archive, so that each program is linked from what it needs and no more.
$(B)/san/user.a: $(UNIT_SRC:%.c=$(B)/san/%.o)
	rm -f $@
	$(AR) rcsT $@ $^
$(B)/unit/test_%: $(B)/san/selftests/unit/test_%.o $(B)/san/user.a $(DATA_OBJ)
	@mkdir -p $(@D)
	$(LINK) $(SAN) -o $@ $^ $(TOOL_LIBS)

# The unit tests on the very objects that the installed tool is made of, for "make test".
$(B)/plain/test_%: $(B)/selftests/unit/test_%.o $(UNIT_SRC:%.c=$(B)/%.o) $(DATA_OBJ)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(TOOL_LIBS)

# The tool under the same sanitizers, for selftests/unit/test_*.sh. Those call it thousands of times, and a third of the
# pages that it needs to start are those that an address of its own (PIE) has it relocate.
$(B)/san/cxflashctl: $(TOOL_SRC:%.c=$(B)/san/%.o) $(DATA_OBJ)
	$(LINK) $(SAN) -no-pie -o $@ $^ $(TOOL_LIBS)

# "check" on many made-up machines, for selftests/host.
$(B)/host_many: $(B)/san/selftests/host/many.o $(B)/san/user.a $(DATA_OBJ)
	$(LINK) $(SAN) -o $@ $^ $(TOOL_LIBS)

.PHONY: unit
unit: $(UNIT) $(B)/mkimage $(B)/san/cxflashctl $(B)/host_many $(B)/floor

# How much of user/fw its tests run: its unit tests and those of the offline commands once more, counted by gcov. Fails
# below COVERAGE percent.
COVERAGE := 90
COV_UNIT := $(filter-out $(B)/unit/test_burn $(B)/unit/test_contact $(B)/unit/test_backup $(B)/unit/test_execute \
	$(B)/unit/test_file $(B)/unit/test_pci $(B)/unit/test_plan,$(UNIT))
COV_CMD := container files installer map offline
COV := $(B)/cov
COV_REST := $(filter-out $(FW_SRC),$(TOOL_SRC))

$(COV)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(filter-out -O% -D_FORTIFY_SOURCE%,$(ALL_CFLAGS)) -O0 --coverage $(NL_CFLAGS) -c -o $@ $<
$(COV)/unit/test_%: $(B)/selftests/unit/test_%.o $(FW_SRC:%.c=$(COV)/%.o) \
		$(patsubst %.c,$(B)/%.o,$(filter-out user/cmd/main.c,$(COV_REST))) $(DATA_OBJ)
	@mkdir -p $(@D)
	$(LINK) --coverage -o $@ $^ $(TOOL_LIBS)
$(COV)/cxflashctl: $(FW_SRC:%.c=$(COV)/%.o) $(COV_REST:%.c=$(B)/%.o) $(DATA_OBJ)
	$(LINK) --coverage -o $@ $^ $(TOOL_LIBS)

# It counts how often an image is verified.
$(B)/unit/test_done $(B)/plain/test_done $(COV)/unit/test_done: LINK += -Wl,--wrap=fw_verify
# In it memory runs out.
$(B)/unit/test_map_memory $(B)/plain/test_map_memory $(COV)/unit/test_map_memory: LINK += \
	$(patsubst %,-Wl$(comma)--wrap=%,malloc calloc realloc reallocarray strdup strndup open_memstream)

.PHONY: coverage
coverage: $(COV_UNIT:$(B)/unit/%=$(COV)/unit/%) $(COV)/cxflashctl $(B)/mkimage
	@B=$(B) selftests/coverage $(COVERAGE) "$(notdir $(COV_UNIT))" "$(COV_CMD)"

# One libFuzzer program per parser, each run for FUZZ_SECONDS.
FUZZ_SECONDS ?= 5
FUZZ_SAN := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
FUZZ := $(patsubst selftests/fuzz/%.c,$(B)/fuzz/%,$(wildcard selftests/fuzz/fuzz_*.c))

$(B)/fuzz/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	clang $(ALL_CFLAGS) $(FUZZ_SAN) -c -o $@ $<
$(B)/fuzz/fuzz_%: $(B)/fuzz/selftests/fuzz/fuzz_%.o $(FW_SRC:%.c=$(B)/fuzz/%.o) $(DATA_OBJ)
	clang $(FUZZ_SAN) -fsanitize=fuzzer -o $@ $^ $(FW_LIBS)

# The same without fuzzer and sanitizers, to see how much memory an input takes.
REPLAY := $(FUZZ:$(B)/fuzz/%=$(B)/replay/%)
$(REPLAY): $(B)/replay/%: $(B)/selftests/fuzz/%.o $(B)/selftests/fuzz/replay.o $(FW_SRC:%.c=$(B)/%.o) $(DATA_OBJ)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(FW_LIBS)

.PHONY: fuzz
fuzz: $(FUZZ) $(REPLAY) $(B)/mkimage
	selftests/fuzz/run $(FUZZ_SECONDS) $(FUZZ)

# The module is built from a copy, so that one tree serves several kernels. The headers are those that are installed,
# or that "make deps" has unpacked.
KVER ?= $(shell uname -r)
kdir = $(or $(wildcard $(abspath $(B))/cache/headers/$(1)),/lib/modules/$(1)/build)
KDIR ?= $(call kdir,$(KVER))
KMOD := $(B)/kmod-$(KVER)

.PHONY: modules
modules:
	@mkdir -p $(KMOD)
	@cp -a --update Kbuild dkms.conf kmod include $(KMOD)/
	$(MAKE) -C $(KDIR) M=$(abspath $(KMOD)) W=1 KCFLAGS="$(WERROR) -ffile-prefix-map=$(abspath $(KMOD))=." modules

# DKMS builds the module anew for each kernel that is installed later, and signs it.
DKMS ?= dkms
DKMS_SRC = $(DESTDIR)/usr/src/cxflash-$(VERSION)

.PHONY: dkms-source dkms-install dkms-remove
dkms-source:
	$(foreach f,$(shell find Kbuild dkms.conf kmod include -type f),install -D -m 644 $(f) $(DKMS_SRC)/$(f) &&) :
dkms-install: dkms-remove
	$(MAKE) dkms-source
	$(DKMS) install cxflash/$(VERSION) -k $(KVER)
dkms-remove:
	if [ -e $(DKMS_SRC)/dkms.conf ]; then $(DKMS) remove cxflash/$(VERSION) --all; rm -rf $(DKMS_SRC); fi

# The source as it is given away, build/cxflash-VERSION.tar.xz: the same commit gives the same bytes.
DIST := $(B)/cxflash-$(VERSION).tar.xz
.PHONY: dist
dist:
	@mkdir -p $(B)
	packaging/dist cxflash-$(VERSION) | xz -9 -T1 >$(DIST).new
	chmod 644 $(DIST).new
	mv $(DIST).new $(DIST)

# The Debian packages, in build/deb. They need debhelper and dh-dkms besides what "make" needs.
DEB := $(B)/deb
DEB_KINDS ?= full

.PHONY: deb
deb:
	rm -rf $(DEB)
	mkdir -p $(DEB)
	packaging/dist cxflash | tar -C $(DEB) -x
	cp -a packaging/debian $(DEB)/cxflash/
	cd $(DEB)/cxflash && env -u MAKEFLAGS -u WERROR dpkg-buildpackage --no-sign --build=$(DEB_KINDS)

# The Ansible collection, where Ansible looks by itself; with PREFIX=/usr that is every controller of the machine.
COLLECTION := packaging/ansible/cxflash
collectiondir ?= $(datadir)/ansible/collections/ansible_collections/cxflash/cxflash
COLLECTION_FILES = $(shell cd $(COLLECTION) && find . -name __pycache__ -prune -o -path ./tests -prune -o \
	-name '.*' ! -name . -prune -o -type f ! -name COPYING -print)

.PHONY: collection-install collection
collection-install:
	$(foreach f,$(COLLECTION_FILES),install -D -m 644 $(COLLECTION)/$(f) $(DESTDIR)$(collectiondir)/$(f) &&) :
	sed -i '1s,.*,#!/usr/bin/python3,' $(DESTDIR)$(collectiondir)/scripts/cxflash-policy
	chmod 755 $(DESTDIR)$(collectiondir)/scripts/cxflash-policy
collection:
	@mkdir -p $(B)
	ansible-galaxy collection build --force --output-path $(B) $(COLLECTION)

# RPMs by rpmbuild, in build/rpm, the module's by DKMS or by akmods; what makepkg needs, in build/arch.
# Their times are those of the changelog, whatever time it is.
RPMBUILD = rpmbuild -ba --define "_topdir $(abspath $(B))/rpm" --define "_sourcedir $(abspath $(B))" \
	--define "upstream $(VERSION)" --define "source_date_epoch_from_changelog 1" \
	--define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" \
	--define "_buildhost localhost" $(RPMFLAGS)
.PHONY: rpm akmod arch
rpm: dist
	rm -rf $(B)/rpm
	install -D -m 644 -t $(B)/rpm/SPECS packaging/rpm/cxflash.spec
	$(RPMBUILD) $(B)/rpm/SPECS/cxflash.spec
# akmods builds it again where nobody says which version it is.
akmod: dist
	mkdir -p $(B)/rpm/SPECS
	sed 's/^%{!?upstream.*/%global upstream $(VERSION)/' packaging/rpm/cxflash-kmod.spec >$(B)/rpm/SPECS/cxflash-kmod.spec
	chmod 644 $(B)/rpm/SPECS/cxflash-kmod.spec
	$(RPMBUILD) $(B)/rpm/SPECS/cxflash-kmod.spec
arch: dist
	mkdir -p $(B)/arch
	cp $(DIST) $(B)/arch/
	sed "s/@VERSION@/$(VERSION)/; s/@SHA256@/$$(sha256sum <$(DIST) | cut -d' ' -f1)/" packaging/arch/PKGBUILD >$(B)/arch/PKGBUILD

# The words of user/schema in cxflashctl-json(5)
.PHONY: json-manual
json-manual:
	@mkdir -p $(B)
	selftests/schema/manual user/man/cxflashctl-json.5 >$(B)/json.5
	mv $(B)/json.5 user/man/cxflashctl-json.5

# The picture of docs/architecture.md; selftests/unit/test_rooms.sh holds it against the includes.
.PHONY: docs/rooms.svg
docs/rooms.svg:
	docs/rooms | dot -Tsvg | sed '/^<!-- Generated/d' >$@.new
	mv $@.new $@

# The uapi header, by the kernel's own generator. It wants the spec's schema one folder up, and a MAINTAINERS file
# somewhere above.
UAPI ?= include/uapi/linux/cxflash.h
LINUX_SRC := $(B)/cache/linux-6.12

.PHONY: uapi
uapi:
	mkdir -p $(B)/uapi/specs
	cp $(LINUX_SRC)/Documentation/netlink/genetlink.yaml $(B)/uapi/
	cp include/uapi/cxflash.yaml $(B)/uapi/specs/
	touch $(B)/uapi/MAINTAINERS
	/usr/bin/python3 $(LINUX_SRC)/tools/net/ynl/ynl-gen-c.py --mode uapi --header \
		--spec $(B)/uapi/specs/cxflash.yaml -o $(UAPI)

include selftests/vm/guest.mk
include selftests/device/device.mk
include bench/bench.mk
include bench/fw.mk
include bench/fleet.mk
include selftests/fleet/fleet.mk

JOBS = $(shell nproc)

.PHONY: test test-programs
test-programs: all $(UNIT:$(B)/unit/%=$(B)/plain/%)
test: test-programs $(B)/mkimage $(B)/floor
	@B=$(B) selftests/test

.PHONY: lint
lint:
	@B=$(B) selftests/lint

.PHONY: check
check: deps
	@$(MAKE) -j$(JOBS) all unit guest device-tests $(B)/mkimage $(B)/cxcard_test
	@$(MAKE) -j$(JOBS) guest device-tests GUEST_KVER=$$(cat $(B)/cache/kernel-6.12/kver)
	@B=$(B) KVER=$(GUEST_KVER) selftests/check

.PHONY: check-full
check-full: deps
	@$(MAKE) -j$(JOBS) all unit guest device-tests $(B)/mkimage $(B)/cxcard_test
	@$(MAKE) -j$(JOBS) guest device-tests GUEST_KVER=$$(cat $(B)/cache/kernel-6.12/kver)
	@B=$(B) KVER=$(GUEST_KVER) selftests/check-full

# Its kernel takes two processors a quarter of an hour, once.
.PHONY: check-debug
check-debug: deps
	@$(VM)/debug-kernel $(B)
	@$(MAKE) -j$(JOBS) guest device-tests $(B)/mkimage GUEST_KVER=$$(cat $(B)/cache/kernel-debug/kver)
	@B=$(B) KVER=$$(cat $(B)/cache/kernel-debug/kver) selftests/check-debug

.PHONY: check-kcsan
check-kcsan: deps
	@$(VM)/debug-kernel $(B) kcsan
	@$(MAKE) -j$(JOBS) guest device-tests $(B)/mkimage GUEST_KVER=$$(cat $(B)/cache/kernel-kcsan/kver)
	@KCSAN=1 B=$(B) KVER=$$(cat $(B)/cache/kernel-kcsan/kver) selftests/check-debug

# The newest kernels of later releases, each with its compiler; NEWEST is where the tests run.
ROOTS := $(B)/cache/root-trixie $(B)/cache/root-sid $(B)/cache/root-trixie-backports
.PHONY: check-kernels
check-kernels: deps
	@$(VM)/release-root $(B)/cache/root-trixie trixie trixie-security
	@$(VM)/release-root $(B)/cache/root-sid sid
	@$(VM)/release-root $(B)/cache/root-trixie-backports trixie trixie-backports
	@$(MAKE) -j$(JOBS) guest device-tests $(B)/mkimage
	@NEWEST=$$(cat $(ROOTS:%=%/kver) | sort -V | tail -n 1) && \
		$(MAKE) -j$(JOBS) guest device-tests GUEST_KVER=$$NEWEST && \
		NEWEST=$$NEWEST B=$(B) KVER=$(GUEST_KVER) selftests/check-kernels

.PHONY: demo
demo: deps
	@echo "Building cxflash and the guest; the first time takes a minute or two."
	@$(MAKE) -s -j$(JOBS) all guest $(B)/mkimage
	@B=$(B) KVER=$(GUEST_KVER) selftests/vm/demo

# The picture in README: what "make demo" has shown last.
.PHONY: docs/demo.svg
docs/demo.svg: demo
	cp $(B)/demo/demo.svg $@

.PHONY: clean
clean:
	rm -rf $(B)

-include $(shell find $(B) -path $(B)/cache -prune -o -name '*.d' -type f -print 2>/dev/null)
