# The samples of single methods: each is sent as JSON to a portal in the state it wants, and answered
# as it says.
load portal
load people

# Everything of one kind of state is made here, from the sample's "given".
arrange() {
	PARAMS=$(jq -c '.params // {}' <<<"$1")
	VIA=call
	world restore "$CLEAN"
	TOKEN=a1f3c0de0001
	case $(jq -r '.given // ""' <<<"$1") in
	*registered*) begin_call ;;
	*finished*) begin_call && end_call ;;
	bound) bind_worker ;;
	'bound to ONVOXIMPLANTCALLEND') bind_event ;;
	webhook*) VIA=hook ;;
	'not an administrator' | 'no right to change telephony users') token 16 ;;
	'without the right to see statistics') token 16 && world user '{"ID":16,"STATISTICS":false}' ;;
	'without rest_offline_extended') variant plain-queue ;;
	'no CRM') variant no-crm ;;
	'a line with the number') call telephony.externalLine.add '{"NUMBER":"15550100","NAME":"Sales"}' ;;
	'confirmation denied') call voximplant.user.get '{"USER_ID":12}' && world confirm '{"decision":"no"}' ;;
	esac
}

variant() {
	world variant "{\"name\":\"$1\"}"
	VARIANT=$1
}

begin_call() {
	register '{"USER_ID":12,"PHONE_NUMBER":"+1 (555) 010-0199","LINE_NUMBER":"15550100","EXTERNAL_CALL_ID":"pbx-77"}'
	PARAMS=${PARAMS//$SAMPLE_CALL/$CALL}
}

end_call() {
	finish '{"USER_ID":12,"DURATION":95}'
}

bind_worker() {
	call placement.bind '{"PLACEMENT":"PAGE_BACKGROUND_WORKER","HANDLER":"https://app.example.net/worker","LANG_ALL":{"en":{"TITLE":"Phone"}},"OPTIONS":{"errorHandlerUrl":"https://app.example.net/worker-error"}}'
}

bind_event() {
	call event.bind '{"event":"ONVOXIMPLANTCALLEND","handler":"https://app.example.net/events"}'
}

# Keys of the answer that differ from the sample; ids of calls and links are made anew, and some
# samples tell only part of a result or one of two.
differences() {
	jq -rn --argjson sample "$1" --argjson body "$BODY" --arg status "$STATUS" \
		--arg call "$SAMPLE_CALL" --arg made "${CALL:-}" '
		def known: walk(if type == "string" then
			(if $made != "" then split($made) | join($call) else . end)
			| sub("externalCall\\.[0-9a-f]{32}\\.[0-9]+"; $call) | sub("token=telephony.*"; "token=") else . end);
		def like($w): if type == "object" and ($w | type) == "object" then . as $g
			| reduce ($w | keys_unsorted[]) as $k ({}; if $g | has($k) then .[$k] = ($g[$k] | like($w[$k])) else . end)
			elif type == "array" and ($w | type) == "array" then [range([length, ($w | length)] | min) as $i | .[$i] | like($w[$i])]
			else . end;
		($sample.note // "") as $note | ($body | known) as $b | ($sample.result | known) as $want |
		(if $note | startswith("or ") then $want elif $note | test("other keys|at least") then ($b.result | like($want)) else $b.result end) as $got |
		[(if ($sample.status // 200 | tostring) == $status then empty else "status" end),
		($sample | {error, error_description, argument} | to_entries[] | select(.value != null and .value != $b[.key]) | .key),
		(if ($sample | has("result")) and $want != $got then "result" else empty end)] | join(" ")'
}

# What needs another address than the portal's, or a file, is tested with its section.
skipped() {
	jq -e '.op == "upload" or .params.RECORD_URL != null' <<<"$1" >/dev/null
}

check_file() {
	local line number=0 bad=0 wrong
	CLEAN=$(jq -c . state.json)
	while IFS= read -r line; do
		skipped "$line" && continue
		number=$((number + 1))
		arrange "$line"
		"$VIA" "$(jq -r .op <<<"$line")" "$PARAMS"
		wrong=$(differences "$line")
		if [ -n "$wrong" ]; then
			printf '# %s\n#   %s: %s %s\n' "$line" "$wrong" "$STATUS" "$BODY"
			bad=$((bad + 1))
		fi
		[ -z "${VARIANT:-}" ] || world variant "{\"name\":\"$VARIANT\",\"on\":false}"
		unset VARIANT CALL
	done < <(jq -c 'select(.kind == "method" and (.status or has("result")))' "$BATS_TEST_DIRNAME/../wire/$1.jsonl")
	echo "# $number samples, $bad differ"
	[ "$number" -ge "$2" ] && [ "$bad" = 0 ]
}

setup() { sample_portal; }
teardown() { bx_teardown; }

@test "every method of the rows is there" {
	local method count=0
	call no.such.method
	refused 404 ERROR_METHOD_NOT_FOUND
	while IFS=$'\t' read -r kind verb method; do
		[ "$kind" = method ] || continue
		call "$method"
		[[ $BODY != *ERROR_METHOD_NOT_FOUND* ]] || fail "$method ($verb) is not there"
		count=$((count + 1))
	done < <("$BX_BIN/../tests/tools/rows")
	assert [ "$count" -gt 30 ]
}

@test "common methods" { check_file common 10; }
@test "placements" { check_file placement 30; }
@test "events" { check_file event 35; }
@test "telephony" { check_file telephony 55; }
