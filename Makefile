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
LIBS     := libcurl libcjson libmicrohttpd gnutls sqlite3 libsodium libedit
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings
BXFLAGS  := -std=c11 -D_GNU_SOURCE -DBX_VERSION='"$(VERSION)"' -Ilib -fstack-protector-strong -D_FILE_OFFSET_BITS=64 $(WARN)
LDLIBS   := $(shell pkg-config --libs $(LIBS) 2>/dev/null) -lwslay -lpthread -lm
ifneq ($(SAN),)
BXFLAGS  += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -DBX_SAN=1
LDSAN    := -fsanitize=address,undefined
endif
Q        := $(if $(V),,@)

SINGLE   := $(patsubst cmd/%.c,%,$(wildcard cmd/bx-*.c))
# A folder is a tool once one of its files has main.
FOLDERS  := $(patsubst cmd/%/,%,$(sort $(dir $(shell grep -ls '^int main' cmd/bx-*/*.c))))
TOOLS    := $(SINGLE) $(FOLDERS)
LIBOBJ   := $(patsubst %.c,$(B)/%.o,$(wildcard lib/*.c))
UNITS    := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/*.c))
HELPERS  := $(patsubst tests/tools/%.c,$(B)/tests/tools/%,$(wildcard tests/tools/*.c))
ASSETS   := $(wildcard cmd/bx-*/*.html cmd/bx-*/*.css cmd/bx-*/*.js)

PAGES    := $(patsubst man/%.in,$(B)/man/%,$(wildcard man/*.in)) $(patsubst man/%,$(B)/man/%,$(wildcard man/*.[1-8]))
MANDIR   ?= $(PREFIX)/share/man
DATADIR  ?= $(PREFIX)/share

.PHONY: all
all: $(TOOLS:%=$(B)/bin/%) $(PAGES)

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

$(B)/bin/%:
	@mkdir -p $(@D)
	@echo '  LD    $@'
	$(Q)$(CC) $(CFLAGS) $(LDSAN) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDFLAGS) $(LDLIBS)

# The tool writes the parts of its page that the rows know.
.SECONDEXPANSION:
$(B)/man/%: man/%.in $$(B)/bin/$$(basename $$*)
	@mkdir -p $(@D)
	@echo '  MAN   $@'
	$(Q)$(filter $(B)/bin/%,$^) --manual < $< > $@.tmp && mv $@.tmp $@

$(B)/man/%: man/%
	@mkdir -p $(@D)
	$(Q)cp $< $@

# Unit tests may include a tool's own pure file, so they see cmd/ folders too.
$(B)/tests/%: tests/unit/%.c $(B)/libbx.a $(B)/flags
	@mkdir -p $(@D)
	@echo '  TEST  $@'
	$(Q)$(CC) $(CFLAGS) $(BXFLAGS) -Icmd -Itests/unit -MMD -MP -MF $@.d $(LDSAN) -o $@ $< $(filter %.a,$^) $(LDFLAGS) $(LDLIBS)

# Programs the bats files use.
$(B)/tests/tools/%: tests/tools/%.c $(B)/flags
	@mkdir -p $(@D)
	@echo '  TEST  $@'
	$(Q)$(CC) $(CFLAGS) $(BXFLAGS) $(LDSAN) -o $@ $< $(LDFLAGS)

.PHONY: units
units: $(UNITS) $(HELPERS)
	@:

# What the tests need comes first; the build is a make of its own, which sees what that brought.
# make check TESTS='json tests/card.bats' runs only those.
SPREAD    = $(if $(findstring j,$(firstword -$(MAKEFLAGS))),,-j$(shell nproc))
.PHONY: deps check demo
deps:
	@tests/needs build
check:
	@tests/needs
	@$(MAKE) --no-print-directory $(SPREAD) all units
	@B=$(B) tests/run $(TESTS)
demo:
	@tests/needs
	@$(MAKE) --no-print-directory $(SPREAD) all
	@B=$(B) KEEP=$(KEEP) tests/demo

.PHONY: install
install: all
	install -d $(DESTDIR)$(BINDIR)
	install -m 0755 $(TOOLS:%=$(B)/bin/%) $(DESTDIR)$(BINDIR)
	for page in $(PAGES); do \
		install -D -m 0644 $$page $(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/} || exit 1; done
	install -D -m 0644 completions/bx.bash $(DESTDIR)$(DATADIR)/bash-completion/completions/bx
	for tool in $(TOOLS); do \
		ln -sf bx $(DESTDIR)$(DATADIR)/bash-completion/completions/$$tool || exit 1; done
	install -D -m 0644 completions/_bx $(DESTDIR)$(DATADIR)/zsh/site-functions/_bx
	install -D -m 0644 completions/bx.fish $(DESTDIR)$(DATADIR)/fish/vendor_completions.d/bx.fish

.PHONY: clean
clean:
	rm -rf build build-*

.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
