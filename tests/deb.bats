# The Debian packages: clean for lintian, installed, used and removed on a copy of this machine.
load lib

setup_file() {
	cd "$BATS_TEST_DIRNAME/.." || return 1
	unset MAKEFLAGS MFLAGS MAKELEVEL
	export PACKED=$BATS_FILE_TMPDIR/build
	make -s deb B="$PACKED" MAINTAINER='Ann Lee <ann@debian.org>' >"$BATS_FILE_TMPDIR/log" 2>&1 || {
		tail -n 30 "$BATS_FILE_TMPDIR/log" >&2
		return 1
	}
}
setup() { bx_setup; }
teardown() { bx_teardown; }

@test "lintian has no complaint" {
	run lintian --allow-root --fail-on error,warning "$PACKED"/deb/*.changes
	assert_success
	refute_output --regexp '^[EW]:'
}

@test "each tool is in one package" {
	run bash -c 'for deb in "$1"/deb/*.deb; do dpkg-deb --contents "$deb"; done | sed -n "s,.* ./usr/bin/bx,bx,p" | sort' - "$PACKED"
	assert_output "$(ls "$BX_BIN")"
}

@test "the page and what it leads to are in the package of the tools" {
	local link
	dpkg-deb -x "$PACKED"/deb/bx-tools_*.deb x
	zcat -f x/usr/share/doc/bx-tools/README.md* | grep -o '](\([^)#]*\))' | sed 's/^](//; s/)$//' | grep -v '^https\?:' >links
	[ "$(wc -l <links)" -gt 5 ]
	while IFS= read -r link; do
		ls x/usr/share/doc/bx-tools/"$link"* || fail "README.md leads to $link"
	done <links
}

@test "installed, used by the system's users, removed, purged" {
	local as_root=()
	[ "$(id -u)" = 0 ] || as_root=(sudo -n)
	mkdir -p given
	cp "$PACKED"/deb/*.deb "$BX_ROOT/tests/portal.bash" "$BX_ROOT/tests/deb-life" "$BX_ROOT/README.md" given
	run "${as_root[@]}" unshare --mount --pid --fork "$BX_ROOT/tests/deb-root" "$PWD/given" /given/deb-life
	assert_success
	assert_line 'clean'
}
