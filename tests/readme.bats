# A person who has only the README: every command of it is pasted into a shell and run.
# What it says for root is run on a copy of this machine, by deb.bats.
load lib
load examples

setup() {
	bx_setup
	load_examples
}
teardown() {
	shell_end
	bx_teardown
}

# A clone with what was built of it.
clone() {
	local build=${BX_BIN%/bin} part
	build=$(realpath "$build")
	mkdir clone && cd clone || return 1
	(cd "$BX_ROOT" && tar -cf - --exclude='./build*' --exclude=./.git .) | tar -xf -
	export B=${build##*/} CC
	CC=$(cut -d' ' -f1 "$build/flags")
	if grep -q fsanitize "$build/flags"; then
		export SAN=1
	fi
	mkdir "$B"
	for part in "$build"/*; do
		[ "${part##*/}" = tests ] || [ "${part##*/}" = demo ] || cp -a "$part" "$B"
	done
	[ -e build ] || ln -s "$B" build
}

@test "every block of commands is run, here or as root" {
	examples_of_markdown "$BX_ROOT/README.md" >blocks
	assert_equal "$(grep -c '^@block' blocks)" "$(grep -c '^ *```sh' "$BX_ROOT/README.md")"
	run grep -c '^@block root' blocks
	assert_output 3
	run awk '/^ *```$/ { if (!on) print FILENAME ": " NR; on = 0; next } /^ *```/ { on = 1 }' "$BX_ROOT/README.md"
	refute_output
}

@test "the demo, a call, a changed flow, three flows, a second portal, healing" {
	examples_of_markdown "$BX_ROOT/README.md" root >blocks
	clone
	unset BX_STATE BX_SANDBOX
	shell_start
	run_examples ../blocks
	[ "$BLOCKS" -gt 10 ]
	[ -s build/demo/beside.png ]
	# What was printed by the last block: it put right what was removed, and then found nothing to do.
	printf '%s\n' "${SAID[@]}" | grep '^{' | grep -A9 '"action":"unbound"' | jq -r .action >actions
	assert_equal "$(tr '\n' ' ' <actions)" 'unbound bound '
}

@test "a real portal is added at a terminal, as the page shows it" {
	local line shown
	PATH=$BX_BIN/../tests/tools:$PATH
	sandbox_start
	serve_start
	line=$(sed -n 's/^ *\$ \(bx-auth add office .*\)/\1/p' "$BX_ROOT/README.md")
	line=${line/crm.example.com/$DOMAIN --auth-server $AUTH_SERVER}
	# What the command says, up to what is typed, is what the page has.
	sed -n '/^ *\$ bx-auth add office/,/```/{s/^   //; /^\$/d; /```/d; p}' "$BX_ROOT/README.md" |
		sed -e "s,https://bx.example.net,$SERVE," -e "s,https://crm.example.com,$SANDBOX," \
			-e 's/: local\..*/:/' -e 's/…$//' >shown
	[ "$(wc -l <shown)" -gt 7 ]
	# shellcheck disable=SC2086
	run env TERM=xterm pty -o out $line -o json < <(
		while IFS= read -r shown; do
			echo "see $shown"
			case $shown in
			client_id*) echo "type $(jq -r .app.client_id <<<"$SANDBOX_INFO")\\r" ;;
			client_secret*) echo "type $(jq -r .app.client_secret <<<"$SANDBOX_INFO")\\r" ;;
			esac
		done <shown
		echo "run bx-sandbox ctl install install_url=$SERVE/install event_url=$SERVE/event >/dev/null"
	)
	assert_success
	jq -e '.portal == "office" and (.waiting | not)' out
	bx-bind -p office worker
	bx-auth check office
}
