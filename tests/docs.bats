# The manual: what its pages say is what the tools do.
load lib

setup() {
	bx_setup
	PAGES=$BX_BIN/../man
}
teardown() { bx_teardown; }

page_of_tool() { ls "$PAGES/$1".[18]; }
tools() { ls "$PAGES" | sed -n 's/^\(bx-.*\)\.[18]$/\1/p'; }
pages() { ls "$PAGES"/*.[1-8]; }

# Long options of the help's options part, sorted, one a line.
help_options() {
	sed -n '/^options:/,/^exit status:/p' | grep -oE '^ +(-., )? *--(\[no-\])?[a-z0-9-]+' |
		sed 's/.*--//' | LC_ALL=C sort -u
}

# Verbs of a tool as its help lists them.
help_verbs() {
	"$1" --help | sed -n '/^verbs:/,/^options:/s/^  \([a-z].*\)/\1/p' | cut -c1-26 |
		sed -E 's/  .*//; s/ [^a-z ].*//; s/ on\|off.*//; s/ +$//'
}

# mdoc options: those under a verb (with those it shares), or of the section OPTIONS.
man_options() {
	local page=$1 verb=${2:-}
	awk -v verb="$verb" '
		/^\.Sh / { section = $2; at = "" }
		/^\.Bl/ { depth++ }
		/^\.El/ { depth-- }
		section == "VERBS" && depth == 1 && /^\.It Cm / {
			at = $3
			if ($4 ~ /^[a-z]+$/ && $5 != "|") at = at " " $4
		}
		section == "VERBS" && verb != "" && at == verb || section == "OPTIONS" && verb == "" {
			if (/^\.(It )?Fl /) print
		}' "$page" | grep -oE 'Fl \\-[^ ]*' | sed 's/Fl //; s/\\&//; s/\\-/-/g; s/^-//' | LC_ALL=C sort -u
}

