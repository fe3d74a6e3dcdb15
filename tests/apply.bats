# bx-bind apply and diff: a file of registrations, in one portal or in many.
load lib
load client

setup() { bx_setup; }
teardown() { bx_teardown; }

URL=https://app.example.net

# The file of most tests: a worker of bx-serve, one with languages, a tab, and two events.
wanted() {
	cat >want.json <<-END
		{
		  "placements": [
		    {"PLACEMENT": "PAGE_BACKGROUND_WORKER", "HANDLER": "@worker",
		     "OPTIONS": {"errorHandlerUrl": "@error"},
		     "LANG_ALL": {"en": {"TITLE": "Phone"}, "ru": {"TITLE": "Телефон", "DESCRIPTION": "x"}}},
		    {"PLACEMENT": "CALL_CARD", "HANDLER": "$URL/orders", "TITLE": "Orders"}
		  ],
		  "events": [
		    {"event": "ONVOXIMPLANTCALLEND", "handler": "@event"},
		    {"event": "OnExternalCallStart", "event_type": "offline"}
		  ]
		}
	END
}
apply() { run --separate-stderr bx-bind "$@" --public-url "$URL"; }
actions() { jq -rs '[.[].action] | join(" ")' <<<"$output"; }
# What was written to standard error, but for the address sanitizer's notice about stacks.
said() { grep -v "ASan doesn't fully support" <<<"$stderr" || :; }
# How many requests of REST the portal got since this was last asked.
requests() { bx-sandbox ctl portals --forget | jq -s 'map(.requests | add // 0) | add'; }

@test "what is missing is bound, and a second run changes nothing with a request for each list" {
	client_portal
	wanted
	apply diff want.json
	assert_failure 10
	assert_equal "$(actions)" 'bound bound bound bound'
	[[ $stderr == *"4 registrations differ"* ]]
	assert_equal "$(asked placement.bind)" 0
	apply apply want.json
	assert_success
	assert_equal "$(actions)" 'bound bound bound bound'
	assert_line --partial "\"handler\":\"$URL/worker\""
	assert_line --partial '"event":"ONEXTERNALCALLSTART","connector_id":"","offline":1'
	requests
	apply apply want.json
	assert_success
	assert_equal "$(actions)" 'kept kept kept kept'
	assert_equal "$(ctl portals | jq -c .requests)" '{"event.get":1,"placement.get":1}'
	apply -q apply want.json
	assert_success
	assert_output ''
	assert_equal "$stderr" ''
	apply diff want.json
	assert_success
}

@test "only what differs is removed and made again, whatever the difference" {
	client_portal
	wanted
	apply apply want.json
	local change
	for change in '.placements[0].LANG_ALL.ru.TITLE = "Звонки"' 'del(.placements[0].LANG_ALL.ru)' \
		'.placements[0].LANG_ALL.de.TITLE = "Telefon"' '.placements[0].HANDLER = "@worker?v=2"' \
		'.placements[0].OPTIONS.errorHandlerUrl = "https://app.example.net/told"' \
		'.placements[1].TITLE = "Deliveries"' '.events[0].auth_type = 1'; do
		jq -c "$change" want.json >next.json
		apply diff next.json
		assert_failure 10
		assert_equal "$change: $(actions | tr ' ' '\n' | sort | xargs)" "$change: kept kept kept rebound"
		apply apply next.json
		assert_success
		apply diff next.json
		assert_success
		mv next.json want.json
	done
	# The portal's own option and empty texts of a language are no difference.
	ctl load "$(ctl dump | jq '.tables.placements.rows[] | select(.placement == "PAGE_BACKGROUND_WORKER").ID')" 6000
	jq -c '.placements[0].LANG_ALL.en.GROUP_NAME = ""' want.json >next.json
	apply diff next.json
	assert_success
	assert_line --partial '"maxTimeCount":1'
	assert_equal "$(ctl log | jq 'select((.path // "") | endswith("placement.unbind")) | .body | fromjson |
		has("HANDLER") and has("USER_ID")' | sort -u)" true
}

