#!/usr/bin/env bash
# A customer on a web page, an operator with a telephone in the hidden frame (webrtc-client.js), and
# between them this script: it carries the signalling, and each button of the call card becomes what
# happens to the real media. Standard input is what the customer's page says.
#   webrtc.sh CUSTOMER-URL [INNER-NUMBER]
set -euo pipefail
customer=$1
step() { jq -nc --arg step "$1" --argjson what "$2" '{step: $step} + $what'; }

# The customer's next word of that name.
hear() {
	local line
	while IFS= read -r line; do
		jq -ce --arg word "$1" 'if has($word) then .[$word] else empty end' <<<"$line" && return
	done
	echo "webrtc.sh: the customer left without $1" >&2
	return 1
}
tell() { jq -nc --arg word "$1" --argjson value "$2" '{($word): $value}' | curl -fsS --data-binary @- "${customer}tell"; }

# An order for the telephone; prints its answer.
phone() { bx-card -t 20 -c "$call" send "$1" | jq -c '.users[0].result[0] // {}'; }
event() { bx-card -t 20 -c "$call" wait "$@"; }
# The operator's offer goes to the customer, whose answer comes back.
agree() {
	tell offer "$(event client::offer | jq -c .data.sdp)"
	phone "$(hear answer | jq -c '{answer: .}')" >/dev/null
}

offer=$(hear offer)
call=$(bx-call register --ext "${2:-101}" --phone '+1 555 010 0199' --type in | jq -r .CALL_ID)
event initialized >/dev/null
bx-card -c "$call" state incoming >/dev/null
step ringing "{\"CALL_ID\": \"$call\"}"
event answer >/dev/null

phone "{\"offer\": $offer}" >/dev/null
tell answer "$(event client::answer | jq -c .data.sdp)"
event client::connected >/dev/null
bx-card -c "$call" state connected >/dev/null
step connected "$(phone '{"flow": 50}')"
tell count true
step customer "{\"received\": $(hear received)}"

while event=$(event mute hold hangup client::ended); do
	on=$(jq -c .data <<<"$event")
	case $(jq -r .event <<<"$event") in
	muteButtonClick)
		phone "{\"mute\": $on}" >/dev/null
		# The browser's measure of loudness fades for a second.
		phone '{"flow": 60}' >/dev/null
		step "mute $on" "$(phone '{"watch": 1000}')"
		;;
	holdButtonClick)
		phone "{\"hold\": $on}" >/dev/null
		agree
		if [ "$on" = true ]; then
			step "hold $on" "$(phone '{"watch": 1000}')"
		else
			step "hold $on" "$(phone '{"flow": 20}')"
		fi
		;;
	hangupButtonClick)
		phone '{"hangup": true}' >/dev/null
		;;
	client::ended)
		tell bye true
		hear closed >/dev/null
		step ended "$on"
		break
		;;
	esac
done
bx-card -c "$call" close >/dev/null || [ $? = 5 ]
bx-call -c "$call" finish --duration 10 >/dev/null
