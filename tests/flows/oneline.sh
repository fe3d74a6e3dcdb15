#!/bin/sh
# The same as one line: every tool prints a line that carries CALL_ID, and the next one reads it.
set -eu

bx-call register --ext 101 --phone '+1 555 010 0199' --type in |
	bx-card -c - wait initialized |
	bx-card -c - state connected |
	bx-call -c - finish --duration 5