@test "what the file does not name stays, goes with --prune, and a list it lacks is left alone" {
	client_portal
	wanted
	bx-bind add LEFT_MENU $URL/menu >/dev/null
	bx-bind event add ONAPPUPDATE $URL/updated >/dev/null
	apply apply want.json
	assert_equal "$(actions)" 'bound bound bound bound'
	jq -c 'del(.events)' want.json >places.json
	apply diff --prune places.json
	assert_failure 10
	assert_equal "$(actions)" 'kept kept unbound'
	apply apply --prune places.json
	assert_success
	assert_line --partial '"placement":"LEFT_MENU"'
	run bx-bind event ls
	assert_equal "${#lines[@]}" 3
	apply apply --prune want.json
	assert_equal "$(actions)" 'kept kept kept kept unbound'
	printf '{"placements":[],"events":[]}' >none.json
	apply apply --prune none.json
	assert_equal "$(actions)" 'unbound unbound unbound unbound'
	assert_equal "$(bx-bind ls)$(bx-bind event ls)" ''
}

@test "employees' registrations have addresses of their own and come before the general one" {
	client_portal
	ctl variant old-count
	jq -cn --arg u "$URL/w" '{placements: [{OPTIONS: {errorHandlerUrl: "https://app.example.net/e"}, PLACEMENT: "worker", HANDLER: $u} |
		(., . + {USER_ID: 2}, . + {USER_ID: 3, HANDLER: ($u + "?a=1#x")})]}' >want.json
	apply apply want.json
	assert_success
	assert_equal "$(jq -c '[.userId, .handler]' <<<"$output" | xargs)" \
		"[2,$URL/w?user=2] [3,$URL/w?a=1&user=3#x] [0,$URL/w]"
	apply apply want.json
	assert_equal "$(actions)" 'kept kept kept'
	# The general one steps aside for an employee who comes later; alone he is told why not.
	bx-bind rm worker --user 3 >/dev/null
	run --separate-stderr bx-bind add worker $URL/w --user 3 --error-handler https://app.example.net/e
	assert_failure 1
	run --separate-stderr bx-bind worker --public-url $URL --user 3
	assert_failure 1
	[[ $stderr == *"this portal counts the general worker too; remove it with bx-bind rm worker --user 0"* ]]
	apply apply want.json
	assert_success
	assert_equal "$(actions)" 'kept bound kept'
	apply apply want.json
	assert_equal "$(actions)" 'kept kept kept'
}

@test "the whole file is checked before the first request, and the line of the error told" {
	client_portal
	wanted
	refuse() { # LINE TEXT JQ-FILTER
		ordered "$3" want.json >bad.json
		requests >/dev/null
		apply apply bad.json
		assert_failure 2
		[[ $stderr == *"bad.json, line $1: $2"* ]] || fail "$stderr, not line $1: $2"
		assert_equal "$(requests)" 0
	}
	refuse 21 "HANDLER 'nowhere'" '.placements[1].HANDLER = "nowhere"'
	refuse 21 "HANDLER 'https://intranet/x' has a host without a dot" '.placements[1].HANDLER = "https://intranet/x"'
	refuse 21 "HANDLER '@phone' is none of" '.placements[1].HANDLER = "@phone"'
	refuse 19 'HANDLER' 'del(.placements[1].HANDLER)'
	refuse 23 'HANDLERS is no parameter of' '.placements[1].HANDLERS = "x"'
	refuse 6 'OPTIONS: a worker needs errorHandlerUrl' '.placements[0].OPTIONS = {}'
	refuse 9 'LANG_ALL: TITEL of en is no text' '.placements[0].LANG_ALL.en = {TITEL: "x"}'
	refuse 24 'an earlier registration takes the same place' '.placements[2] = .placements[1]'
	refuse 26 'handler is missing' 'del(.events[0].handler)'
	refuse 25 'events is not a list' '.events = 3'
	refuse 35 "'placement' is neither" '.placement = []'
	printf '{"placements": [\n{"PLACEMENT": "LEFT_MENU",\n"HANDLER": }]}' >bad.json
	apply apply bad.json
	assert_failure 2
	[[ $stderr == *"bad.json, line 3: not JSON"* ]]
	apply apply missing.json
	assert_failure 2
	assert_equal "$(requests)" 0
	# A file from a pipe is a file.
	run --separate-stderr bx-bind apply --public-url $URL - <want.json
	assert_success
}

