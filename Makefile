# Knobs: make CC=clang, make SAN=1, make V=1, make install PREFIX=/usr DESTDIR=/tmp/x
CC       ?= gcc
PREFIX   ?= /usr/local
BINDIR   ?= $(PREFIX)/bin
DESTDIR  ?=
SAN      ?=
V        ?=
CFLAGS   ?= -O2 -g
B        ?= build$(if $(filter-out gcc cc,$(CC)),-$(notdir $(CC)))$(if $(SAN),-san)

VERSION  := 0.1.0
LIBS     := libcurl libcjson gnutls sqlite3 libsodium
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings
BXFLAGS  := -std=c11 -D_GNU_SOURCE -DBX_VERSION='"$(VERSION)"' -Ilib -fstack-protector-strong -D_FILE_OFFSET_BITS=64 $(WARN)
libs     = $(shell pkg-config --libs $(1) 2>/dev/null)
LDLIBS   := $(call libs,$(LIBS)) -lwslay -lpthread -lm
comma    := ,
ifneq ($(SAN),)
BXFLAGS  += -fsanitize=address,undefined$(if $(FUZZER),$(comma)fuzzer-no-link) -fno-sanitize-recover=undefined -fno-omit-frame-pointer -DBX_SAN=1
LDSAN    := -fsanitize=address,undefined
endif
Q        := $(if $(V),,@)

