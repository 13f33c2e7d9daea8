# SPDX-License-Identifier: GPL-2.0-only
#
# Judge a TAP log: one line for each result, and the counts "passed failed skipped" into the file named by counts.
#
# name is the program's, status its exit status. A program that dies early, or whose plan or exit status does not fit
# its results, has failed however many lines said ok. What a failed test remarked is shown; the kernel's C harness
# remarks before the result, the others after it.

function wrong(why)
{
	failed++
	print "not ok " name ": " why
	printf "%s", remarks
}

{ sub(/\r$/, "") }

/^TAP version/ { next }

/^1\.\.0 *# *SKIP/ {
	sub(/^1\.\.0 */, "")
	print "ok " name " " $0
	skipped++
	plan = 0
	next
}

/^1\.\.[0-9]+/ {
	plan = substr($1, 4) + 0
	next
}

/^(not )?ok [0-9]/ {
	good = $1 == "ok"
	text = $0
	sub(/^(not )?ok [0-9]+( -)? */, "", text)
	if (!good)
		failed++
	else if (text ~ /# *SKIP/)
		skipped++
	else
		passed++
	results++
	print (good ? "ok " : "not ok ") name ": " text
	if (!good)
		printf "%s", remarks
	remarks = ""
	next
}

/^# +(RUN|OK|Starting)/ { next }

{
	line = ($0 ~ /^#/ ? "" : "# ") $0 "\n"
	if (results && !good)
		printf "%s", line
	else
		remarks = remarks line
}

END {
	if (plan == "")
		wrong("ended without a plan, exit status " status)
	else if (plan != results + 0)
		wrong(plan " tests planned, " results + 0 " run")
	else if (status != 0 && status != 4 && !failed)
		wrong("exit status " status)
	print passed + 0, failed + 0, skipped + 0 >counts
}