@test "what the portal refuses is told, and the rest is done all the same" {
	client_portal
	wanted
	ctl fault placement.bind=ERROR_PLACEMENT_NOT_FOUND:1
	apply apply want.json
	assert_failure 1
	assert_equal "$(actions)" 'bound bound bound'
	[[ $stderr == *"ERROR_PLACEMENT_NOT_FOUND: demo: PAGE_BACKGROUND_WORKER $URL/worker: "* ]]
	[[ $stderr == *"1 of 4 registrations failed"* ]]
	apply apply want.json
	assert_success
	assert_equal "$(actions)" 'bound kept kept kept'
}

@test "a new registration that fails after the old one is gone is told loudly, and made by the next run" {
	client_portal
	run bx-bind worker --public-url $URL
	ctl fault placement.bind=ERROR_PLACEMENT_NOT_FOUND:1
	run --separate-stderr bx-bind worker --public-url https://other.example.net
	assert_failure 1
	[[ $stderr == *"NOT REGISTERED ANY MORE"*"the next run makes it"* ]]
	assert_equal "$(bx-bind ls)" ''
	# Any next run, also one that is about something else.
	printf '{"placements":[{"PLACEMENT":"LEFT_MENU","HANDLER":"%s/menu"}]}' "$URL" >menu.json
	apply diff menu.json
	assert_failure 10
	assert_equal "$(actions)" 'bound rebound'
	apply apply menu.json
	assert_success
	assert_line --partial '"handler":"https://other.example.net/worker","userId":0,"action":"rebound"'
	apply apply menu.json
	assert_equal "$(actions)" kept
}

@test "a mark is gone once the registration is removed on purpose, or is wanted elsewhere" {
	client_portal
	printf '{"placements":[]}' >none.json
	bx-bind worker --public-url $URL >/dev/null
	ctl drop placement.unbind
	ctl fault placement.bind=ERROR_PLACEMENT_NOT_FOUND:1
	run bx-bind worker --public-url https://other.example.net
	assert_failure
	run bx-bind worker --public-url https://third.example.net
	assert_json '.action == "rebound" and .handler == "https://third.example.net/worker"'
	apply apply none.json
	assert_output ''
	ctl fault placement.bind=ERROR_PLACEMENT_NOT_FOUND:1
	run bx-bind worker --public-url $URL
	assert_failure
	run bx-bind worker --public-url $URL
	assert_json '.action == "rebound"'
	run bx-bind rm worker
	apply apply none.json
	assert_output ''
}

@test "failures that pass are tried again, and one whose outcome is unknown is looked up" {
	client_portal
	bx-bind worker --public-url $URL >/dev/null
	ctl fault placement.bind=INTERNAL_SERVER_ERROR:2 --status 500 --text broken
	run --separate-stderr bx-bind worker --public-url https://other.example.net
	assert_success
	assert_json '.action == "rebound"'
	assert_equal "$(asked placement.bind)" 4
	ctl drop placement.bind
	run --separate-stderr bx-bind worker --public-url $URL
	assert_success
	assert_equal "$(asked placement.bind)" 5
}

@test "a daemon's addresses are asked for each portal, and only when the file names them" {
	client_portal
	wanted
	run --separate-stderr bx-bind apply want.json
	assert_failure 5
	[[ $stderr == *"bx-serve is not running here"* ]]
	jq -c 'del(.placements[0]) | del(.events[0])' want.json >plain.json
	run --separate-stderr bx-bind apply plain.json
	assert_success
	serve_start
	run --separate-stderr bx-bind apply want.json
	assert_success
	assert_line --partial "\"handler\":\"$SERVE/worker\""
	assert_line --partial "\"handler\":\"$SERVE/event\""
	run bx-bind ls
	assert_line --partial "\"errorHandlerUrl\":\"$SERVE/error/"
}

# Every portal of the process, known here as p1, p2 and so on.   many N
many() {
	sandbox_start --portals "$1"
	ctl portals --install | "$BX_BIN/../tests/tools/portals"
	jq -nc '{placements: [{PLACEMENT: "worker", HANDLER: "@worker", OPTIONS: {errorHandlerUrl: "@error"}},
		{PLACEMENT: "CALL_CARD", HANDLER: "https://app.example.net/orders"}],
		events: [{event: "ONVOXIMPLANTCALLEND", handler: "@event"}]}' >want.json
}
# Lets the portal of that number fail.   break NUMBER METHOD=CODE
break_portal() { bx-sandbox ctl fault "$2:0" --status "${3:-0}" --text broken --url "http://p$1.localhost:${DOMAIN##*:}"; }

