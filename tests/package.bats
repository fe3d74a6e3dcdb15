# What a release, an installation and the packages contain, and that what they set up works.
load lib

setup_file() {
	cd "$BATS_TEST_DIRNAME/.." || return 1
	# A make that runs within make check must not ask that one for jobs.
	unset MAKEFLAGS MFLAGS MAKELEVEL
	export STAGE=$BATS_FILE_TMPDIR/stage
	local options=''
	case ${BX_BIN:-} in *-san/bin) options=SAN=1 ;; esac
	make -s install $options PREFIX=/usr DESTDIR="$STAGE" >/dev/null
}
setup() {
	bx_setup
	unset MAKEFLAGS MFLAGS MAKELEVEL
}
teardown() { bx_teardown; }

version() { sed -n 's/^VERSION *:= //p' "$BX_ROOT/Makefile"; }

@test "the flows that the tests run are the examples that people get" {
	local flow
	for flow in "$BX_ROOT"/tests/flows/*; do
		cmp "$flow" "$STAGE/usr/share/doc/bx/examples/${flow##*/}"
	done
}

@test "the version stands in the Makefile, everything else follows" {
	run --separate-stderr "$STAGE/usr/bin/bx-call" --version
	assert_output "bx-call $(version)"
	run head -n 1 "$BX_ROOT/CHANGELOG"
	assert_output --regexp "^bx $(version), "
	run grep -rlF --exclude-dir=build --exclude-dir='build-*' --exclude-dir=.git "$(version)" \
		"$BX_ROOT"/{Makefile,CHANGELOG,README.md,man,debian,systemd,lib,cmd,completions}
	assert_equal "$(sed 's,.*/,,' <<<"$output" | sort)" "$(printf '%s\n' CHANGELOG Makefile)"
}

@test "the release is the same bytes from this folder and from an unpacked one" {
	local name
	name=bx-$(version)
	make -s -C "$BX_ROOT" dist B="$PWD/one" >/dev/null
	mkdir two && (umask 077 && tar -xzf one/"$name".tar.gz -C two)
	make -s -C "two/$name" dist >/dev/null
	cmp one/"$name".tar.gz "two/$name/build/$name.tar.gz"
	run tar -tzf one/"$name".tar.gz
	assert_line "$name/README.md"
	assert_line "$name/tests/run"
	refute_line --regexp '^[^/]*/build'
	refute_line --regexp '\.o$'
}

@test "an installation is complete and stays within its prefix" {
	local tool
	for tool in "$BX_BIN"/*; do
		tool=${tool##*/}
		"$STAGE/usr/bin/$tool" --version
		[ -s "$STAGE/usr/share/bash-completion/completions/$tool" ]
		[ -s "$STAGE/usr/share/fish/vendor_completions.d/$tool.fish" ]
		[ -s "$STAGE/usr/share/zsh/site-functions/_$tool" ]
		ls "$STAGE"/usr/share/man/man?/"$tool".?
	done
	assert_equal "$(ls "$STAGE")" usr
	run grep -rl "$STAGE" "$STAGE/usr/lib" "$STAGE/usr/share"
	refute_output
	run grep -r '@[A-Z]*@' "$STAGE/usr/lib" "$STAGE/usr/share/man"
	refute_output
}

@test "what the page leads to is there, in the sources and installed" {
	local page link
	for page in "$BX_ROOT/README.md" "$STAGE/usr/share/doc/bx/README.md"; do
		grep -o '](\([^)#]*\))' "$page" | sed 's/^](//; s/)$//' | grep -v '^https\?:' >links
		[ "$(wc -l <links)" -gt 5 ]
		while IFS= read -r link; do
			[ -s "${page%/*}/$link" ] || fail "$page leads to $link"
		done <links
	done
}

