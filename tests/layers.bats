#!/usr/bin/env bats
# The layer check finds what it is there for.

setup() {
	tree=$BATS_TEST_TMPDIR
	mkdir -p "$tree/lib" "$tree/cmd/bx-serve" "$tree/cmd/bx-sandbox" "$tree/tests"
	cp "$BATS_TEST_DIRNAME/layers" "$tree/tests/layers"
	cp "$BATS_TEST_DIRNAME/../lib/ops_card.c" "$tree/lib/"
	for name in str json spec http rest cli banned; do
		: >"$tree/lib/$name.h"
	done
}

# says FILE WANTED [LINE...]: a file of these lines is refused with this word.
says() {
	local file=$1 wanted=$2
	shift 2
	printf '%s\n' "$@" >"$tree/$file"
	run "$tree/tests/layers" "$file"
	[ "$status" = 1 ] || { echo "accepted: $*"; return 1; }
	[[ $output == *"$wanted"* ]] || { echo "$output"; return 1; }
	rm "$tree/$file"
}

# takes FILE [LINE...]
takes() {
	local file=$1
	shift
	printf '%s\n' "$@" >"$tree/$file"
	run "$tree/tests/layers" "$file"
	[ "$status" = 0 ] || { echo "$output"; return 1; }
	rm "$tree/$file"
}

@test "a lower layer includes no higher one" {
	takes lib/rest_more.c '#include "http.h"' '#include "banned.h"'
	says lib/json_more.c 'layer 1 includes http.h of layer 3' '#include "http.h"' '#include "banned.h"'
	says lib/cli_more.c 'may not include http.h' '#include "http.h"' '#include "banned.h"'
	says lib/new.c 'has no layer' 'int x;'
}

@test "tools include what they may" {
	takes cmd/bx-sandbox/x.c '#include "http.h"' '#include "cli.h"' '#include "banned.h"'
	says cmd/bx-sandbox/x.c 'may not include rest.h' '#include "rest.h"' '#include "banned.h"'
	says cmd/bx-serve/x.c 'may not include rest.h' '#include "rest.h"' '#include "banned.h"'
	says cmd/bx-serve/cards_x.c 'may not include http.h' '#include "http.h"' '#include "banned.h"'
}

@test "a header beside the file comes first" {
	: >"$tree/cmd/bx-sandbox/rest.h"
	takes cmd/bx-sandbox/x.c '#include "rest.h"' '#include "banned.h"'
}

@test "each library is known to one file" {
	takes lib/http.c '#include <curl/curl.h>' '#include "banned.h"'
	says lib/rest.c 'only lib/http may know' '#include <curl/curl.h>' '#include "banned.h"'
	says lib/cli.c 'only lib/store.c may know' '#include <sqlite3.h>' '#include "banned.h"'
	says lib/http.c 'SQL belongs' 'const char *q = "SELECT 1";'
}

@test "names of the protocol are in the tables alone" {
	takes lib/ops_more.c 'const char *a = "CallCardSetMute";' '#include "banned.h"'
	takes cmd/bx-serve/x.c '/* CallCardSetMute is sent by the row */' 'const char *a = "mute";'
	says cmd/bx-serve/x.c 'belongs into the tables' 'const char *a = "CallCardSetMute";'
	says cmd/bx-serve/x.c 'belongs into the tables' 'const char *a = "BackgroundCallCard::x";'
	says cmd/bx-serve/x.c 'belongs into the tables' 'const char *a = "telephony.externalCall.show";'
	says cmd/bx-serve/x.js 'belongs into the tables' "const a = 'transferConnected';"
}

@test "the house style that a machine can see" {
	says lib/str.c 'banned.h is not its last include' '#include "banned.h"' '#include <string.h>'
	says lib/str.c 'a struct is called a struct' 'typedef struct x y;'
	says lib/str.c 'something is left' "/* TO""DO: later */"
	says lib/str.c 'white space at the end' 'int x; '
}

@test "the tree itself is clean" {
	run "$BATS_TEST_DIRNAME/layers"
	[ "$status" = 0 ] || { echo "$output"; return 1; }
}