SINGLE   := $(patsubst cmd/%.c,%,$(wildcard cmd/bx-*.c))
# A folder is a tool once one of its files has main.
FOLDERS  := $(patsubst cmd/%/,%,$(sort $(dir $(shell grep -ls '^int main' cmd/bx-*/*.c))))
TOOLS    := $(SINGLE) $(FOLDERS)
LIBOBJ   := $(patsubst %.c,$(B)/%.o,$(wildcard lib/*.c))
UNITS    := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/*.c))
BENCHES  := $(patsubst tests/bench/%.c,$(B)/tests/bench/%,$(wildcard tests/bench/*.c))
HELPERS  := $(patsubst tests/tools/%.c,$(B)/tests/tools/%,$(wildcard tests/tools/*.c))
ASSETS   := $(wildcard cmd/bx-*/*.html cmd/bx-*/*.css cmd/bx-*/*.js)

PAGES    := $(patsubst man/%.in,$(B)/man/%,$(wildcard man/*.in)) $(patsubst man/%,$(B)/man/%,$(wildcard man/*.[1-8]))
MANDIR   ?= $(PREFIX)/share/man
DATADIR  ?= $(PREFIX)/share

.PHONY: all
all: $(B)/layers $(TOOLS:%=$(B)/bin/%) $(PAGES)

# What no compiler checks; the stamp makes a second build do nothing.
CHECKED  := $(wildcard lib/*.[ch] cmd/*/*.[ch] cmd/*/*.js cmd/bx-*.c)
$(B)/layers: tests/layers $(CHECKED)
	@mkdir -p $(@D)
	$(Q)tests/layers
	@touch $@
.PHONY: layers lint
layers:
	@tests/layers
lint:
	@tests/needs lint
	@tests/lint

# A changed compiler or flag rebuilds everything that was built with the old one.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CFLAGS) $(BXFLAGS) $(LDLIBS)' | cmp -s - $@ || echo '$(CC) $(CFLAGS) $(BXFLAGS) $(LDLIBS)' > $@
.PHONY: FORCE
FORCE:

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	@echo '  CC    $<'
	$(Q)$(CC) $(CFLAGS) $(BXFLAGS) -I$(<D) -MMD -MP -c -o $@ $<

$(B)/libbx.a: $(LIBOBJ)
	@echo '  AR    $@'
	$(Q)rm -f $@ && ar rcs $@ $^

# Pages are embedded as they are: the symbol is named after the file (embed.h).
$(B)/assets/%.o: cmd/%
	@mkdir -p $(@D)
	@echo '  EMBED $<'
	$(Q)cd $(<D) && ld -r -b binary -z noexecstack -o $(abspath $@) $(<F)

define single
$(B)/bin/$(1): $(B)/cmd/$(1).o $(B)/libbx.a
endef
define folder
$(B)/bin/$(1): $(patsubst %.c,$(B)/%.o,$(wildcard cmd/$(1)/*.c)) $(patsubst cmd/%,$(B)/assets/%.o,$(filter cmd/$(1)/%,$(ASSETS))) $(B)/libbx.a
endef
$(foreach t,$(SINGLE),$(eval $(call single,$(t))))
$(foreach t,$(FOLDERS),$(eval $(call folder,$(t))))

# libcurl brings thirty libraries along, and the loader looks for each name in all that come before
# its own. With those of the most names first, a call takes a twentieth less time. The name that -u asks
# for is that of lib/http_lean.c.
$(patsubst %,$(B)/bin/%,bx-auth bx-bind bx-call bx-rest): FIRST := -Wl,-u,_gnutls_global_init_skip \
	-Wl,--push-state,--no-as-needed $(call libs,libcrypto) $(call libs,sqlite3) -lc $(call libs,gnutls) \
	$(call libs,libcurl) -Wl,--pop-state

$(B)/bin/%:
	@mkdir -p $(@D)
	@echo '  LD    $@'
	$(Q)$(CC) $(CFLAGS) $(LDSAN) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDFLAGS) $(FIRST) $(LDLIBS)

# The tool writes the parts of its page that the rows know.
.SECONDEXPANSION:
$(B)/man/%: man/%.in $$(B)/bin/$$(basename $$*)
	@mkdir -p $(@D)
	@echo '  MAN   $@'
	$(Q)$(filter $(B)/bin/%,$^) --manual < $< > $@.tmp && mv $@.tmp $@

# A page of no tool of its own.
$(B)/man/bx-json.7: man/bx-json.7.in $(B)/bin/bx-card
	@mkdir -p $(@D)
	@echo '  MAN   $@'
	$(Q)$(B)/bin/bx-card --manual < $< > $@.tmp && mv $@.tmp $@

$(B)/man/%: man/%
	@mkdir -p $(@D)
	$(Q)cp $< $@

# Unit tests may include a tool's own pure file, so they see cmd/ folders too.
$(B)/tests/%: tests/unit/%.c $(B)/libbx.a $(B)/flags
	@mkdir -p $(@D)
	@echo '  TEST  $@'
	$(Q)$(CC) $(CFLAGS) $(BXFLAGS) -Icmd -Itests/unit -MMD -MP -MF $@.d $(LDSAN) -o $@ $< $(filter %.a,$^) $(LDFLAGS) $(LDLIBS)

# Programs the bats files use.
$(B)/tests/tools/%: tests/tools/%.c $(B)/libbx.a $(B)/flags
	@mkdir -p $(@D)
	@echo '  TEST  $@'
	$(Q)$(CC) $(CFLAGS) $(BXFLAGS) -MMD -MP -MF $@.d $(LDSAN) -o $@ $< $(filter %.a,$^) $(LDFLAGS) $(LDLIBS)

$(B)/tests/bench/%: tests/bench/%.c $(B)/libbx.a $(B)/flags
	@mkdir -p $(@D)
	@echo '  TEST  $@'
	$(Q)$(CC) $(CFLAGS) $(BXFLAGS) -MMD -MP -MF $@.d $(LDSAN) -o $@ $< $(filter %.a,$^) $(LDFLAGS) $(LDLIBS)

# Fuzzers: one function each, driven by clang's libFuzzer where FUZZER is set, by files otherwise.
# They may stand in for a part of a tool, so what they need of it is taken from an archive.
FUZZERS  := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c)))
define parts
$(B)/lib$(1).a: $(patsubst %.c,$(B)/%.o,$(filter-out cmd/$(1)/main.c,$(wildcard cmd/$(1)/*.c))) $(patsubst cmd/%,$(B)/assets/%.o,$(filter cmd/$(1)/%,$(ASSETS)))
	@echo '  AR    $$@'
	$(Q)rm -f $$@ && ar rcs $$@ $$^
endef
$(foreach t,bx-sandbox bx-serve,$(eval $(call parts,$(t))))
$(B)/tests/fuzz/%: tests/fuzz/%.c $(if $(FUZZER),,$(B)/tests/fuzz/replay.o) $(B)/libbx-sandbox.a $(B)/libbx-serve.a $(B)/libbx.a $(B)/flags
	@mkdir -p $(@D)
	@echo '  FUZZ  $@'
	$(Q)$(CC) $(CFLAGS) $(BXFLAGS) -Icmd -MMD -MP -MF $@.d $(LDSAN) $(if $(FUZZER),-fsanitize=fuzzer) -o $@ $< \
		$(filter %.o,$^) $(filter %.a,$^) $(LDFLAGS) $(LDLIBS)

.PHONY: units fuzzers
units: $(UNITS) $(HELPERS) $(FUZZERS)
	@:
fuzzers: $(FUZZERS)
	@:

# The public JavaScript client the sandbox is tested with, as the lock file pins it.
SDK      := $(B)/sdk/node_modules/.package-lock.json
.PHONY: sdk
sdk: $(SDK)
$(SDK): tests/sdk/package.json tests/sdk/package-lock.json
	@mkdir -p $(B)/sdk
	@echo '  NPM   $(B)/sdk'
	$(Q)cp $^ $(B)/sdk && cd $(B)/sdk && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# A browsable copy of the manual.
HTMLDIR  := $(B)/html
.PHONY: man-html
man-html: $(PAGES)
	@command -v mandoc >/dev/null || tests/needs
	@man/to-html $(HTMLDIR) $(PAGES)
	@echo '  HTML  $(HTMLDIR)/index.html'

# What the tests need comes first; the build is a make of its own, which sees what that brought.
# make check TESTS='json tests/card.bats' runs only those.
SPREAD    = $(if $(findstring j,$(firstword -$(MAKEFLAGS))),,-j$(shell nproc))
.PHONY: deps check check-bare soak demo bench fuzz
deps:
	@tests/needs build
check:
	@tests/needs
	@$(MAKE) --no-print-directory $(SPREAD) all units sdk
	@B=$(B) tests/run $(TESTS)
# A newcomer's way on a bare Debian that debootstrap makes, as root; for half an hour or more.
# make check-bare BARE=DIR keeps the system for the next time.
check-bare:
	@tests/bare $(BARE)
# The long runs of which make check does a tenth; make soak SEED=N draws the same lots again.
soak:
	@tests/needs
	@$(MAKE) --no-print-directory $(SPREAD) all $(HELPERS)
	@B=$(B) $(if $(SEED),SEED=$(SEED)) tests/soak
	@B=$(B) BX_KILLS=100 $(if $(SEED),BX_SEED=$(SEED)) tests/run tests/storm.bats
# make bench BENCH='pages lines' measures only those; tests/bench/run has more knobs.
bench:
	@tests/needs bench
	@$(MAKE) --no-print-directory $(SPREAD) all $(BENCHES) $(HELPERS)
	@B=$(B) tests/bench/run $(BENCH)
# make fuzz FUZZ='form batch' SECONDS=600 runs only those, that long each.
fuzz:
	@tests/needs fuzz
	@$(MAKE) --no-print-directory $(SPREAD) $(B)/bin/bx-sandbox
	@$(MAKE) --no-print-directory $(SPREAD) CC=clang SAN=1 FUZZER=1 B=build-fuzz fuzzers
	@B=build-fuzz BX_BIN=$(CURDIR)/$(B)/bin FUZZ_SECONDS=$(or $(SECONDS),60) tests/fuzz/run $(FUZZ)
demo:
	@tests/needs demo
	@$(MAKE) --no-print-directory $(SPREAD) all
	@B=$(B) KEEP=$(KEEP) tests/demo

# Where things go; packages of a distribution set their own.
DOCDIR      ?= $(DATADIR)/doc/bx
ZSHDIR      ?= $(DATADIR)/zsh/site-functions
UNITDIR     ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d

.PHONY: install
install: all
	install -d $(DESTDIR)$(BINDIR)
	install -m 0755 $(TOOLS:%=$(B)/bin/%) $(DESTDIR)$(BINDIR)
	for page in $(PAGES); do \
		install -D -m 0644 $$page $(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/} || exit 1; done
	for tool in $(TOOLS); do \
		install -D -m 0644 completions/bx.bash $(DESTDIR)$(DATADIR)/bash-completion/completions/$$tool && \
		install -D -m 0644 completions/bx.fish $(DESTDIR)$(DATADIR)/fish/vendor_completions.d/$$tool.fish && \
		install -D -m 0644 completions/_bx $(DESTDIR)$(ZSHDIR)/_$$tool || exit 1; done
	install -d $(DESTDIR)$(UNITDIR)
	for unit in systemd/*.in; do \
		unit=$${unit##*/}; \
		sed "s,@BINDIR@,$(BINDIR),g" systemd/$$unit > $(DESTDIR)$(UNITDIR)/$${unit%.in} || exit 1; \
		chmod 0644 $(DESTDIR)$(UNITDIR)/$${unit%.in}; done
	install -m 0644 $(wildcard systemd/*.timer systemd/*.socket) $(DESTDIR)$(UNITDIR)
	install -D -m 0644 systemd/sysusers.conf $(DESTDIR)$(SYSUSERSDIR)/bx.conf
	install -D -m 0644 systemd/tmpfiles.conf $(DESTDIR)$(TMPFILESDIR)/bx.conf
	install -d $(DESTDIR)$(DOCDIR)/examples
	install -m 0644 $(wildcard examples/*) $(wildcard tests/flows/*) $(DESTDIR)$(DOCDIR)/examples
	install -m 0644 man/card.png $(wildcard CHANGELOG) $(DESTDIR)$(DOCDIR)
	sed 's,](man/,](,; s,](tests/flows/,](examples/,g; s,\[\(CONTRIBUTING.md\)\]([^)]*),\1,' README.md > $(DESTDIR)$(DOCDIR)/README.md
	chmod 0644 $(DESTDIR)$(DOCDIR)/README.md

# The release: the same bytes from the same sources, whoever packs them, also from an unpacked one.
RELEASE  := bx-$(VERSION)
EPOCH     = $(or $(SOURCE_DATE_EPOCH),$(shell test -e .git && git log -1 --format=%ct || stat -c %Y Makefile))
SOURCES   = { test -e .git && git ls-files -z || find . -type f ! -path './build*' -printf '%P\0'; }
.PHONY: dist deb
dist:
	@mkdir -p $(B)
	@$(SOURCES) | LC_ALL=C sort -z | \
	tar --null --no-recursion -T - --transform 's,^,$(RELEASE)/,' --format=ustar --mtime=@$(EPOCH) \
		--owner=0 --group=0 --numeric-owner --mode=u+rw,go+r-w,a+X -cf - | \
		gzip -9n > $(B)/$(RELEASE).tar.gz
	@echo '  DIST  $(B)/$(RELEASE).tar.gz'

# Packages from the release, so that nothing of this folder slips in. Their changes are CHANGELOG's;
# whoever packs them for others names himself: make deb MAINTAINER='Ann Lee <ann@crm.org>'.
DEBDIR   := $(B)/deb
MAINTAINER ?= The bx authors <bx@localhost>
deb: dist
	@tests/needs deb
	@rm -rf $(DEBDIR) && mkdir -p $(DEBDIR) && tar -xzf $(B)/$(RELEASE).tar.gz -C $(DEBDIR)
	@{ echo 'bx ($(VERSION)) unstable; urgency=medium'; sed '1d; /^bx /,$$d' CHANGELOG; \
		echo; echo ' -- $(MAINTAINER)  '"$$(LC_ALL=C date -Rud @$(EPOCH))"; } \
		> $(DEBDIR)/$(RELEASE)/debian/changelog
	@sed -i 's/^Maintainer:.*/Maintainer: $(MAINTAINER)/' $(DEBDIR)/$(RELEASE)/debian/control
	@cd $(DEBDIR)/$(RELEASE) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL DEB_BUILD_OPTIONS=noautodbgsym \
		dpkg-buildpackage -us -uc -b -j$$(nproc) > ../build.log 2>&1 || { tail -n 30 ../build.log; exit 1; }
	@ls $(DEBDIR)/*.deb

.PHONY: clean
clean:
	rm -rf build build-*

.SECONDARY:
-include $(shell find $(B) \( -path $(B)/deb -o -path $(B)/sdk \) -prune -o -name '*.d' -type f -print 2>/dev/null)
