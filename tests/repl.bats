# The prompt that the shells share: editing, history, completion, Ctrl-C, pipes and dumb terminals.
load lib

setup() {
	bx_setup
	PATH=$BX_BIN/../tests/tools:$PATH
	export TERM=xterm
	unset NO_COLOR
}
teardown() { bx_teardown; }

# A person at a terminal; what the program printed is in the file out.   person COMMAND... <SCRIPT
person() { run pty -o out "$@"; }

@test "lines are edited: keys move, letters of several bytes are whole" {
	person prompt t <<-'END'
		prompt >
		type llo\x01he\x05, w\xc3\xb6rld\x7f\x7f\x7fd\r
		prompt >
		type \x04
	END
	assert_success
	assert_equal "$(cat out)" '"hello, wöd"'
}

@test "history is kept for the next time, and by key" {
	person prompt t <<<$'prompt >\ntype first\\r\nprompt >\ntype second\\r\nprompt >\ntype \\x04'
	assert_success
	assert_equal "$(stat -c %a "$BX_STATE/history-t-$UID")" 600
	person prompt t <<<$'prompt >\ntype \\x10\\x10\\r\nprompt >\ntype \\x04'
	assert_success
	assert_equal "$(cat out)" '"first"'
	person prompt other <<<$'prompt >\ntype \\x10x\\r\nprompt >\ntype \\x04'
	assert_equal "$(cat out)" '"x"'
	person prompt t <<<$'prompt >\ntype \\x12sec\nsee second\ntype \\r\nprompt >\ntype \\x04'
	assert_equal "$(cat out)" '"second"'
}

@test "entries with secrets, and those after a space, are not kept" {
	person prompt t <<-'END'
		prompt >
		type a hush-hush-hush b\r
		prompt >
		type  spaced\r
		prompt >
		type client_SECRET=x\r
		prompt >
		type plain\r
		prompt >
		type \x04
	END
	assert_success
	assert_equal "$(wc -l <out)" 4
	assert_equal "$(cat "$BX_STATE/history-t-$UID")" plain
}

@test "a long history is cut to its newest, and one of somebody else's making is not followed" {
	seq 1 2500 >"$BX_STATE/history-t-$UID"
	person prompt t <<<$'prompt >\ntype \\x10\\r\nprompt >\ntype \\x04'
	assert_equal "$(cat out)" '"2500"'
	assert_equal "$(sed -n '1p;$p' "$BX_STATE/history-t-$UID" | tr '\n' ' ')" '1501 2500 '
	echo precious >precious
	ln -s "$PWD/precious" "$BX_STATE/history-link-$UID"
	person prompt link <<<$'prompt >\ntype \\x10x\\r\nprompt >\ntype \\x04'
	assert_equal "$(cat out) $(cat precious)" '"x" precious'
}

@test "the tab key completes what is one, and lists what is not" {
	person prompt t <<-'END'
		prompt >
		type ba\t
		see banana 
		type \r
		prompt >
		type a\t
		see ap
		type \t
		see apricot
		see a fruit, or not
		see > ap
		type r\t
		see icot
		type \r
		prompt >
		type \x04
	END
	assert_success
	assert_equal "$(tr '\n' ' ' <out)" '"banana " "apricot " '
}

@test "an entry goes on over lines, and is one entry in the history" {
	person prompt t <<-'END'
		prompt >
		type call {\r
		see ...
		type 1}\r
		prompt >
		type \x04
	END
	assert_success
	assert_equal "$(cat out)" '"call {\n1}"'
	assert_equal "$(cat "$BX_STATE/history-t-$UID")" 'call { 1}'
}

@test "Ctrl-C drops what is typed, or cuts short what runs, and the prompt stays" {
	run pty prompt t <<-'END'
		prompt >
		type gone\x03
		prompt >
		type {\r
		see ...
		type \x03
		prompt >
		type here\r
		see "here"
		prompt >
		type wait\r
		see "wait"
		type \x03
		see cut short
		prompt >
		type \x04
	END
	assert_success
	refute_output --partial '"gone'
}

@test "an entry that is too long is told and dropped, and the prompt stays" {
	local i
	{
		printf 'prompt >\ntype {\\r\n'
		for i in $(seq 263); do
			printf 'see ...\ntype %s\\r\n' "$(head -c 4000 /dev/zero | tr '\0' x)"
		done
		printf 'see an entry is longer than 1048576 bytes\nprompt >\ntype here\\r\nsee "here"\n'
		printf 'prompt >\ntype \\x04\n'
	} >script
	TERM=dumb run pty prompt t <script
	assert_success
}

@test "what comes meanwhile is printed above the line being typed" {
	mkfifo fifo
	# With its stdout on the terminal too.
	run pty prompt t fifo <<-'END'
		prompt >
		type half
		see half
		run echo news > fifo
		see came: news
		see > half
		type  done\r
		see "half done"
		prompt >
		type \x04
	END
	assert_success
}

@test "a hang-up ends it, and a terminal that is stopped and goes on is drawn again" {
	person prompt t <<<$'prompt >\ntype x\nsee x\nhang'
	assert_equal "$status" 129
	person bash -ic 'set -m; prompt t; fg' <<-'END'
		prompt >
		type abc
		see abc
		type \x1a
		see Stopped
		see abc
		type d\r
		prompt >
		type \x04
	END
	assert_success
	assert_equal "$(grep -c '"abcd"' out)" 1
}

@test "a dumb terminal gets lines without a single control sequence" {
	TERM=dumb person prompt t <<<$'prompt >\ntype {\\r\nsee ...\ntype }\\r\nprompt >\ntype x\\x03\nprompt >\ntype \\x04'
	assert_success
	assert_equal "$(cat out)" '"{\n}"'
	refute_output --partial $'\e'
	[ ! -e "$BX_STATE/history-t-$UID" ]
}

@test "from a pipe there is no prompt, and a last line without its end counts" {
	run --separate-stderr prompt t <<<$'one\r\n\n{\n}'
	assert_success
	assert_output $'"one"\n"{\\n}"'
	assert_equal "$stderr" ''
	run prompt t < <(printf 'a\n{ b')
	assert_output $'"a"\n"{ b\\n"'
	run prompt t < <(head -c 1100000 /dev/zero | tr '\0' x)
	assert_failure 1
	assert_output "a line is longer than 1048576 bytes"
}

@test "from a pipe too, what comes meanwhile is printed at once" {
	mkfifo fifo in out
	prompt t fifo <in >out &
	exec 8>in 7<out
	echo news >fifo
	read -r line <&7
	assert_equal "$line" 'came: news'
	echo x >&8
	read -r line <&7 # the end of the other's line
	read -r line <&7
	assert_equal "$line" '"x"'
	exec 8>&-
	wait $!
}