@test "every tool has a page, every page of a tool has a tool" {
	local tool page
	for tool in $(ls "$BX_BIN"); do
		page_of_tool "$tool"
	done
	for page in "$PAGES"/bx-*.1 "$PAGES"/bx-*.8; do
		[ -e "$page" ] || continue
		page=${page##*/}
		[ -x "$BX_BIN/${page%.?}" ]
	done
}

@test "mandoc has nothing to say about any page" {
	run bash -c 'mandoc -Tlint -W style "$@" 2>/dev/null | grep -v "referenced manual not found"' - $(pages)
	refute_output
}

@test "no page holds the marks of a merge" {
	run grep -nE '^(<{7}|={7}|>{7})( |$)' $(pages) "$BX_ROOT"/*.md "$BX_ROOT/CHANGELOG"
	refute_output
}

@test "every page that is referred to exists" {
	local name section
	while read -r name section; do
		[ -e "$PAGES/$name.$section" ] || fail "no $name($section)"
	done < <(sed -n 's/^\.\(It \)\?Xr \([^ ]*\) \([0-9]\).*/\2 \3/p' $(pages) | grep '^bx' | sort -u)
}

@test "the pages have their sections, in order" {
	local tool section
	for tool in $(tools); do
		run sed -n 's/^\.Sh //p' "$(page_of_tool "$tool")"
		for section in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' 'SEE ALSO'; do
			assert_line "$section"
		done
	done
}

@test "help and manual agree on every verb and every option" {
	local tool verb page verbs
	for tool in $(tools); do
		page=$(page_of_tool "$tool")
		assert_equal "$(man_options "$page")" "$("$tool" --help | help_options)"
		verbs=$(help_verbs "$tool")
		assert_equal "$(sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/s/^\.Cm //p' "$page" | sed 's/ \(Ar\|Fl\|Oo\|Op\|Cm\) .*//; s/ [a-z]* |.*//' | sort)" "$(sort <<<"$verbs")"
		while [ -n "$verbs" ] && read -r verb; do
			# shellcheck disable=SC2086
			assert_equal "$tool $verb: $({ man_options "$page" "$verb"; man_options "$page"; } | sort -u)" \
				"$tool $verb: $("$tool" $verb --help | help_options)"
		done <<<"$verbs"
	done
}

@test "help and version are exit 0, on standard output" {
	local tool
	for tool in $(tools); do
		run --separate-stderr "$tool" --help
		assert_success
		assert_line --index 0 --partial "usage: $tool"
		assert_equal "$stderr" ''
		run --separate-stderr "$tool" --version
		assert_success
		assert_output --regexp "^$tool [0-9]+\.[0-9]+\.[0-9]+$"
	done
}

@test "every exit status is told in help and manual alike" {
	local tool
	for tool in $(tools); do
		assert_equal "$(sed -n '/^\.Sh EXIT STATUS/,/^\.Sh SEE/s/^\.It \([0-9]*\)$/\1/p' "$(page_of_tool "$tool")")" \
			"$(printf '%s\n' 0 1 2 3 4 5 6 7 8 9 10)"
	done
}

# Names of an object as bx-json(7) lists them.   documented OBJECT
documented() {
	awk -v want="$1" '/^\.\\" object:/ { on = $3 == want }
		on && /^\.El/ { on = 0 }
		on && /^\.It Li / { sub(/^\.It Li /, ""); gsub(/ ,/, ""); gsub(/ /, "\n"); print }
		on && /^(why|\.Li) .*,|^\.Li (skipped|error)/ { gsub(/^\.Li | [,:]$/, ""); print }' "$PAGES/bx-json.7"
}

# There are objects on standard input, and they have only names that the page knows.   known OBJECT < lines
known() {
	local names extra lines
	lines=$(cat)
	[ -n "$lines" ] || fail "nothing was printed that could be $1"
	names=$(documented "$1" | jq -R . | jq -s .)
	extra=$(jq -r --argjson names "$names" 'keys - $names | .[]' <<<"$lines" | sort -u)
	[ -z "$extra" ] || fail "bx-json(7) does not list in $1: $extra"
}

@test "bx-json(7) has every name the tools print" {
	local out
	whole_portal 2>/dev/null
	known sandbox <<<"$SANDBOX_INFO"
	ctl portals --install | known sandbox
	known serve <<<"$SERVE_INFO"
	for out in "bx-auth ls" "bx-auth show" "bx-auth refresh" "bx-auth set demo --limit 50:2"; do
		$out | known profile
	done
	portal_webhook hook | known profile
	bx-auth use demo
	bx-bind worker | known binding
	bx-bind add CALL_CARD https://app.example.com/x | known binding
	bx-bind rm CALL_CARD https://app.example.com/x | known binding
	bx-bind ls | known placement
	bx-bind available | known available
	bx-bind event available | known available
	bx-bind event add ONAPPTEST https://app.example.com/x | known binding
	bx-bind event add ONVOXIMPLANTCALLEND --type offline | known binding
	bx-bind event ls | known handler
	{ bx-bind probe "$SERVE/worker" || [ $? = 10 ]; } | known check
	bx-call register --id a --ext 101 --phone 5550100 --type in >call.json
	known register <call.json
	bx-call register --id a --ext 101 --phone 5550100 --type in | known register
	bx-call register --id b --user 2 --phone 5550101 --type in --crm-create | known register
	bx-call -c ext:b show --user 1 | known shown
	bx-call -c ext:b hide --user 1 | known shown
	bx-call ls | known known
	bx-call -c - finish --duration 5 <call.json | jq -c '{CALL_ID, CALL_DURATION}' | known finish
	bx-bind event pull | known pulled
	bx-call history | jq -c '{ID, CALL_TYPE, CALL_START_DATE, CALL_RECORD_URL, REST_APP_ID, REST_APP_NAME}' | known history
	bx-call history | jq -e '.CALL_ID and .PORTAL_USER_ID and .CALL_FAILED_CODE'
	bx-call history --summary | known summary
	bx-call -c ext:b answered --user 1 | known answered
	bx-call -c ext:a transcript - <<<'[{"SIDE":"User","START_TIME":0,"STOP_TIME":1,"MESSAGE":"Hi"}]' | known attached
	bx-call search '+1 555 010 0199' | known found
	bx-call line add 7 | known line
	bx-call line ls | known line
	{ bx-auth check || [ $? = 10 ]; } | known check
	{ bx-call check 1 || [ $? = 10 ]; } | known check
	ctl fault '*=cut:1' >/dev/null
	{ bx-call register --spool -t 0.1 --id q --ext 101 --phone 5550100 --type in || [ $? = 7 ]; } | known spooled
	bx-call outbox ls | known item
	bx-call flush | known item
	bx-call outbox show "$(bx-call outbox ls -a | jq -s 'last.id')" | known item
	bx-card states | known state
	bx-card events | known event
	bx-rest -n user.get | known preview
	run bx-rest batch < <(printf '%s\n' '{"id":1,"method":"profile"}' '{"id":2,"method":"nope"}')
	printf '%s\n' "${lines[@]}" | grep '^{' | known batch
	BX_ERRORS=json run --separate-stderr bx-rest nope
	known error <<<"$stderr"
}

@test "bx-json(7) has every name of cards, hooks, files of registrations and methods" {
	local out
	. "$BX_ROOT/tests/webdriver.bash"
	whole_portal --presence --on answerButtonClick=/bin/false --hook-tries 1 2>/dev/null
	wd_start
	wd_open "$(page_of 101)"
	bx-call register --ext 101 --phone 5550100 --type in >call.json
	printf '%s\n' 'wait initialized' 'state incoming' 'timer stop' 'wait answer' 'mute on' >answer.card
	start play bx-card -c "$(jq -r .CALL_ID call.json)" play answer.card
	wd_press answer
	wait "${BX_PIDS[play]}" && unset 'BX_PIDS[play]'
	jq -c 'select(.event)' play.out | known event
	jq -c 'select(.verb)' play.out | known "done"
	jq -c 'select(.verb).users[]' play.out | known answer
	assert_equal "$(jq -c 'select(.event)' play.out | wc -l) $(jq -c 'select(.verb)' play.out | wc -l)" '2 3'
	bx-card -c - title x <call.json | known "done"
	bx-card -c - -t 20 wait hook.failed <call.json | known event
	bx-card ls | known card
	bx-card ls --online | known operator
	bx-card hooks ls | jq -c 'select(.seq | not)' | known hook
	bx-card hooks ls | jq -c 'select(.seq)' >failed.json
	[ -s failed.json ]
	known hookrun <failed.json
	bx-card hooks retry | known hookrun
	bx-call check 1 | known check
	echo '{"placements":[{"PLACEMENT":"CALL_CARD","HANDLER":"https://app.example.com/x"}],
		"events":[{"event":"ONVOXIMPLANTCALLEND","handler":"@event"}]}' >want.json
	{ bx-bind diff want.json || [ $? = 10 ]; } | known binding
	for out in 'bx-bind apply want.json' 'bx-bind apply --all want.json' 'bx-bind worker --all' 'bx-bind -n worker'; do
		$out >out.json
		[ -s out.json ]
		known binding <out.json
	done
	bx-rest methods | known method
	bx-auth alive | known proved
	bx-auth check | known check
}