@test "a thousand portals at once: 37 fail and stop no other, and a second run costs two requests each" {
	local n fault=(placement.bind=ERROR_PLACEMENT_NOT_FOUND placement.get=ACCESS_DENIED 'event.get=INTERNAL_SERVER_ERROR'
		placement.get=cut)
	many 1000
	for ((n = 2; n < 2 + 8 * 37; n += 8)); do
		break_portal $n "${fault[n / 8 % 4]}" "$((n / 8 % 4 == 2 ? 500 : 0))"
	done
	run --separate-stderr bx-bind -t 5 apply --all --public-url $URL -j 100 want.json
	assert_failure 1
	[[ $stderr == *"37 of 1000 portals failed"* ]]
	assert_equal "$(jq -r 'select(.action == "bound").portal' <<<"$output" | sort | uniq -c | awk '$1 == 3' | wc -l)" 963
	# Each of the 37 is named, and nobody else.
	assert_equal "$(grep -oE ' p[0-9]+: ' <<<"$stderr" | sort -u | wc -l)" 37
	ctl portals --forget >/dev/null
	run --separate-stderr bx-bind -t 5 apply --all --public-url $URL want.json
	assert_failure 1
	assert_equal "$(jq -r 'select(.action == "kept").portal' <<<"$output" | sort | uniq -c | awk '$1 == 3' | wc -l)" 963
	assert_equal "$(ctl portals | jq -c .requests | grep -c '^{"event.get":1,"placement.get":1}$')" 963
	# Well again, all of them.
	for ((n = 2; n < 2 + 8 * 37; n += 8)); do
		bx-sandbox ctl clear --url "http://p$n.localhost:${DOMAIN##*:}"
	done
	run --separate-stderr bx-bind -q apply --all --public-url $URL want.json
	assert_success
	ctl portals --forget >/dev/null
	run --separate-stderr bx-bind -q apply --all --public-url $URL want.json
	assert_success
	assert_output ''
	assert_equal "$(said)" ''
	assert_equal "$(ctl portals | jq -c .requests | sort -u)" '{"event.get":1,"placement.get":1}'
	run --separate-stderr bx-bind diff --all --public-url $URL want.json
	assert_success
}

@test "all portals at once renew their tokens each for itself" {
	many 20
	ctl expire
	local n
	for ((n = 2; n <= 20; n++)); do bx-sandbox ctl expire --url "http://p$n.localhost:${DOMAIN##*:}"; done
	run --separate-stderr bx-bind apply --all --public-url $URL want.json
	assert_success
	assert_equal "$(actions | tr ' ' '\n' | sort | uniq -c | xargs)" '60 bound'
	# With its own limit each: what one portal refuses for its rate is not asked again at once.
	bx-auth set p3 --limit 1:1
	run --separate-stderr bx-bind -q apply --all --public-url $URL want.json
	assert_success
}

@test "worker --all registers it wherever an app is installed, and waits for nobody" {
	client_portal
	echo s3cret | bx-auth -q add later --app --domain later.example.com --client-id local.2
	portal_webhook hook >/dev/null
	apply worker --all
	assert_success
	assert_equal "$(jq -c '[.portal, .handler, .action]' <<<"$output")" "[\"demo\",\"$URL/worker\",\"bound\"]"
	assert_equal "$(said)" ''
	apply -q worker --all -j 2
	assert_success
	assert_output ''
	apply -p demo worker --all
	assert_failure 2
	stop sandbox
	apply -q worker --all
	assert_failure 3
}

@test "webhooks are passed over, results may be cut off, and a line on the terminal tells how far it is" {
	many 3
	portal_webhook hook >/dev/null
	run --separate-stderr bx-bind apply --all --public-url $URL want.json
	assert_success
	assert_equal "$(actions)" 'bound bound bound bound bound bound bound bound bound'
	run --separate-stderr bx-bind -p hook apply --public-url $URL want.json
	assert_failure 4
	run --separate-stderr bx-bind -p p1 apply --all --public-url $URL want.json
	assert_failure 2
	run bash -c "script -qec 'bx-bind apply --all --public-url $URL want.json >out.json' /dev/null"
	assert_success
	assert_output --partial '4 of 4 portals, 0 failed'
	assert_equal "$(wc -l <out.json)" 9
	run --separate-stderr bash -c "bx-bind apply --all --public-url $URL want.json >/dev/full"
	assert_failure 9
}
