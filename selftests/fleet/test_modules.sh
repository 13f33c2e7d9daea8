#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The modules of the collection with the real tool, without ssh.

. "$(dirname "$0")/fleet.sh"
cd "$tap_tmp" || exit 1
export PYTHONDONTWRITEBYTECODE=1
image() # VERSION SEED OPTION...
{
	"$B/mkimage" --chip connectx3pro --ini "$top/selftests/image/MCX312B_synthetic.ini" \
		--chunk 19 --boot2 1 --words 4 --ddr 1:4k \
		--version "$1" --seed "$2" "${@:3}"
}
policy() # VERSION CHIP
{
	printf 'format: 1\nimages:\n  SYN1200110023:\n    file: new.bin\n    sha256: "%s"\n    version: %s\n    chip: %s\n' \
		"$(sha256sum <new.bin | cut -d' ' -f1)" "$1" "$2"
}
tree() # FOLDER NAME
{
	PYTHONPATH=$top/selftests/host /usr/bin/python3 -c '
import os, sys, tree
machine = tree.load(os.path.join(tree.HERE, sys.argv[1], sys.argv[2]))
os.mkdir(sys.argv[2])
machine.unpack(sys.argv[2])' "$1" "$2"
}
begin()
{
	install_collection && image 2.42.5000 42 -o new.bin &&
		image 2.42.5000 44 --psid SYN1200110077 -o psid.bin &&
		image 2.40.5030 40 --guid 0002c90300d0e0f0 --mac 0002c9d0e0f0 --dump 1m:0 \
		-o card.flash &&
		image 2.40.5030 40 --psid SYN1200110099 --guid 0002c90300d0e1f0 --mac 0002c9d0e1f0 \
		--dump 1m:0 -o other.flash &&
		policy 2.42.5000 "ConnectX-3 Pro" >policy.yml &&
		policy 2.43.0 ConnectX-2 >wrong.yml &&
		tree machines article-before && tree machines article-after || return 1
	port=no
	"$CXFLASHCTL" port show --help >/dev/null 2>&1 || return 0
	port=yes
	tree ports set-already && tree ports set-dry-run && tree ports set-in-use
}
tap "cards, images, policies and machines are made" begin
works()
{
	FLEET_RESULTS=results ANSIBLE_CALLBACK_PLUGINS=$here/callback ansible-playbook \
		-i localhost, --diff \
		-e ansible_python_interpreter=/usr/bin/python3 -e "dir=$tap_tmp" \
		-e "tool=$CXFLASHCTL" -e "collection=$collection" -e "port=$port" \
		"$here/modules.yml" >log 2>&1 </dev/null && return
	grep -A 3 -E '^(fatal|ERROR)' log | cut -c 1-1500
	return 1
}
tap "each says and does what it should" works
tap "what they return is what they document" /usr/bin/python3 "$here/returns.py" "$collection" \
	results

# One step of the module, as the action plugin calls it on a host, and what it must say
phase() # NAME JOB WORDS
{
	PYTHONPATH=$tap_tmp/collections /usr/bin/python3 -m \
		ansible_collections.cxflash.cxflash.plugins.modules.cxflash_firmware \
		"{\"ANSIBLE_MODULE_ARGS\": {\"phase\": \"$1\", \"job\": \"$2\",
		\"executable\": \"$CXFLASHCTL\", \"card\": \"file:$tap_tmp/card.flash\",
		\"store\": \"$tap_tmp/store\", \"image\": \"new.bin\", \"entry\": {},
		\"upload\": \"$tap_tmp/new.bin\"}}" >said
	grep -q "$3" said || { cat said; return 1; }
}
# The question for its outcome overtakes a write: the answer holds.
overtaken()
{
	sha256sum card.flash >before
	phase outcome late 'had not begun' && phase write late 'given this write up' &&
		phase outcome late 'did not start' && sha256sum --quiet -c before
}
tap "a write that comes after the question for its outcome does not begin" overtaken
# A waiter whose connection is dead reads the outcome, too.
read_twice()
{
	phase write once '"card_state": "new"' && phase outcome once '"card_state": "new"' &&
		phase write twice '"exit_status": 2' && phase outcome once 'had not begun'
}
tap "an outcome is there for whoever asks, until the next write" read_twice
tap_done
