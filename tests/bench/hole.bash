# shellcheck shell=bash disable=SC2154
# How long a hook takes beyond its timeout when the portal swallows what it is sent.

# Milliseconds that a command takes beyond a second; its status must be the first argument.
beyond_second() {
	local wanted=$1 before status=0
	shift
	before=$(date +%s%N)
	"$@" >/dev/null 2>&1 || status=$?
	[ "$status" = "$wanted" ] || { echo "$1 ended with status $status" >&2 && return 1; }
	echo $((($(date +%s%N) - before) / 1000000 - 1000))
}

# hole_rows NAME URL TEXT [COMMAND-TO-RUN-IT-IN...]
hole_rows() {
	local name=$1 url=$2 text=$3 i
	shift 3
	# The clock runs within the name space, whose making is not the hook's.
	set -- "$@" bash -c "$(declare -f beyond_second); beyond_second \"\$@\"" -
	printf '%srest/1/abcdefabcdefabcd/\n' "$url" | bx-auth add "$name" --webhook >/dev/null 2>&1
	for ((i = 0; i < ROUNDS; i++)); do
		"$@" 7 bx-call -p "$name" -t 1 register --spool --ext 101 --phone 5550100 --type in >>"$RUN_DIR/h.$name"
		"$@" 28 curl -sS -m 1 --data-raw '{}' "${url}rest/1/abcdefabcdefabcd/app.info" >>"$RUN_DIR/h.$name.curl"
	done
	row "$text" "$(median <"$RUN_DIR/h.$name")" "curl: $(median <"$RUN_DIR/h.$name.curl")"
}

bench_hole() {
	printf '\nA hook with --spool and a second of time: milliseconds beyond it (goal: 100)\n'
	start hole "$PWD/$B/tests/tools/blackhole"
	hole_rows full "http://$(jq -r .listening <<<"$FIRST")/" 'the listen backlog is full'
	hole_rows dropped https://192.0.2.1/ 'packets are dropped' tests/dark
	hole_rows resolver https://portal.example/ 'the resolver does not answer' tests/dark
	stop hole KILL
}
