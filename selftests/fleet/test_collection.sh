#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The Ansible collection: its build, its documentation, its checkers, and its own logic.

. "$(dirname "$0")/fleet.sh"

tap "it is built, and installed without a network" install_collection
compiled()
{
	find "$collection" -name '*.py' -print0 | xargs -0 /usr/bin/python3 -m py_compile &&
		find "$collection" -name __pycache__ |
		xargs rm -r
}
tap "every module compiles" compiled

documented()
{
	local name
	for name in "$collection"/plugins/modules/*.py; do
		name=$(basename "$name" .py)
		ansible-doc -t module "cxflash.cxflash.$name" >doc 2>&1 || { cat doc; return 1; }
		if ! grep -q '^RETURN VALUES:' doc ||
			grep -q WARNING doc; then cat doc; return 1; fi
	done
	ansible-doc -t role cxflash.cxflash.cxflash | grep -q cxflash_stop_after
}
cd "$tap_tmp" || exit 1
tap "ansible-doc shows every module and the role" documented
# Each module's options are those of its documentation, and each argument of the role has a default.
tap "options and documentation agree" /usr/bin/python3 "$here/agree.py" "$collection"
tap "yamllint" sh -c "cd '$collection' && yamllint -s ."
# ansible-lint looks for collections below the home folder only.
lint()
{
	mkdir -p home/.ansible/collections &&
		cp -r "$tap_tmp/collections/ansible_collections" home/.ansible/collections/ &&
		cd home/.ansible/collections/ansible_collections/cxflash/cxflash &&
		env -u ANSIBLE_COLLECTIONS_PATH -u ANSIBLE_HOME HOME="$tap_tmp/home" ansible-lint \
		--nocolor -p
}
tap "ansible-lint, production profile" lint
for play in site report rollback; do
	tap "the syntax of $play" ansible-playbook --syntax-check -i localhost, \
		"cxflash.cxflash.$play"
done
# Of ansible-test's checks those that need nothing from the network.
sanity()
{
	cd "$collection" && HOME=$tap_tmp ansible-test sanity --color no --test action-plugin-docs \
		--test empty-init --test future-import-boilerplate \
		--test ignores --test line-endings --test metaclass-boilerplate --test no-assert \
		--test no-basestring \
		--test no-dict-iteritems --test no-dict-iterkeys --test no-dict-itervalues \
		--test no-get-exception \
		--test no-illegal-filenames --test no-main-display --test no-smart-quotes \
		--test no-unicode-literals \
		--test replace-urlopen --test shebang --test symlinks --test use-argspec-type-path \
		--test use-compat-six
}
tap "ansible-test sanity, what runs offline" sanity
units()
{
	PYTHONPATH=$tap_tmp/collections /usr/bin/python3 \
		-B "$top/packaging/ansible/cxflash/tests/unit/test_collection.py"
}
tap "reading the tool, policy, outcomes, report" units
tap_done
