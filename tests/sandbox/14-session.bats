# The recorded exchanges between frame and page (portal.md 14.3, 14.5), replayed in the browser.
load page

setup() { page_setup; }
teardown() { bx_teardown; }

# What differs from one portal to another.
general() {
	sed -E -e "s/(\"(AUTH_ID|REFRESH_ID|MEMBER_ID|DOMAIN|CALL_ID)\"):\"[^\"]*\"/\1:\"\"/g" -e 's/"PROTOCOL":[01]/"PROTOCOL":0/'
}

# The Nth message the frame hears, whoever it is for.
message() {
	frame 'const nth = Number(arguments[0]);
		return new Promise(resolve => {
			const look = () => messages.length >= nth && (resolve(messages[nth - 1]), true);
			look() || waiting.push(look);
		})' "$1" | jq -r .
}

replay() {
	local sign text heard=0
	while IFS=' ' read -r sign text; do
		case $sign in
		'>')
			case $text in
			'{'*) post_value "$text" ;;
			*) post "$text" ;;
			esac
			;;
		'<')
			heard=$((heard + 1))
			assert_equal "$(message "$heard" | general)" "$(general <<<"$text")" || return 1
			;;
		'@')
			wd_press "${text%% *}"
			[ "$text" = "${text#* }" ] || { wd_click "#transfer-${text#* }" && wd_click "#transfer-${text#* }-inner"; }
			;;
		'!')
			# A question of one's own is all that is answered.
			heard=$((heard + 1))
			assert_equal "$(frame 'return ask("CallCardGetListUiStates").then(() => messages.length)')" "$heard" || return 1
			;;
		esac || return 1
	done <"$BX_ROOT/tests/wire/frame/$1"
}

@test "14.3, 14.5: a frame's start and a whole card, message by message" {
	local id=0
	while [ "$id" != 15 ]; do
		id=$(world user '{"NAME":"New","LAST_NAME":"Colleague","UF_PHONE_INNER":"115","WORK_PHONE":"+15550100015"}' | jq .ID)
		[ "$id" -le 15 ]
	done
	wd_start
	page 'uri=%2Fcrm%2Fdeal%2F%3Fa%3D1'
	say - getInitData
	# The record was made later than the first run.
	replay 14.3-start.txt
	# Its last line subscribes a second time.
	page 'uri=%2Fcrm%2Fdeal%2F%3Fa%3D1'
	local event
	while read -r id event; do
		say "$id" placementBindEvent "{\"event\":\"$PAGE_CARD$event\"}"
	done <<-'END'
		k3 initialized
		k4 muteButtonClick
		k5 hangupButtonClick
		k6 transferButtonClick
	END
	wd_wait '#workers [data-subscriptions="4"]'
	ring '{"EXTERNAL_CALL_ID":"pbx-77"}'
	wd_wait '#card'
	replay 14.5-session.txt
	wd_gone card
}
