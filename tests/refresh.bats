# A refresh that is cut off at any instant: the next call works, or says what happened and what to do.
load lib
load client

setup() {
	bx_setup
	client_portal
}
teardown() { bx_teardown; }

# A leak cannot be looked for by a process that is traced; it would fail each time.   traced OPTION... COMMAND...
traced() { ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -o trace "$@"; }

# A pair of its own for each attempt, by the way out that an error names.
new_pair() {
	local url code
	url="$SANDBOX/oauth/authorize/?client_id=$(jq -r .app.client_id <<<"$SANDBOX_INFO")"
	code=$(curl -s -o /dev/null -w '%{redirect_url}' "$url" | grep -oE 'code=[^&]+' | cut -d= -f2)
	bx-auth code demo - <<<"{\"code\":\"$code\"}" >/dev/null
}

# What the next call made of it: "works", or "told".
next_call() {
	run --separate-stderr bx-rest profile
	if [ "$status" = 0 ]; then
		SEEN=works
		run bx-auth show demo
		assert_json '.refreshing_since == null'
		return
	fi
	assert_equal "$status" 4
	[[ $stderr == *"a refresh begun at "*" was cut off before its answer was stored, so the pair is used up: run bx-auth login demo, or install the app again"* ]] ||
		fail "it does not say what happened: $stderr"
	SEEN=told
}

# What becomes of the next call after this one was killed when it made system call CALL, in the order
# of the instants; how many there were is in INSTANTS.   killed_at CALL
killed_at() {
	local n before
	SEEN_ALL=''
	for ((n = 1; n < 100; n++)); do
		new_pair
		ctl expire >/dev/null
		before=$(asked oauth)
		# The shell's word about the killed process is no one's error.
		{ traced -e "inject=$1:signal=KILL:when=$n" bx-rest profile >out 2>err; } 2>/dev/null && break
		next_call
		[ "$(($(asked oauth) - before))" -le 2 ] || fail "more than one refresh for each of two calls"
		[ "${SEEN_ALL##* }" = "$SEEN" ] || SEEN_ALL+=" $SEEN"
	done
	INSTANTS=$((n - 1))
}

@test "killed while it writes: before the request nothing is lost, afterwards it says so until all is saved" {
	killed_at pwrite64
	assert_equal "$SEEN_ALL" ' works told works'
	[ "$INSTANTS" -ge 8 ]
}

@test "killed while it sends, receives or waits for the disk" {
	killed_at sendto
	assert_equal "$INSTANTS $SEEN_ALL" '3  works'
	killed_at recvfrom
	assert_equal "$INSTANTS $SEEN_ALL" '3  works told works'
	killed_at fdatasync
	assert_equal "$SEEN_ALL" ' works'
	[ "$INSTANTS" -ge 2 ]
}

@test "asked to end in the midst of a refresh: it stores the pair first" {
	local signal line trace pid ended
	mkfifo traced
	exec {trace}<>traced
	for signal in TERM INT HUP; do
		new_pair
		ctl expire >/dev/null
		ctl fault oauth=trickle --ms 3 >/dev/null
		# A background process of a script has SIGINT ignored; this one has not.
		(trap - INT && exec bx-rest -v profile) >out 2>&$trace &
		pid=$!
		line=''
		until [[ $line == *'> GET /oauth/token/'* ]]; do read -r -u "$trace" line; done
		kill -s "$signal" "$pid"
		ended=0
		wait "$pid" || ended=$?
		[ "$ended" -gt 128 ] || fail "SIG$signal did not end it: $ended"
		run bx-auth show demo
		assert_json '.refreshing_since == null'
		next_call
		assert_equal "$SEEN" works
	done
}

@test "a write that fails for once costs no pair" {
	local n
	for ((n = 1; n < 100; n++)); do
		new_pair
		ctl expire >/dev/null
		run --separate-stderr traced -e "inject=pwrite64:error=ENOSPC:when=$n" bx-rest profile
		grep -q INJECTED trace || break
		[[ $status == [09] ]] || fail "write $n: status $status: $stderr"
		next_call
		assert_equal "$SEEN" works
	done
	[ "$n" -ge 8 ]
}

@test "a refresh whose answer is lost: nothing of the call was done, and the next one says what happened" {
	local fault
	for fault in cut drop half garbage html empty; do
		new_pair
		ctl expire >/dev/null
		ctl fault "oauth=$fault" >/dev/null
		run --separate-stderr bx-rest telephony.externalLine.add "NUMBER=$fault"
		assert_failure 3
		run bx-auth show demo
		assert_json '.refreshing_since != null'
		next_call
		# Only what was cut before the server saw it leaves the pair as it was.
		assert_equal "$fault $SEEN" "$fault $([ "$fault" = cut ] && echo works || echo told)"
	done
	run bx-auth login demo <<<made-up-code-1
	assert_failure 4
	new_pair
	run bx-rest telephony.externalLine.get
	assert_output '[]'
}