@test "the units are right, and closed tight" {
	local unit
	for unit in "$STAGE"/usr/lib/systemd/system/*.service; do
		run systemd-analyze security --offline=true --no-pager --threshold=20 "$unit"
		assert_success
		grep -q '^User=bx$' "$unit"
	done
	# Commands are looked for under the root, where the system's own are not.
	mkdir -p root/bin root/usr/lib root/etc
	cp -r "$STAGE/usr" root
	touch root/bin/kill && chmod +x root/bin/kill
	cp -r /lib/systemd/system/. root/usr/lib/systemd/system/
	for unit in "$STAGE"/usr/lib/systemd/system/*; do
		run systemd-analyze verify --root="$PWD/root" --man=no "${unit##*/}"
		refute_output --partial "${unit##*/}"
	done
}

@test "user, group and state directory come from the snippets" {
	mkdir -p root/etc
	systemd-sysusers --root="$PWD/root" "$STAGE/usr/lib/sysusers.d/bx.conf"
	grep -q '^bx:.*:/var/lib/bx:' root/etc/passwd
	grep -q '^bx:' root/etc/group
	[ "$(id -u)" = 0 ] || return 0
	systemd-tmpfiles --root="$PWD/root" --create "$STAGE/usr/lib/tmpfiles.d/bx.conf"
	assert_equal "$(stat -c %a root/var/lib/bx)" 2770
	assert_equal "$(stat -c %g root/var/lib/bx)" "$(sed -n 's/^bx:[^:]*:\([0-9]*\):.*/\1/p' root/etc/group)"
}

@test "the example of options starts the daemon" {
	sed 's/127.0.0.1:8071/127.0.0.1:0/' "$BX_ROOT/examples/serve.options" >serve.options
	start serve bx-serve @serve.options
	assert_equal "$(jq -r .worker <<<"$FIRST")" https://bx.example.net/worker
}

@test "nginx with the example configuration passes pages, lines and nothing too large" {
	local pid in line
	start serve bx-serve --public-url https://bx.example.net --listen 127.0.0.1:0
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout key.pem \
		-out cert.pem -subj /CN=bx.example.net -addext subjectAltName=DNS:bx.example.net 2>/dev/null
	sed -e "s,listen 443 ,listen unix:$PWD/site.sock ," -e "s,127.0.0.1:8071,$(jq -r .listening <<<"$FIRST")," \
		-e "s,/etc/letsencrypt.*fullchain.pem,$PWD/cert.pem," -e "s,/etc/letsencrypt.*privkey.pem,$PWD/key.pem," \
		"$BX_ROOT/examples/nginx.conf" >site.conf
	cat >nginx.conf <<-END
		pid $PWD/nginx.pid;
		events {}
		http {
			access_log $PWD/access.log;
			client_body_temp_path $PWD/body;
			proxy_temp_path $PWD/proxy;
			include $PWD/site.conf;
		}
	END
	local nginx=(nginx -p "$PWD" -e "$PWD/nginx.err" -c "$PWD/nginx.conf")
	run "${nginx[@]}" -t
	assert_success
	refute_output --partial warn
	"${nginx[@]}"
	pid=$(cat nginx.pid)
	local get=(curl -s --cacert cert.pem --unix-socket site.sock -o answer -w '%{http_code} %{http_version}')

	run "${get[@]}" https://bx.example.net/healthz
	assert_output '200 2'
	run "${get[@]}" -d DOMAIN=x https://bx.example.net/worker
	assert_output --regexp '^(400|403) 2$'
	run "${get[@]}" --data-binary @<(head -c 2000000 /dev/zero) https://bx.example.net/worker
	assert_output '413 2'
	run "${get[@]}" -d error=x https://bx.example.net/error/0123456789abcdef
	assert_output '404 2'
	exec {in}< <(exec curl -sNi --http1.1 --cacert cert.pem --unix-socket site.sock \
		-H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Origin: https://bx.example.net' \
		-H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' \
		https://bx.example.net/frame 3>&-)
	read -r line <&"$in"
	kill "$!"
	exec {in}<&-
	kill -QUIT "$pid"
	assert_equal "${line%$'\r'}" 'HTTP/1.1 101 Switching Protocols'
	grep -q 'POST /worker' access.log
	run grep -c 0123456789abcdef access.log
	assert_output 0
}