@test "bx-json(7) has every event of the daemon" {
	local name
	while read -r name; do
		grep -q "^\.It Cm .*${name//./\\.}\b" "$PAGES/bx-json.7" || fail "bx-json(7) lacks $name"
	done < <(grep -hoE '(serve_note|emit_serve|\.event =)[^;]*"[a-z]+\.[a-z]+"(, "[a-z]+\.[a-z]+")*|\? "[a-z]+\.[a-z]+" : "[a-z]+\.[a-z]+"' \
		"$BX_ROOT"/cmd/bx-serve/*.c | grep -oE '"[a-z]+\.[a-z]+"' | tr -d '"' | sort -u)
}

@test "bx-sandbox(1) has every variant" {
	local name
	while read -r name; do
		grep -q "^\.It Cm $name$" "$PAGES/bx-sandbox.1" || fail "bx-sandbox(1) lacks $name"
	done < <(sed -n '/sb_variants\[\]/,/^}/s/^\t{"\([a-z-]*\)".*/\1/p' "$BX_ROOT/cmd/bx-sandbox/state.c")
}

@test "make man-html: a page each, an index of all, and every link leads somewhere" {
	local link html=$BATS_TEST_TMPDIR/b/html
	# shellcheck disable=SC2086 # words, each a setting of make
	(cd "$BX_ROOT" && unset MAKEFLAGS MFLAGS MAKELEVEL && B=$(realpath --relative-to=. "$BX_BIN/..") &&
		make -s man-html B="$B" $BX_FLAGS HTMLDIR="$html" >/dev/null)
	assert_equal "$(find "$html" -name '*.[1-8].html' | wc -l)" "$(pages | wc -l)"
	cd "$html"
	for link in $(grep -ohE 'href="?[^#" >]+' ./*.html | sed 's/href="*//' | grep -v ^http: | sort -u); do
		[ -e "$link" ] || fail "no $link"
	done
	run grep -c '<li>' index.html
	assert_output "$(pages | wc -l)"
}

@test "every test that bx-serve(8) names is there" {
	local file words n=0
	while read -r file words; do
		grep -qF "@test \"$words" "$BX_ROOT/$file" || fail "$file has no test \"$words"
		n=$((n + 1))
	done < <(sed -n '/^\.Pa tests\//{N;s/^\.Pa \([^ ]*\) :\n\.Dq /\1 /p}' "$BX_ROOT/man/bx-serve.8.in")
	[ "$n" -ge 14 ]
}
