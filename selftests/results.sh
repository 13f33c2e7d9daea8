# SPDX-License-Identifier: GPL-2.0-only
#
# What test, check, check-full and check-debug share: programs and guests are run, their results
# printed and counted. Logs, the results of guests, and times (seconds by the clock, seconds of a
# processor, name) stay in build/ under the name of the run.
# shellcheck shell=bash

export B=${B:-build}
kver=${KVER-} # of the guests; none in "make test"
log=$B/${0##*/}
boot=selftests/vm/boot
passed=0 failed=0 skipped=0
JSON_USED=$(realpath -m "$log")/json-used # which schemas something was held against
export JSON_USED
rm -rf "$log"
mkdir -p "$log"

# judge NAME LOG STATUS: print and count the results in a TAP log.
judge()
{
	local counts=$log/counts
	awk -v name="$1" -v status="$3" -v counts="$counts" -f selftests/tap.awk "$2" | tee \
		-a "$log/results"
	local p f s
	read -r p f s <"$counts"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# One thing runs at a time for each processor. QEMU and the card of a guest share one, as an access
# takes many times longer else; two guests on one take as long as one after the other. Results come
# in the order in which things were started.
cpus=()
for cpu in $(taskset -cp $$ | sed 's/.*: //; s/,/ /g'); do
	for ((i = ${cpu%-*}; i <= ${cpu#*-}; i++)); do
		cpus+=("$i")
	done
done
lanes=$((${#cpus[@]} < 8 ? ${#cpus[@]} : 8))
running=() started=() judged=0

# lane: set $lane to one that is free, as soon as one is, and $cpu to its processor
lane()
{
	while :; do
		for ((lane = 0; lane < lanes; lane++)); do
			[ -n "${running[lane]-}" ] && kill -0 "${running[lane]}" 2>/dev/null &&
				continue
			cpu=${cpus[lane % ${#cpus[@]}]}
			return
		done
		wait -n
		judge_ended
	done
}

# start NAME OUTPUT COMMAND...: in $lane; OUTPUT is where it leaves its TAP
start()
{
	local name=$1 output=$2
	shift 2
	started+=("$name $output")
	rm -f "$output.status"
	(
		began=$SECONDS
		"$@"
		status=$?
		times >"$output.times"
		took $began "$name" "$(of_children "$output.times")"
		echo $status >"$output.status.new" && mv "$output.status.new" "$output.status"
	) &
	running[lane]=$!
}

of_children() # TIMES: as the shell prints them
{
	awk -F '[ms ]+' 'NR == 2 { printf "%d", $1 * 60 + $2 + $3 * 60 + $4 }' "$1"
}

# What has ended, up to the first that has not
judge_ended()
{
	local name output
	while [ $judged -lt ${#started[@]} ]; do
		read -r name output <<<"${started[judged]}"
		[ -e "$output.status" ] || break
		judge "$name" "$output" "$(cat "$output.status")"
		[ ! -d "$log/$name/json" ] ||
			succeeds "$name-json" selftests/schema/validate "$log/$name/json"
		judged=$((judged + 1))
	done
}

took() # BEGAN NAME [SECONDS]: how long what ran, and how much of a processor it took
{
	echo "$((SECONDS - $1)) ${3--} $2" >>"$log/times"
}

# Wait for all that was started.
finish()
{
	[ ${#running[@]} = 0 ] || wait "${running[@]}"
	judge_ended
}

# tap NAME COMMAND...: a program that prints TAP
tap()
{
	local name=$1
	shift
	mkdir -p "$log/$(dirname "$name")"
	lane
	start "$name" "$log/$name.log" into "$log/$name.log" "$@"
}

into() # FILE COMMAND...
{
	local file=$1
	shift
	"$@" >"$file" 2>&1
}

# part NAME COMMAND...: a command that just has to succeed, beside others
part()
{
	local name=$1
	shift
	lane
	start "$name" "$log/$name.tap" into "$log/$name.tap" ends_well "$log/$name.log" "$@"
}

ends_well() # LOG COMMAND...
{
	local file=$1
	shift
	if "$@" >"$file" 2>&1; then
		echo "ok 1 - ends well"
	else
		echo "not ok 1 - ends well"
		tail -n 40 "$file" | sed 's/^/# /'
	fi
	echo 1..1
}

# one NAME COMMAND...: the same, alone, as what follows builds on it
one()
{
	finish
	succeeds "$@"
}

succeeds() # NAME COMMAND...
{
	local name=$1 began=$SECONDS status
	shift
	"$@" >"$log/$name.log" 2>&1
	status=$?
	took $began "$name"
	if [ $status = 0 ]; then
		echo "ok $name"
		passed=$((passed + 1))
	else
		{
			echo "not ok $name"
			tail -n 40 "$log/$name.log" | sed 's/^/# /'
		} | tee -a "$log/results"
		failed=$((failed + 1))
	fi
}

skip()
{
	echo "ok $1 # SKIP $2"
	skipped=$((skipped + 1))
}

# guest NAME BOOT-ARGUMENT...: a guest whose command prints TAP. It is stopped after $limit seconds,
# which only one that hangs takes, however busy the machine.
limit=3600
guest()
{
	local name=$1
	shift
	mkdir -p "$log/$name"
	lane
	start "$name" "$log/$name/output" boot_guest "$name" -q -k "$kver" -c "$cpu" \
		-t "$limit" -o "$log/$name" "$@"
}

boot_guest() # NAME BOOT-ARGUMENT...
{
	local name=$1 status
	shift
	"$boot" "$@" 2>"$log/$name.err"
	status=$?
	cat "$log/$name.err" >>"$log/$name/output"
	return $status
}

# The card model saw nothing that no hardware stands.
rules() # GUEST
{
	! grep -E '"violations":{"count":[1-9].*' "$log/$1/card.json" &&
		grep -q '"violations":{"count":0' "$log/$1/card.json"
}

# Cards whose busy times are those of the data sheet: polls that are merely counted do not go by the
# driver's clock.
# Sets $card to --card and its argument, for a fresh copy of the flash.
card() # GUEST CHIP FLASH ADDR [KEY=VALUE]
{
	mkdir -p "$log/$1"
	cp "$3" "$log/$1/$4.flash"
	card=(--card "chip=$2,flash=$log/$1/$4.flash,addr=$4,busy=datasheet${5:+,$5}")
}

# What every guest test needs.
tests=(--file selftests/image/tap.sh:/tests/tap.sh --file "$B/device:/tests/device")
for script in selftests/vm/guest/*.sh selftests/vm/guest/*.py; do
	tests+=(--file "$script:/tests/${script##*/}")
done

# What mlx4_core says of a card whose model has no firmware to answer it.
unserved='mlx4_core .*(command 0x4 failed|QUERY_FW command failed|Failed to init fw)'

# The driver, spoken to by a client of its own: all its tests, or some. A card that is removed and
# found again gets its BARs above 4 GiB if they are of 64 bits, and there QEMU does not map them.
# PART has small erase units, as the larger ones take long.
device() # NAME CHIP FLASH PART [TEST]...
{
	card "$1" "$2" "$3" 4 "bar64=0,flr=1,bus=bridge,part=$4"
	guest "$1" --bridge --provoked "$unserved" "${card[@]}" "${tests[@]}" \
		-- /tests/device/run "${@:5}"
}

# Many cards in one machine, with blank flash: sets $card to --card and its argument for each SPEC.
cards() # GUEST SPEC...
{
	local guest=$1 n=4 spec
	shift
	mkdir -p "$log/$guest"
	card=()
	for spec; do
		card+=(--card
			"chip=$spec,flash=$log/$guest/$n.flash,addr=$n,busy=datasheet,bar64=0")
		n=$((n + 1))
	done
}

# Parts that erase, program or protect in other ways
parts() # TEST...
{
	cards device-parts cx2,part=m25p16,size=2M,recovery=0 \
		cx2,part=sst25vf032,size=4M,recovery=0 \
		cx3,part=w25q128,size=16M,recovery=0 cx2,part=at25df161,size=2M,recovery=0
	guest device-parts "${card[@]}" "${tests[@]}" -- /tests/device/run -a "$@"
}

spec='' options=()
# Cards with tiny images, at 00:04.0 and up, for tests that burn often. An ARGUMENT that is a file,
# also one in $images, is put into the guest. What $spec says is added to every SPEC, what $options
# says to the options of boot.
tiny() # NAME TEST FLASH... -- ARGUMENT...
{
	local name=$1 script=$2 addr=4 chip all=() arguments=() file
	shift 2
	while [ "$1" != -- ]; do
		case $1 in *cx2*) chip=cx2 ;; *) chip=cx3pro ;; esac
		card "$name" $chip "$images/$1.flash" $addr "$spec"
		all+=("${card[@]}")
		addr=$((addr + 1))
		shift
	done
	shift
	for argument; do
		for file in "$argument" "$images/$argument"; do
			[ ! -f "$file" ] || { all+=(--file
				"$file") argument=/root/${file##*/}; break; }
		done
		arguments+=("$argument")
	done
	guest "$name" "${options[@]}" "${all[@]}" "${tests[@]}" \
		-- "/tests/test_$script.sh" "${arguments[@]}"
}

# The same under the kernel's own driver. PROVOKED are those complaints of it that belong to the
# test.
mlx4() # PROVOKED NAME TEST FLASH... -- ARGUMENT...
{
	local spec=bar64=0,flr=1,ports=eth/vpi${spec:+,$spec} options=(--mlx4
		--provoked "${1:-^\$}")
	shift
	tiny "$@"
}

# The same on another kernel: that driver at work, and its own resets in the middle of a burn.
beside_own() # KVER
{
	local kver=$1
	mlx4 "" "mlx4-$kver" mlx4 tiny tiny -- tiny-new.bin tiny-old.bin
	mlx4 "Internal error detected" "mlx4-resets-$kver" mlx4_resets tiny \
		-- 1 1 fatal_error,reload,rebind,removal tiny-new.bin tiny-old.bin tiny-next.bin
}

# The netlink family by the kernel's own ynl
ynl() # NAME
{
	local ynl=$B/cache/linux-6.12/tools/net/ynl
	succeeds "$1-files" selftests/vm/python-files "$log/$1/python" encodings.latin_1 \
		subprocess "$ynl/lib"
	card "$1" cx2 "$images/dell-c6100.flash" 4
	guest "$1" -m 1024 "${card[@]}" "${tests[@]}" --file "$log/$1/python:/" \
		--file /usr/bin/python3:/usr/bin/python3 --file "$ynl:/ynl" \
		--file include/uapi/cxflash.yaml:/ynl/cxflash.yaml \
		-- /tests/test_ynl.py /ynl /ynl/cxflash.yaml 0000:00:04.0
}

# The commands on a small card like the demo's, with a release under its usual name
commands() # NAME
{
	local release=fw-ConnectX2-rel-2_10_0720-MHQH29C ini=MHQH29C_A1-A2.ini
	mkdir -p "$log/$1"
	selftests/unit/make-vpd "$log/$1/vpd.bin" "Hawk Dual Port" 0TESTC6100
	card "$1" cx2 "$images/dell-1m.flash" 4 "vpd=$log/$1/vpd.bin"
	guest "$1" --provoked "$unserved" "${card[@]}" "${tests[@]}" \
		--file "$images/$release-1m.bin:/root/$release.bin" --file "$images/$ini" \
		--file user/man/cxflashctl.8:/tests/cxflashctl.8 \
		-- /tests/test_cmd_card.sh "/root/$release.bin" "/root/$ini"
}

# The module for a kernel, with every warning of gcc, and those of sparse if that is given. Kernel
# headers may warn about themselves.
sparse=(C=2 CF=-D__CHECK_ENDIAN__)
module() # KVER [VARIABLE=VALUE]...
{
	local dir=$log/module-$1
	mkdir -p "$dir"
	cp -a Kbuild dkms.conf kmod include "$dir/"
	make -C "$(kernel_folder "$1")" M="$(realpath "$dir")" W=1 KCFLAGS=-Werror "${@:2}" \
		modules || return 1
	! grep -E '/kmod/[^:]*:[0-9:]+ (warning|error):' "$log/module-$1.log"
}

# What builds modules for a kernel: installed, or unpacked by install-deps
kernel_folder() # KVER
{
	[ -e "$B/cache/headers/$1" ] && realpath "$B/cache/headers/$1" ||
		echo "/lib/modules/$1/build"
}

# The end of a run: what failed once more, as it scrolled away long ago, and the sum; fails if a
# test did.
results()
{
	finish
	[ $failed = 0 ] || sed -n '/^not ok/,/^ok/{ /^ok/d; p }' "$log/results"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed = 0 ]
}

# Two equal cards, mstflint and cxflashctl.
mstflint() # NAME MSTFLINT CHIP FLASH RELEASE OLD NEW
{
	local two=()
	card "$1" "$3" "$4" 4
	two+=("${card[@]}")
	card "$1" "$3" "$4" 5
	guest "$1" "${two[@]}" "${card[@]}" "${tests[@]}" --file "$5" \
		-- /tests/test_mstflint.sh "$2" "/root/${5##*/}" "$6" "$7"
}
