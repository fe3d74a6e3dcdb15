# bx-rest shell and methods: calls at a prompt.
load lib
load client

setup() {
	bx_setup
	PATH=$BX_BIN/../tests/tools:$PATH
	export TERM=xterm
	unset NO_COLOR
	client_portal
}
teardown() { bx_teardown; }

# Tab, Enter and so on at the shell; \ is doubled for nobody.   at_prompt [OPTION...] <SCRIPT
at_prompt() { run pty bx-rest "$@" shell; }

@test "methods lists what the portal offers, and completion remembers it" {
	run bash -c 'bx-rest --complete voximplant.infocall | cut -f1'
	refute_output
	run bx-rest methods
	assert_success
	assert_json '.method | type == "string"'
	printf '%s\n' "${lines[@]}" | jq -e 'select(.method == "user.get") | .help'
	bx-rest methods --scope telephony >telephony
	assert_equal "$(jq -r 'select(.method | ascii_downcase == "telephony.externalcall.register") | .help' telephony)" \
		"$(bx-rest --complete telephony.externalCall.register | cut -f2)"
	assert_equal "$(jq -r 'select(.method == "profile") | .method' telephony)" ''
	assert_equal "$(ctl log | jq -r 'select((.path // "") | endswith("/methods")) | .body | fromjson | .scope // "all"' | tr '\n' ' ')" 'all telephony '
	# The portal's own list is asked of the store, and each name is offered once.
	sqlite3 "$BX_STATE/portals.db" "update value set value = value || ' odd.method' where key = 'methods demo'"
	before=$(ctl log | wc -l)
	run bash -c 'bx-rest --complete od; bx-rest --complete user.ge | cut -f1'
	assert_output $'odd.method\nuser.get'
	assert_equal "$(ctl log | wc -l)" "$before"
}

# A portal's list as it was HOURS ago.   list_was HOURS PORTAL METHOD...
list_was() {
	local at=$((($(date +%s) - $1 * 3600) * 1000))
	sqlite3 "$BX_STATE/portals.db" "replace into value (key, value) values ('methods $2', '$at ${*:3}')"
}

@test "completion is of the portal that -p, BX_PORTAL or use means, else of all" {
	portal_webhook hook >/dev/null
	list_was 1 demo odd.app
	list_was 1 hook odd.hook
	for option in '-p demo' -pdemo '--portal demo' --portal=demo; do
		run bx-rest $option --complete odd
		assert_failure 2
		run bx-rest --complete $option odd
		assert_output odd.app
	done
	BX_PORTAL=hook run bx-rest --complete odd
	assert_output odd.hook
	BX_PORTAL=hook run bx-rest --complete -p demo list odd
	assert_output odd.app
	run bx-rest --complete odd
	assert_output $'odd.app\nodd.hook'
	bx-auth use hook
	run bx-rest --complete odd
	assert_output odd.hook
}

@test "a portal's list is asked for again after a day" {
	list_was 23 demo odd.app
	at_prompt <<<$'prompt demo>\ntype od\\t\nsee d.app\ntype \x03\nprompt demo>\ntype :q\\r'
	assert_success
	assert_equal "$(asked methods)" 0
	list_was 25 demo odd.app
	at_prompt <<<$'prompt demo>\ntype :q\\r'
	assert_success
	assert_equal "$(asked methods)" 1
	at_prompt <<<$'prompt demo>\ntype :q\\r'
	assert_equal "$(asked methods)" 1
	run bx-rest --complete odd
	refute_output
}

