# shellcheck shell=bash disable=SC2154
# The same register, made by whole processes in turns: by bx-call, and as a hook would make it with
# curl, PHP or Python. What bx-call does beyond the request, it does here too: it keeps the call on disk.
. tests/client.bash

# One register by each; no client is favoured by what the machine does meanwhile.   register_turn N
register_turn() {
	local said=(--user 1 --phone +15550100199 --type in --no-show)
	used register.curl curl -sS "$BENCH_URL" -H 'Content-Type: application/json' -d "{\"USER_ID\":1,
		\"PHONE_NUMBER\":\"+15550100199\",\"TYPE\":2,\"SHOW\":0,\"EXTERNAL_CALL_ID\":\"curl-$1\",
		\"auth\":\"$BENCH_TOKEN\"}"
	register_came
	used register.php php tests/bench/register.php "php-$1"
	register_came
	used register.python /usr/bin/python3 tests/bench/register.py "python-$1"
	register_came
	used register.bx bx-call register "${said[@]}" --id "bx-$1"
	register_came
	used register.spool bx-call register "${said[@]}" --id "spool-$1" --spool
	register_came
}
register_came() { grep -q '"CALL_ID"' "$RUN_DIR/u.out" || { cat "$RUN_DIR/u.err" "$RUN_DIR/u.out" >&2 && false; }; }

# NAME WHAT
register_row() {
	local time cpu
	time=$(middle "register.$1" 1) cpu=$(middle "register.$1" 2)
	row "$2" "$time" "$cpu   $(times "$time" "$(middle register.curl 1)"), $(times "$cpu" \
		"$(middle register.curl 2)") of curl"
}

bench_register() {
	local i
	[ -z "${BX_PIDS[sandbox]:-}" ] || stop sandbox
	client_portal
	bx-auth use demo >/dev/null
	bx-auth set demo --limit 1000000:1000000 >/dev/null
	export BENCH_URL=$SANDBOX/rest/telephony.externalCall.register BENCH_TOKEN
	BENCH_TOKEN=$(ctl token | jq -r .access_token)
	for ((i = 0; i < CALLS; i++)); do
		register_turn "$i"
	done
	printf '\nA register from a shell, the whole process, the portal on this machine\n'
	row '' 'ms' 'ms of processor'
	register_row curl curl
	register_row php 'PHP, with its curl'
	register_row python 'Python, with requests'
	register_row bx 'bx-call register'
	register_row spool 'bx-call register --spool'
	stop sandbox
}
