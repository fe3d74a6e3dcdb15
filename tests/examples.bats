# Every example of the manual is run as it stands.
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

# Runs all blocks of a page.   page NAME.SECTION
page() {
	local file=$BX_BIN/../man/$1
	examples_of_page "$file" >blocks
	case $(sed -n 's/^@block *\([a-z]*\).*/\1/p' blocks | sort -u) in
	fresh) mkdir fresh && cd fresh && mv ../blocks . && unset BX_STATE && export HOME=$PWD ;;
	portal)
		whole_portal --presence >/dev/null 2>&1
		echo "$SANDBOX_INFO" >sandbox.json
		jq -r .app.client_secret <<<"$SANDBOX_INFO" >secret
		;;
	*) fail "$1: examples of one page have one setup" ;;
	esac
	shell_start
	run_examples blocks
	[ "$BLOCKS" -gt 0 ]
}

@test "every block of every example has a test" {
	local file
	for file in "$BX_BIN"/../man/*.[1-8]; do
		run awk '/^\.Sh / { on = $2 == "EXAMPLES" } /^\.\\" example:/ { told = NR }
			on && /^\.Bd/ && told != NR - 1 { print FILENAME ": " NR }' "$file"
		refute_output
		case $file in
		*/bx-*.[18]) grep -q '^\.Sh EXAMPLES' "$file" ;;
		esac
	done
}

@test "bx(7): the tutorial" { page bx.7; }
@test "bx-control(5)" { page bx-control.5; }
@test "bx-store(5)" { page bx-store.5; }
@test "bx-auth(1)" { page bx-auth.1; }
@test "bx-rest(1)" { page bx-rest.1; }
@test "bx-bind(1)" { page bx-bind.1; }
@test "bx-call(1)" { page bx-call.1; }
@test "bx-card(1)" { page bx-card.1; }
@test "bx-card-script(5)" { page bx-card-script.5; }
@test "bx-serve(8)" { page bx-serve.8; }
@test "bx-sandbox(1)" { page bx-sandbox.1; }