@test "calls are made and shown in colours, and an error says what there is to know" {
	at_prompt <<-'END'
		prompt demo>
		type user.get FILTER:={"ID": [2]}\r
		see "ID"
		see "2"
		prompt demo>
		type user.get {\r
		see ...
		type  "FILTER": {"ID": "3"}\r
		see ...
		type }\r
		see "3"
		prompt demo>
		type telephony.externalCall.register USER_ID=1 TYPE=2\r
		see ERROR_CORE
		see PHONE_NUMBER
		prompt demo>
		type no.such\r
		see ERROR_METHOD_NOT_FOUND
		see bx-rest methods
		prompt demo>
		type \x04
	END
	assert_success
	assert_output --partial $'\e[36m"ID"\e[m'
	refute_output --partial "$(jq -r .app.client_secret <<<"$SANDBOX_INFO")"
	assert_equal "$(grep -c . "$BX_STATE/history-rest-demo-$UID")" 4
}

@test "colours only where they are wanted, and in a dumb terminal none" {
	NO_COLOR=1 at_prompt <<<$'prompt demo>\ntype profile\\r\nsee "ADMIN"\nprompt demo>\ntype :q\\r'
	assert_success
	TERM=dumb at_prompt <<<$'prompt demo>\ntype profile\\r\nsee "ADMIN"\nprompt demo>\ntype :q\\r'
	assert_success
	refute_output --partial $'\e'
}

@test "the tab key knows the portal's methods and the rows' parameters" {
	at_prompt <<-'END'
		prompt demo>
		type telephony.externalC\t
		see ll.
		type reg\t
		see ister
		type PHONE\t
		see _NUMBER=
		type 1 TY\t
		see PE=
		type 2 {"CR\t
		see M_
		type \x03
		prompt demo>
		type :li\t
		see st
		type user.g\t
		see et
		type \x03
		prompt demo>
		type :p de\t
		see mo
		type \r
		prompt demo>
		type :q\r
	END
	assert_success
	assert_equal "$(asked methods)" 1
	at_prompt <<<$'prompt demo>\ntype :q\\r'
	assert_equal "$(asked methods)" 1
}

@test "another portal, lists, times" {
	portal_webhook hook >/dev/null
	at_prompt -p demo -o json <<-'END'
		prompt demo>
		type :p nobody\r
		see nobody
		prompt demo>
		type :p hook\r
		prompt hook>
		type profile\r
		see "ADMIN":true
		prompt hook>
		type :time\r
		see times are told
		type server.time\r
		see of them in the portal
		prompt hook>
		type :list user.get ORDER=ASC\r
		see "ID":"1"
		see "ID":"2"
		prompt hook>
		type :list profile\r
		see does not give a list
		prompt hook>
		type :frob\r
		see :help tells
		prompt hook>
		type :q\r
	END
	assert_success
	assert [ -s "$BX_STATE/history-rest-hook-$UID" ]
}

@test "Ctrl-C ends a call and not the shell" {
	ctl latency server.time=50000 >/dev/null
	at_prompt -v <<-'END'
		prompt demo>
		type server.time\r
		see > POST /rest/server.time
		type \x03
		see interrupted
		prompt demo>
		type profile\r
		see "ADMIN"
		prompt demo>
		type :q\r
	END
	assert_success
}

@test "from a pipe: results alone, a line each, and the status of what failed" {
	run --separate-stderr bx-rest shell <<<$'profile\n:list user.get {"FILTER":\n{"ID": 2}}\n'
	assert_success
	assert_equal "${#lines[@]}" 2
	assert_json '.ID == "2"'
	assert_equal "$stderr" ''
	run --separate-stderr bx-rest shell <<<$'no.such\nplacement.get\nprofile'
	assert_failure 1
	assert_json '.ID == "1"'
	assert_equal "$stderr" 'bx-rest: shell: ERROR_METHOD_NOT_FOUND: Method not found! (HTTP 404)'
	run --separate-stderr timeout 60 bx-rest shell <<<$'profile\v\f{}'
	assert_failure 2
	[[ $stderr == *"name of a method"* ]]
	run --separate-stderr bx-rest shell <<<'user.get {'
	assert_failure 2
	run --separate-stderr bx-rest -n shell <<<'user.get a="b c"'
	assert_json '.body.a == "b c"'
	assert [ ! -e "$BX_STATE/history-rest-demo-$UID" ]
}
