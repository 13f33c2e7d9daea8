# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests of the collection share: the collection, built and installed as its users do it,
# and a folder to call ansible from. B names the build folder.
# shellcheck shell=bash

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
B=$(realpath "${B:-build}")
. "$top/selftests/image/tap.sh"
export CXFLASHCTL=$B/cxflashctl ANSIBLE_NOCOWS=1 LC_ALL=C.UTF-8 NO_COLOR=1
export ANSIBLE_LOCALHOST_WARNING=False
export ANSIBLE_HOME=$tap_tmp/ansible ANSIBLE_LOCAL_TEMP=$tap_tmp/ansible/tmp
export ANSIBLE_COLLECTIONS_PATH=$tap_tmp/collections
collection=$tap_tmp/collections/ansible_collections/cxflash/cxflash

install_collection()
{
	ansible-galaxy collection build --output-path "$tap_tmp" \
		"$top/packaging/ansible/cxflash" >/dev/null &&
		ansible-galaxy collection install --offline -p "$tap_tmp/collections" \
		"$tap_tmp"/cxflash-cxflash-*.tar.gz
}
