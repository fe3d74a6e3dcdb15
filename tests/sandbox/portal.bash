# shellcheck shell=bash disable=SC2154,SC2034
# What the tests of the sandbox share. They speak to it with curl and jq alone, as any client in
# any language would: nothing of our own client is used.
#
#   portal [OPTION...]      starts one; installed, with a TOKEN of the administrator
#   call METHOD [JSON]      as the app, TOKEN in the body; the answer in STATUS and BODY
#   hook METHOD [JSON]      through the administrator's webhook
#   form METHOD FIELD...    as the app, the fields urlencoded by curl
#   raw [CURL-ARG...]       anything else
#   is FILTER               the filter is true for BODY
#   refused STATUS CODE [TEXT]
#   world VERB [JSON]       POST /sandbox/VERB; the answer in WORLD
#   posts NAME              what the address $SINK/NAME got, as a list, in POSTS

load ../lib

portal() {
	bx_setup
	sandbox_start "$@"
	HOOK=$(jq -r .webhook <<<"$SANDBOX_INFO")
	MEMBER=$(jq -r .member_id <<<"$SANDBOX_INFO")
	CLIENT=$(jq -r .app.client_id <<<"$SANDBOX_INFO")
	SECRET=$(jq -r .app.client_secret <<<"$SANDBOX_INFO")
	ADDRESS=http://$(jq -r .listening <<<"$SANDBOX_INFO")
	SINK=$ADDRESS/sandbox/sink
	world install "{\"install_url\":\"$SINK/install\",\"redirect_url\":\"$SINK/oauth\"}"
	token
}

# TOKEN of an employee, REFRESH beside it.   token [USER] [APP]
token() {
	world token "$(jq -cn --argjson user "${1:-1}" --arg app "${2:-Phone}" '{$user, $app}')"
	TOKEN=$(jq -r .access_token <<<"$WORLD")
	REFRESH=$(jq -r .refresh_token <<<"$WORLD")
}

raw() {
	local out
	out=$(curl -sS -m 20 -D "$BATS_TEST_TMPDIR/headers" -w '\n%{http_code}' "$@") || return
	STATUS=${out##*$'\n'}
	BODY=${out%$'\n'*}
}

call() {
	local members=${2:-'{}'}
	members=${members#\{}
	[ "$members" = '}' ] || members=,$members
	raw "$ADDRESS/rest/$1" -H 'Content-Type: application/json' -d "{\"auth\":\"$TOKEN\"$members"
}

hook() {
	local none='{}'
	raw "$HOOK$1" -H 'Content-Type: application/json' -d "${2:-$none}"
}

form() {
	local method=$1 field args=()
	shift
	for field; do
		args+=(--data-urlencode "$field")
	done
	raw "$ADDRESS/rest/$method" -d "auth=$TOKEN" "${args[@]}"
}

is() {
	local filter
	for filter; do
		jq -e "$filter" <<<"$BODY" >/dev/null ||
			batslib_print_kv_single 8 filter "$filter" status "$STATUS" body "$BODY" |
			batslib_decorate 'the answer differs' | fail
	done
}

granted() {
	assert_equal "$STATUS" 200
	is 'has("result") and (has("error") | not)' "$@"
}

refused() {
	is '.error | type == "string"' '(has("result") or has("time")) | not'
	assert_equal "$STATUS $(jq -r .error <<<"$BODY")" "$1 $2"
	[ $# -lt 3 ] || assert_equal "$(jq -r .error_description <<<"$BODY")" "$3"
}

world() {
	local none='{}' out
	out=$(curl -sS -m 20 -w '\n%{http_code}' "$ADDRESS/sandbox/$1" -H 'Content-Type: application/json' \
		-d "${2:-$none}") || return
	WORLD=${out%$'\n'*}
	[ "${out##*$'\n'}" = 200 ] || { echo "sandbox/$1: $out" && return 1; }
}

posts() {
	world idle
	world sink "{\"name\":\"$1\",\"take\":true}"
	POSTS=$WORLD
}

# got FILTER: the filter is true for POSTS.
got() {
	local filter
	for filter; do
		jq -e "$filter" <<<"$POSTS" >/dev/null ||
			batslib_print_kv_single 8 filter "$filter" posts "$POSTS" |
			batslib_decorate 'what was posted differs' | fail
	done
}

# register [JSON]: a call of user 1 without a card, its id in CALL.
register() {
	local none='{}'
	call telephony.externalCall.register "$(jq -c '{USER_ID: 1, PHONE_NUMBER: "+15550100199", TYPE: 2, SHOW: 0} + .' <<<"${1:-$none}")"
	granted
	CALL=$(jq -r .result.CALL_ID <<<"$BODY")
}

# finish [JSON]: finishes CALL.
finish() {
	local none='{}'
	call telephony.externalCall.finish "$(jq -c --arg id "$CALL" '{CALL_ID: $id, USER_ID: 1} + .' <<<"${1:-$none}")"
}

header() {
	grep -i "^$1:" "$BATS_TEST_TMPDIR/headers" | tr -d '\r' | cut -d' ' -f2-
}
